"""What the admin API answers, as types. `docs/admin.md` describes each field."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, TypedDict


class Answer(TypedDict):
    """What was answered."""

    status: int
    bytes: int
    after_ms: int


class Decision(TypedDict):
    """What was decided for a call."""

    status: int
    phase: Optional[str]
    delay_ms: int
    fault: Optional[str]
    password: Optional[str]
    error: Optional[Dict[str, str]]
    causes: Dict[str, Any]


class Request(TypedDict):
    """An entry of the journal."""

    index: int
    epoch: int
    request_id: Optional[str]
    state: str
    at_ms: int
    arrived_unix_ms: int
    operation: Optional[str]
    method: str
    target: str
    project: Optional[str]
    user: Optional[str]
    account: Optional[str]
    call: Optional[int]
    notification_type: List[str]
    headers: Dict[str, str]
    request_body: Optional[Dict[str, Any]]
    decision: Optional[Decision]
    answer: Optional[Answer]
    answer_body: Optional[Dict[str, Any]]
    problem: Optional[str]


class _OptionalOfMessage(TypedDict, total=False):
    account: str
    subject: str
    why: str


class Message(_OptionalOfMessage):
    """A notification that was sent."""

    index: int
    at_ms: int
    type: str
    to: str
    project: str
    user: str
    call: int
    request: int
    password: str
    text: str
    state: str
    attempts: int


class Call(TypedDict):
    """A call by which an expectation was judged."""

    project: str
    user: str
    operation: str
    call: int
    at_ms: int
    status: Optional[int]
    decided: int
    rule: Optional[str]
    fault: Optional[str]
    done: Optional[bool]
    state: str
    gap_ms: Optional[int]
    took_ms: Optional[int]


class Expectation(TypedDict):
    """The verdict on one expectation."""

    name: str
    place: str
    passed: bool
    expected: List[str]
    seen: List[Call]
    more_seen: int
    nearest: Optional[str]
    misses: List[str]
    more_misses: int
    judged_nothing: Optional[str]


class Verdict(TypedDict):
    """The verdict on a clone."""

    passed: bool
    #: The failed expectations and their calls as text; None if all hold.
    report: Optional[str]
    expectations: List[Expectation]
    never_struck: List[Dict[str, Any]]
    rejected: Dict[str, Any]
