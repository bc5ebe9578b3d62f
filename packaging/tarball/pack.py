"""Packs the tarball: pack.py VERSION PROGRAM."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging/binary"))
import archive  # noqa: E402

version, program = sys.argv[1:]
top = f"wksmock-{version}-{os.environ['TARGET']}"
packages = ROOT / "target/packages"
beside = packages / "beside"

files = {"wksmock": pathlib.Path(program)}
files |= {str(file.relative_to(beside)): file for file in beside.rglob("*") if file.is_file()}
for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "bench/RESULTS.md"]:
    files[name] = ROOT / name
for pattern in ["docs/*.md", "docs/images/*", "scenarios/*.json", "fixtures/*.json", "packaging/deploy/**/*.yaml"]:
    files |= {str(file.relative_to(ROOT)): file for file in ROOT.glob(pattern)}

entries = {
    f"{top}/{name}": (file.read_bytes(), 0o755 if name == "wksmock" else 0o644) for name, file in sorted(files.items())
}
out = packages / f"{top}.tar.gz"
out.write_bytes(archive.gz(archive.tar(entries)))
(packages / f"{top}.cdx.json").write_bytes((beside / "wksmock.cdx.json").read_bytes())
print(out)
