"""Errors of this package. Each text says what is wrong and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._shapes import Verdict


class WksmockError(Exception):
    """Base class of all errors of this package but `ExpectationsFailed`."""


class BinaryNotFound(WksmockError):
    """The program `wksmock` was not found."""


class ServerFailed(WksmockError):
    """The server did not start, or has ended. The text has its last log lines."""


class AdminError(WksmockError):
    """The server refused a request of the admin API."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class ExpectationsFailed(AssertionError):
    """An expectation does not hold. The text is the evidence."""

    def __init__(self, text: str, verdict: Verdict) -> None:
        super().__init__(text)
        self.verdict = verdict
