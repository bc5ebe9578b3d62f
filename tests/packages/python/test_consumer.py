"""A project with four tests that run at the same time: one passes, one survives a fault, two fail by their expectations."""

import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[3]
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)

WITH_EVIDENCE = """\
failed: gives up after two (flaky.json:3:14)
  expected: at most 2 calls
  but:      api-test (…0001) called 3 times: one too many
seen, one line per user; + is the time from the end of an answer to the next call:
  api-test (…0001)  N ms 503 by "two outages" · +N ms 503 · +N ms 200
wksmock: 0 of 1 expectation held, 1 of 1 user recovered"""
LOST = """\
failed: does not ask again (scenario:LINE)
  expected: no further call after a reset whose answer was lost
  but:      api-test (…0001) made 1 further call after call 1, which took effect although its \
answer was lost: one too many
seen, one line per user; + is the time from the end of an answer to the next call:
  api-test (…0001)  N ms reset (done) by "done, but lost" · +N ms 200
  (done) means that the password was reset, but the client got no success
wksmock: 0 of 1 expectation held, 1 of 1 user recovered"""


def without_times(text):
    return re.sub(r"scenario:\d+:\d+", "scenario:LINE", re.sub(r"\d+ ms", "N ms", text))


def test_parallel_tests_pass_and_fail_with_evidence(consumer):
    result = consumer.runpytest_subprocess("-n", "4", "--junit-xml", "report.xml")
    result.assert_outcomes(passed=2, failed=2)
    shown = without_times(result.stdout.str())
    assert WITH_EVIDENCE in shown
    assert LOST in shown
    path = "/v2/…/users/8a2c3f9579d240820179d51e6caf0001/random-password"
    journals = [re.sub(" +", " ", line) for line in shown.splitlines() if path in line]
    assert [line for line in journals if "503" in line] == [
        f' N ms GET {path} 503 after N ms, call {call}, by "two outages"' for call in (1, 2)
    ]
    lost = "no answer, call 1, reset, the password was reset anyway"
    assert [line for line in journals if "no answer" in line] == [f' N ms GET {path} {lost}, by "done, but lost"']
    assert len(re.findall("-- wksmock journal of test_.* --", shown)) == 2


def test_junit_report_has_the_evidence(consumer):
    consumer.runpytest_subprocess("-n", "2", "--junit-xml", "report.xml")
    suite = xml.parse(consumer.path / "report.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    failures = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
    failures = {name: without_times(failure.text) for name, failure in failures.items() if failure is not None}
    assert failures == {"test_fails_by_its_expectation": WITH_EVIDENCE, "test_repeats_a_done_reset": LOST}


def test_consumer_under_run_uses_its_server(consumer):
    command = ["wksmock", "run", "--report", "json=report.json", "--", sys.executable, "-m", "pytest", "-n", "2"]
    result = consumer.run(*command)
    assert result.ret == 1
    result.assert_outcomes(passed=2, failed=2)
    assert WITH_EVIDENCE in without_times(result.stdout.str())
    # `run` has seen the calls of all clones.
    assert "test_fails_by_its_expectation-" in (consumer.path / "report.json").read_text()


def test_command_and_module_are_the_same_program(pytester):
    expected = f"wksmock {VERSION}"
    assert pytester.run("wksmock", "--version").stdout.str().startswith(expected)
    assert pytester.run(sys.executable, "-m", "wksmock", "--version").stdout.str().startswith(expected)
    assert pytester.run(sys.executable, "-m", "wksmock", "no-such-command").ret == 2


def test_wheel_names_the_platforms_of_its_program():
    wheel = pathlib.Path(os.environ["WHEEL"])
    name, version, tag = re.fullmatch(r"(\w+)-([\d.]+)-py3-none-(.+)\.whl", wheel.name).groups()
    assert (name, version) == ("wksmock", VERSION)
    program = pathlib.Path(sys.executable).parent / "wksmock"
    headers = subprocess.run(["readelf", "--program-headers", program], capture_output=True, text=True, check=True)
    is_static = " INTERP " not in headers.stdout
    assert ("manylinux" in tag and "musllinux" in tag) == is_static, tag
