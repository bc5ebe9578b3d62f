"""Checks an image's configuration and root: check_config.py CONFIG VERSION ROOT."""

import json
import pathlib
import re
import sys

document = json.loads(pathlib.Path(sys.argv[1]).read_text())
version, root = sys.argv[2], pathlib.Path(sys.argv[3])

config = document["config"]
labels = config.pop("Labels")
assert config == {
    "User": "65532:65532",
    "ExposedPorts": {"7070/tcp": {}, "7443/tcp": {}},
    "Env": ["WKSMOCK_HOST=0.0.0.0", "WKSMOCK_ADMIN_TOKEN=generate"],
    "Entrypoint": ["/wksmock"],
    "Cmd": ["serve"],
    "WorkingDir": "/",
    "StopSignal": "SIGTERM",
    "Healthcheck": {
        "Test": ["CMD", "/wksmock", "health"],
        "Interval": 5_000_000_000,
        "Timeout": 3_000_000_000,
        "StartPeriod": 1_000_000_000,
        "Retries": 3,
    },
}, config
prefix = "org.opencontainers.image."
assert labels.pop(f"{prefix}version") == version
assert re.fullmatch(r"[0-9a-f]{40}(-changed)?", labels.pop(f"{prefix}revision"))
assert labels.pop(f"{prefix}created") == document["created"]
assert sorted(labels) == [f"{prefix}{name}" for name in ("description", "licenses", "title")], labels

found = sorted(str(file.relative_to(root)) for file in root.rglob("*") if not file.is_dir())
documents = ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-LICENSES.txt", "wksmock.cdx.json"]
tls = (root / "tls").stat()
assert (tls.st_uid, tls.st_gid, tls.st_mode & 0o777) == (65532, 65532, 0o755), tls
assert found == [*(f"usr/share/doc/wksmock/{name}" for name in documents), "wksmock"], found
