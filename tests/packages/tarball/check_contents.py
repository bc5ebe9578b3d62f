"""Checks licences and bill of materials of an unpacked tarball: check_contents.py FOLDER."""

import json
import pathlib
import re
import subprocess
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

folder = pathlib.Path(sys.argv[1])
text = (folder / "wksmock.cdx.json").read_text()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
assert error is None, f"the bill of materials is not CycloneDX 1.6: {error}"

components = {(one["name"], one["version"]) for one in json.loads(text)["components"]}
assert ("hyper", dict(components)["hyper"]) in components
compiled = subprocess.run(
    ["cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"],
    check=True, capture_output=True, text=True).stdout
linked = set(re.findall(r"^(\S+) v(\S+)", compiled, re.MULTILINE)) - {("wksmock", json.loads(text)["metadata"]["component"]["version"])}
assert components == linked, f"the bill of materials and the crates differ in {components ^ linked}"

licences = (folder / "THIRD-PARTY-LICENSES.txt").read_text()
blocks = re.findall(r"^={100}\n(.+)\n={100}$", licences, re.MULTILINE)
with_text = {name for block in blocks for name in block.split(", ")}
without = {f"{name} {version}" for name, version in components} - with_text
assert not without, f"no licence text for {sorted(without)}"
for work in ["preact (in the console)", "htm (in the console)", "the standard library of Rust"]:
    assert work in with_text, f"no licence text for {work}"
