"""Options of a server, and scenarios."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Tuple, Union

from ._errors import WksmockError

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

#: A file, `builtin:NAME`, or the scenario itself, also as JSON, which begins with a brace.
Scenario = Union[str, "os.PathLike[str]", Mapping[str, Any]]

BUILTIN = "builtin:"
# Flags without which this package cannot reach its server.
OWN_FLAGS = ("--env-file", "--no-admin")


@dataclass(frozen=True)
class Options:
    """What a server is started with. Relative paths are those of `folder`."""

    #: Rules and expectations for each clone that brings no scenario of its own.
    scenario: Optional[Scenario] = None
    #: The seed of all draws. Default: the files', or 0.
    seed: Optional[int] = None
    #: Users files or directories, in place of the built-in users.
    users: Union[str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]] = ()
    #: More flags of `wksmock serve`, such as `("--fault", "0001=503")`.
    args: Sequence[str] = ()
    #: Whether it also serves HTTPS, to which the variables then lead: see `https_url` and `ca_file` of the server.
    tls: bool = False
    #: Whether the fixture `wksmock` sets the variables of its clone in this process while its test runs.
    set_environ: bool = True

    def flags(self) -> Tuple[str, ...]:
        """The flags of `wksmock serve`, without a scenario that is not a file."""
        for flag in self.args:
            if flag.split("=", 1)[0] in OWN_FLAGS:
                what = "this package finds the server by a file of its own, and needs its admin API"
                raise WksmockError(f"{flag} cannot be among the args: {what}")
        users = (self.users,) if isinstance(self.users, (str, os.PathLike)) else self.users
        flags = [flag for path in users for flag in ("--users", os.fspath(path))]
        if self.seed is not None:
            flags += ["--seed", str(self.seed)]
        file = None if self.scenario is None or is_inline(self.scenario) else self.scenario
        if file is not None and not isinstance(file, Mapping):
            flags += ["--scenario", os.fspath(file)]
        if self.tls:
            flags.append("--tls")
        return (*flags, *self.args)


def is_inline(scenario: Scenario) -> bool:
    """Whether this is the scenario itself, and no name of one."""
    return isinstance(scenario, Mapping) or os.fspath(scenario).lstrip().startswith("{")


def read_object(value: Any, what: str) -> Mapping[str, Any]:
    """A JSON object, given as a mapping or as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise WksmockError(f"{what}: expected a dict, or the JSON of an object: {error}: {value}") from None
    if not isinstance(value, Mapping):
        raise WksmockError(f"{what}: expected a dict, or the JSON of an object, not {value!r}")
    return value


class Document:
    """The text of a scenario or a rule, with its name in errors."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        # How many characters stand before it on the first line of the body in which it is sent.
        self.begins_at = 0

    @classmethod
    def of(cls, value: Any, name: str) -> Document:
        return cls(name, json.dumps(value, ensure_ascii=False, indent=2))

    @classmethod
    def read(cls, file: Path) -> Document:
        name = os.path.relpath(file)
        try:
            return cls(str(file) if name.startswith("..") else name, file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise WksmockError(f"cannot read the scenario {str(file)!r}: {error}") from error

    def sent_in(self, body: str) -> str:
        """A JSON text with this document in place of its last `null`."""
        before, _, after = body.rpartition("null")
        self.begins_at = len(before)
        return f"{before}{self.text}{after}"

    def place(self, line: int, column: int) -> str:
        """A place in the body as one in this document."""
        return f"{self.name}:{line}:{self.column(line, column)}"

    def column(self, line: int, column: int) -> int:
        return column - self.begins_at if line == 1 else column

    def drawn(self, error: Mapping[str, Any]) -> str:
        """A mistake in the body with its place, the line that has it, and the hint."""
        place, message = str(error.get("place", "")), str(error.get("message", ""))
        hint = f"\n  hint: {error['hint']}" if error.get("hint") else ""
        lines = self.text.splitlines()
        where = [int(number) for number in place.split(":")[-2:] if number.isdigit()]
        if len(where) != 2 or not 1 <= where[0] <= len(lines) or self.column(*where) < 1:
            return f"{self.name}: {message}{hint}"
        shown = lines[where[0] - 1]
        margin = f"{where[0]:>4} "
        before = "".join("\t" if letter == "\t" else " " for letter in shown[: self.column(*where) - 1])
        return f"{self.place(*where)}: {message}\n{margin}| {shown}\n{' ' * len(margin)}| {before}^{hint}"
