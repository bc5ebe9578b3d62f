"""Checks the JUnit XML of the four parallel tests."""

import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
cases = {case.get("name").removesuffix("(Wksmock)"): case for case in suite.iter("testcase")}
failed = {name for name, case in cases.items() if case.find("failure") is not None}
assert sorted(cases) == ["deniedFailsByExpectation", "faultIsSurvived", "lostAnswerIsDone", "outagePasses"], sorted(cases)
assert failed == {"deniedFailsByExpectation"}, failed
assert suite.get("errors") == "0", suite.attrib

failure = cases["deniedFailsByExpectation"].find("failure")
assert failure.get("message").startswith("failed: asks once "), failure.get("message")
assert failure.get("type") == "java.lang.AssertionError", failure.get("type")
for text in (
    "expected: at most 1 call\n",
    "called 3 times: 2 too many\n",
    "seen, one line per user",
    ' ms 403 by "denied" · +',
    "Suppressed: wksmock: the journal of project ",
    "call 3  answered with 403 after ",
):
    assert text in failure.text, f"{text!r} is not in the report:\n{failure.text}"
