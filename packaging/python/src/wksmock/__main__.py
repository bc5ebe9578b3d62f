"""Replaces this process with the program `wksmock`, as in `python -m wksmock serve`."""

from __future__ import annotations

import os
import sys

from ._binary import find_binary
from ._errors import BinaryNotFound


def main() -> None:
    try:
        binary = find_binary()
    except BinaryNotFound as error:
        sys.exit(f"wksmock: {error}")
    sys.stdout.flush()
    os.execv(binary, [binary, *sys.argv[1:]])


if __name__ == "__main__":
    main()
