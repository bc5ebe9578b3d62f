"""Writes target/packages/SHA256SUMS, with each file there that is published."""

import hashlib
import pathlib

PACKAGES = pathlib.Path(__file__).resolve().parents[1] / "target/packages"
ENDINGS = (".tar.gz", ".tar", ".tgz", ".deb", ".whl", ".jar", ".zip", ".cdx.json")

files = [*PACKAGES.glob("*"), *PACKAGES.glob("*/*")]
published = sorted(
    str(file.relative_to(PACKAGES)) for file in files
    if file.is_file() and file.name.endswith(ENDINGS) and file.parent.name not in ("beside", "image")
)
lines = [f"{hashlib.sha256((PACKAGES / name).read_bytes()).hexdigest()}  {name}\n" for name in published]
(PACKAGES / "SHA256SUMS").write_text("".join(lines))
