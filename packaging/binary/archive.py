"""Archives with the same bytes for the same files: sorted, owned by root, with the time of the commit."""

import gzip
import io
import os
import tarfile


def tar(entries):
    """The bytes of a tar archive. An entry is a path with its bytes and mode, and its owner if that is not root; a path that ends
    with / is a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode, *owner) in sorted(with_folders(entries).items()):
            member = tarfile.TarInfo(name.rstrip("/"))
            member.mode, member.mtime = mode, int(os.environ["SOURCE_DATE_EPOCH"])
            member.uid = member.gid = owner[0] if owner else 0
            if name.endswith("/"):
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def with_folders(entries):
    """The entries, and each folder that contains one."""
    folders = {}
    for name in entries:
        parts = name.rstrip("/").split("/")[:-1]
        for depth in range(len(parts)):
            folders["/".join(parts[: depth + 1]) + "/"] = (b"", 0o755)
    return {**folders, **entries}


def gz(content):
    """The bytes compressed, without a name or time."""
    return gzip.compress(content, compresslevel=9, mtime=0)
