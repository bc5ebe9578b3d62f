"""Writes the image as an OCI layout, and as one file: pack.py VERSION PROGRAM."""

import datetime
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging/binary"))
import archive  # noqa: E402

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# The user of the image, who can keep a certificate authority in /tls; a new volume there gets the owner of the folder.
OWNER = 65532
UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9}
OCI = "application/vnd.oci.image"


def main(version, program):
    architecture = ARCHITECTURES[os.environ["TARGET"].split("-")[0]]
    created = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    created = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    settings = settings_of((ROOT / "packaging/image/Dockerfile").read_text())
    settings["Labels"]["org.opencontainers.image.version"] = version
    settings["Labels"]["org.opencontainers.image.created"] = created
    if os.environ.get("COMMIT"):
        settings["Labels"]["org.opencontainers.image.revision"] = os.environ["COMMIT"]

    blobs = {}
    layer = archive.tar(files(program))
    packed = blob(blobs, archive.gz(layer))
    config = blob(blobs, as_json({
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created, "created_by": "packaging/image/build"}],
    }))
    manifest = blob(blobs, as_json({
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": {"mediaType": f"{OCI}.config.v1+json", **config},
        "layers": [{"mediaType": f"{OCI}.layer.v1.tar+gzip", **packed}],
        "annotations": settings["Labels"],
    }))
    layout = {f"blobs/sha256/{name}": content for name, content in blobs.items()}
    layout["oci-layout"] = as_json({"imageLayoutVersion": "1.0.0"})
    layout["index.json"] = as_json({
        "schemaVersion": 2,
        "mediaType": f"{OCI}.index.v1+json",
        "manifests": [{
            "mediaType": f"{OCI}.manifest.v1+json",
            **manifest,
            "platform": {"architecture": architecture, "os": "linux"},
            "annotations": {
                "org.opencontainers.image.ref.name": version,
                "io.containerd.image.name": f"docker.io/library/wksmock:{version}",
            },
        }],
    })
    # The form that older engines load.
    layout["manifest.json"] = as_json([{
        "Config": path(config), "RepoTags": [f"wksmock:{version}"], "Layers": [path(packed)],
    }])
    write(layout, f"wksmock-{version}-image-{architecture}.tar")


def files(program):
    """The image's root. The bill of materials is where scanners of images look for one."""
    beside, documents = ROOT / "target/packages/beside", "usr/share/doc/wksmock"
    entries = {"wksmock": (pathlib.Path(program).read_bytes(), 0o755), "tls/": (b"", 0o755, OWNER)}
    for file in [ROOT / "LICENSE-APACHE", ROOT / "LICENSE-MIT", beside / "THIRD-PARTY-LICENSES.txt", beside / "wksmock.cdx.json"]:
        entries[f"{documents}/{file.name}"] = (file.read_bytes(), 0o644)
    return entries


def settings_of(dockerfile):
    """The settings in the last stage of a Dockerfile, as an image's configuration has them."""
    settings = {"User": "", "ExposedPorts": {}, "Env": [], "Labels": {}, "WorkingDir": "/"}
    for line in dockerfile.split("\nFROM scratch\n")[1].splitlines():
        word, _, rest = line.partition(" ")
        if word == "ENV":
            settings["Env"].append(rest)
        elif word == "LABEL":
            name, _, value = shlex.split(rest)[0].partition("=")
            settings["Labels"][name] = value
        elif word == "EXPOSE":
            settings["ExposedPorts"][f"{rest}/tcp"] = {}
        elif word == "HEALTHCHECK":
            flags, command = rest.split(" CMD ")
            settings["Healthcheck"] = {"Test": ["CMD", *json.loads(command)]} | {
                "".join(part.capitalize() for part in name.split("-")): number(text)
                for name, text in re.findall(r"--(\S+)=(\S+)", flags)
            }
        elif word in ("ENTRYPOINT", "CMD"):
            settings[word.capitalize()] = json.loads(rest)
        elif word in ("USER", "STOPSIGNAL"):
            settings[{"USER": "User", "STOPSIGNAL": "StopSignal"}[word]] = rest
        elif word and word not in ("COPY", "#"):
            raise SystemExit(f"the Dockerfile has {word}, which packaging/image/pack.py does not read")
    return settings


def number(text):
    """A number, or a duration in nanoseconds."""
    digits, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()
    return int(digits) * UNITS.get(unit, 1)


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def blob(blobs, content):
    blobs[digest(content).removeprefix("sha256:")] = content
    return {"digest": digest(content), "size": len(content)}


def path(descriptor):
    return f"blobs/{descriptor['digest'].replace(':', '/')}"


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def write(layout, name):
    packages = ROOT / "target/packages"
    shutil.rmtree(packages / "image", ignore_errors=True)
    for relative, content in layout.items():
        file = packages / "image" / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (packages / name).write_bytes(archive.tar({relative: (content, 0o644) for relative, content in layout.items()}))
    print(packages / name)


main(*sys.argv[1:])
