"""Puts the program into the wheel as a command, and tags the wheel with the platforms on which it runs."""

from __future__ import annotations

import os
import platform
import struct
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A program without an interpreter needs nothing but the kernel, so it runs beside any libc. glibc's start-up code wants
# Linux 3.2, and the oldest distribution behind either tag has 3.10.
STATIC = ("manylinux_2_17_{0}", "manylinux2014_{0}", "musllinux_1_1_{0}")
MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}
PT_INTERP = 3

# The processors of Mach-O files, with the oldest macOS for which rustc compiles.
MACOS = {0x0100000C: "macosx_11_0_arm64", 0x01000007: "macosx_10_12_x86_64"}


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        program = Path(os.environ["WKSMOCK_BUILT"])
        name = "wksmock.exe" if program.suffix == ".exe" else "wksmock"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platforms(program.read_bytes())}"
        build_data["shared_scripts"][str(program)] = name


def platforms(program: bytes) -> str:
    """The platforms of a program, as in the name of a wheel."""
    if program[:4] == b"\xcf\xfa\xed\xfe":
        return MACOS[struct.unpack_from("<I", program, 4)[0]]
    if program[:4] != b"\x7fELF":
        return sysconfig.get_platform().replace("-", "_").replace(".", "_")
    machine = MACHINES.get(struct.unpack_from("<H", program, 18)[0], platform.machine())
    if PT_INTERP in segments(program):
        # For this machine and its like: which libc it needs is not known.
        return f"linux_{machine}"
    return ".".join(sorted(tag.format(machine) for tag in STATIC))


def segments(program: bytes) -> set[int]:
    """The types of the segments of a 64-bit ELF file, least significant byte first."""
    (begin,) = struct.unpack_from("<Q", program, 32)
    size, count = struct.unpack_from("<HH", program, 54)
    return {struct.unpack_from("<I", program, begin + at * size)[0] for at in range(count)}
