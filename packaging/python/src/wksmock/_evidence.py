"""Verdicts and journals as text, for reports."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from ._shapes import Call, Request, Verdict

# Of a long list, the first and last are shown.
FIRST_SHOWN = 15
LAST_SHOWN = 5
JOURNAL_FIRST_SHOWN = 50
JOURNAL_LAST_SHOWN = 50
REFUSED_SHOWN = 5
RESET = "ResetRandomPassword"


def failures(verdict: Verdict, project: str) -> str:
    """The expectations that do not hold: what was expected, what was missing, and the calls."""
    failed = [one for one in verdict["expectations"] if not one["passed"]]
    lines = []
    for one in failed:
        lines.append(f"{one['name']} ({one['place']})")
        lines += [f"  expected: {text}" for text in one["expected"]]
        lines += [f"  but:      {text}" for text in one["misses"]]
        if one["more_misses"]:
            lines.append(f"  but:      {one['more_misses']} more")
    timeline = _timeline([call for one in failed for call in one["seen"]], project)
    if timeline:
        lines.append("seen, one line per user; + is the time from the end of an answer to the next call:")
        lines += [f"  {line}" for line in timeline]
    if any("(done)" in line for line in timeline):
        lines.append("  (done) means that the password was reset, but the client got no success")
    return "\n".join([*lines, *_refused(verdict)])


def journal(requests: List[Request], project: str) -> str:
    """One line for each request: when, what, the answer, the rules, and why it was refused."""
    lines = [_entry(one, project) for one in requests]
    hidden = len(lines) - JOURNAL_FIRST_SHOWN - JOURNAL_LAST_SHOWN
    if hidden > 0:
        lines[JOURNAL_FIRST_SHOWN:-JOURNAL_LAST_SHOWN] = [f"… {hidden} more …"]
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


def _timeline(calls: List[Call], project: str) -> List[str]:
    lanes: Dict[Tuple[str, str], Dict[int, Call]] = {}
    for call in calls:
        who = call["user"] if call["project"] in ("", project) else f"{call['project']}/{call['user']}"
        lanes.setdefault((who, call["operation"]), {})[call["call"]] = call
    lines = []
    for (who, operation), lane in lanes.items():
        pieces, before = [], None
        for _, call in sorted(lane.items()):
            pieces.append(_call(call, before, project))
            before = call
        hidden = len(pieces) - FIRST_SHOWN - LAST_SHOWN
        if hidden > 0:
            pieces[FIRST_SHOWN:-LAST_SHOWN] = [f"… {hidden} more …"]
        lines.append(f"{who if operation == RESET else f'{who} {operation}'}  {' · '.join(pieces)}")
    return lines


def _call(call: Call, before: Optional[Call], project: str) -> str:
    gap = call["gap_ms"] if before is not None else None
    when = f"{call['at_ms']} ms" if gap is None else f"+{gap} ms"
    status = call["status"]
    met = (call["fault"] or "no answer").replace("_", " ") if status is None else str(status)
    if call["done"] and (status is None or status >= 400):
        met += " (done)"
    elif call["done"] is False and status is None:
        met += " (not done)"
    rule = call["rule"]
    if rule is None or (before is not None and before["rule"] == rule):
        return f"{when} {met}"
    return f'{when} {met} by "{_rule(rule, project)}"'


def _rule(name: str, project: str) -> str:
    """The name of a rule; of a fault without the clone in which it applies."""
    return name.removesuffix(f" in {project}")


def _refused(verdict: Verdict) -> List[str]:
    return [
        f"refused {_counted(cause['times'], 'time')} with {cause['status']}: {cause['problem']}"
        for cause in verdict["rejected"]["by"][:REFUSED_SHOWN]
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
