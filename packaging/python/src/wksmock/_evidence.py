"""A journal as text, for reports."""

from __future__ import annotations

from typing import List

from ._shapes import Request

# Of a long journal, the first and last are shown.
FIRST_SHOWN = 50
LAST_SHOWN = 50


def journal(requests: List[Request], project: str) -> str:
    """One line for each request: when, what, the answer, the rules, and why it was refused."""
    lines = [_entry(one, project) for one in requests]
    hidden = len(lines) - FIRST_SHOWN - LAST_SHOWN
    if hidden > 0:
        lines[FIRST_SHOWN:-LAST_SHOWN] = [f"… {hidden} more …"]
    return "\n".join(lines)


def _entry(one: Request, project: str) -> str:
    answer, decision = one["answer"], one["decision"]
    if answer is None:
        met = "in flight" if one["state"] == "in_flight" else "no answer"
    else:
        met = f"{answer['status']} after {answer['after_ms']} ms"
    target = one["target"].replace(f"/{project}", "/…", 1)
    pieces = [f"{one['at_ms']:>6} ms  {one['method']} {target}  {met}"]
    if one["call"] is not None:
        pieces.append(f"call {one['call']}")
    if decision is not None:
        if decision["fault"] is not None:
            pieces.append(decision["fault"].replace("_", " "))
        if decision["password"] is not None and (answer is None or answer["status"] >= 400):
            pieces.append("the password was reset anyway")
        rules = (_rule(cause["rule"], project) for cause in decision["causes"].values() if cause)
        pieces += [f'by "{rule}"' for rule in dict.fromkeys(rules)]
    if one["problem"]:
        pieces.append(one["problem"])
    return ", ".join(pieces)


def _rule(name: str, project: str) -> str:
    """The name of a rule; of a fault without the clone in which it applies."""
    return name.removesuffix(f" in {project}")
