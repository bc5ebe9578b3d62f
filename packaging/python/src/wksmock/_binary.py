"""Finds the program `wksmock`."""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from pathlib import Path
from typing import Optional

from ._errors import BinaryNotFound

NAME = "wksmock.exe" if os.name == "nt" else "wksmock"


def find_binary(given: Optional[str] = None) -> str:
    """Returns the path of the program: `given`, or `WKSMOCK_BINARY`, or the installed package's, or the one on `PATH`.

    Raises `BinaryNotFound`, also if the first two name a file that cannot be run: another version would surprise.
    """
    for value, source in ((given, "--wksmock-binary"), (os.environ.get("WKSMOCK_BINARY"), "WKSMOCK_BINARY")):
        if value:
            found = shutil.which(value)
            if found is None:
                raise BinaryNotFound(f"{source} names {value!r}, which is not an executable file")
            return os.path.abspath(found)
    found = _of_package() or shutil.which(NAME)
    if found is None:
        raise BinaryNotFound(
            "the program `wksmock` was not found: this installation has none for your platform, and PATH neither. "
            "Install the wheel for your platform (`pip install --force-reinstall wksmock`), or name a program with "
            "--wksmock-binary or the variable WKSMOCK_BINARY."
        )
    return found


def _of_package() -> Optional[str]:
    """The program that was installed with this package, in whatever scheme: the list of installed files names it."""
    try:
        files = metadata.distribution("wksmock").files or []
    except metadata.PackageNotFoundError:
        files = []
    places = [Path(str(file.locate())) for file in files if file.name == NAME]
    # `pip install --target` moves the program and keeps the list as it was.
    places.append(Path(__file__).resolve().parent.parent / "bin" / NAME)
    return next((os.path.normpath(place) for place in places if os.access(place, os.X_OK) and place.is_file()), None)
