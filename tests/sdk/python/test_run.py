"""`wksmock run` with a program that uses the official SDK, and the reports in their readers' libraries."""

import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import xmlschema
from conftest import BINARY, USER

SCHEMA = xmlschema.XMLSchema(pathlib.Path(__file__).with_name("junit.xsd"))

# Only the user id belongs to wksmock: region, project and credentials come from the variables.
PROGRAM = """
import os
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion

region = WorkspaceRegion.value_of("cn-north-4")
client = WorkspaceClient.new_builder().with_region(region).build()
for _ in range(2):
    try:
        client.reset_random_password(ResetRandomPasswordRequest(user_id=os.environ["WKSMOCK_USER"]))
    except ServiceResponseException as error:
        assert error.status_code == 503
"""

SCENARIO = {
    "rules": [{"name": "first <&> 'only'", "when": {"calls": "1"}, "status": 503}],
    "expect": [
        {
            "name": "two calls, signed",
            "when": {"user": USER},
            "calls": {"min": 2, "max": 2},
            "statuses": [503, 200],
            "sent": {"header": {"authorization": True}},
        },
        {"name": 'never "called" <&>', "when": {"user": USER}, "calls": {"max": 0}},
    ],
}


def ran(folder, *flags, **variables):
    scenario = folder / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    command = [BINARY, "run", "--scenario", str(scenario), *flags, "--", sys.executable, "-c", PROGRAM]
    environment = os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_sdk_finds_the_server_by_region_and_reports_are_valid(tmp_path):
    report = tmp_path / "report.xml"
    run = ran(tmp_path, "--report", f"junit={report}", "--require-coverage", "200,404,503")
    assert run.returncode == 1, run.stderr
    SCHEMA.validate(report)
    suites = xml.etree.ElementTree.parse(report).getroot()
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        ("expectations", "2", "1"),
        ("coverage", "3", "1"),
    ]
    went = {case.get("name"): [child.tag for child in case] for case in suites.iter("testcase")}
    assert went["two calls, signed"] == []
    assert went['never "called" <&>'] == ["failure"]
    assert (went["200"], went["404"], "500" in went) == ([], ["failure"], False)
    known = {one.get("name"): one.get("value") for one in suites.iter("property")}
    assert known["coverage ResetRandomPassword 500"] == "not met"
    assert known["rule first <&> 'only'"].startswith("struck once (")
    failure = suites.find("testsuite/testcase/failure")
    assert "called twice: 2 too many" in failure.get("message")
    assert "first <&> 'only'" in failure.text


def test_reports_on_secrets_are_valid(tmp_path):
    report = tmp_path / "report.xml"
    run = ran(tmp_path, "--report", f"junit={report}", "--no-secrets-in-output")
    assert run.returncode == 1, run.stderr
    SCHEMA.validate(report)
    assert [suite.get("name") for suite in SCHEMA.to_etree(SCHEMA.decode(report))] == [
        "expectations",
        "secrets",
    ]


def test_sdk_behind_a_proxy_reaches_the_server(tmp_path):
    # Nothing listens on port 1; the SDK's HTTP library reads these variables.
    proxies = dict.fromkeys(["HTTP_PROXY", "http_proxy", "ALL_PROXY"], "http://127.0.0.1:1")
    run = ran(tmp_path, "--require-coverage", "200,503", **proxies)
    assert "2 of 8 documented statuses met" in run.stderr
