"""Checks what `go test -json` reports of the four parallel tests."""

import collections
import json
import sys

results, output = {}, collections.defaultdict(str)
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    test = event.get("Test")
    if event["Action"] in ("pass", "fail"):
        results[test] = event["Action"]
    output[test] += event.get("Output", "")

assert results == {
    "TestOutagePasses": "pass",
    "TestDeniedFailsByExpectation": "fail",
    "TestFaultIsSurvived": "pass",
    "TestLostAnswerIsDone": "pass",
    None: "fail",
}, results
report = output["TestDeniedFailsByExpectation"]
for text in (
    "failed: asks once\n",
    "expected: at most 1 call\n",
    "called 3 times: 2 too many\n",
    "seen, one line per user",
    ' ms 403 by "denied" · +',
    "wksmock: the journal of project ",
    'call 3  answered with 403 after ',
):
    assert text in report, f"{text!r} is not in the report:\n{report}"
for test in ("TestOutagePasses", "TestFaultIsSurvived", "TestLostAnswerIsDone"):
    assert "journal" not in output[test], output[test]
