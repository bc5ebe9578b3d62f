"""Fixtures, marker and options of the pytest plugin."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

RESET = """
import json, os, urllib.error, urllib.request

def reset(mock, user=None):
    path = f"/v2/{mock.project}/users/{user or mock.user}/random-password"
    request = urllib.request.Request(mock.url + path, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["password"]
    except urllib.error.HTTPError as error:
        return error.code
"""


@pytest.fixture
def run(pytester):
    def run(test, *arguments, **files):
        pytester.makepyfile(resets=RESET)
        pytester.makepyfile(
            **{"test_it": f"import os, pytest, wksmock as package\nfrom resets import reset\n{test}", **files}
        )
        return pytester.runpytest_subprocess(*arguments)

    return run


def test_failed_expectation_is_a_failure_and_no_error(run):
    result = run("def test_it(wksmock):\n    wksmock.expect({'name': 'calls once', 'calls': {'min': 1}})")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["failed: calls once (expect)", "*but:*"])
    # Nothing of the plugin's code is shown.
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_failed_test_also_shows_failed_expectations(run):
    result = run(
        "def test_it(wksmock):\n"
        "    wksmock.expect({'name': 'calls twice', 'calls': {'min': 2}})\n"
        "    assert reset(wksmock) == 'wrong'"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*assert '9[*]JO$jemDg' == 'wrong'*",
            "*wksmock expectations*",
            "failed: calls twice (expect)",
            "*wksmock journal of test_it-*",
            "*200 after*call 1",
        ]
    )


def test_expected_failure_stays_one(run):
    result = run(
        "@pytest.mark.xfail(strict=True)\n"
        "def test_it(wksmock):\n    wksmock.expect({'name': 'calls once', 'calls': {'min': 1}})\n"
        "def test_skipped(wksmock):\n"
        "    wksmock.expect({'name': 'calls once', 'calls': {'min': 1}})\n    pytest.skip('not here')"
    )
    result.assert_outcomes(xfailed=1, skipped=1)


def test_verify_in_a_test_shows_its_line(run):
    result = run(
        "def test_it(wksmock):\n"
        "    wksmock.expect({'name': 'calls once', 'calls': {'min': 1}})\n    wksmock.verify(wait=0.1)"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">       wksmock.verify(wait=0.1)", "*ExpectationsFailed: failed: calls once (expect)"])
    result.stdout.no_fnmatch_line("*_admin.py*")


def test_verify_waits_for_calls_of_others(run):
    run(
        "import threading\n"
        "def test_it(wksmock):\n"
        "    wksmock.expect({'name': 'calls once', 'calls': {'min': 1}})\n"
        "    other = threading.Timer(0.2, reset, [wksmock])\n"
        "    other.start()\n"
        "    assert wksmock.verify(wait=20)['passed']\n"
        "    other.join()"
    ).assert_outcomes(passed=1)


def test_clone_has_the_whole_vocabulary(run):
    run(
        "def test_it(wksmock):\n"
        "    assert wksmock.password() is None\n"
        "    wksmock.override({'when': {'user': '0002'}, 'status': 500})\n"
        "    assert reset(wksmock, '8a2c3f9579d240820179d51e6caf0002') == 500\n"
        "    first = reset(wksmock)\n"
        "    assert first == wksmock.password() == wksmock.password('0001', 1)\n"
        "    assert reset(wksmock, wksmock.user + '/random-password?notification_type=email#') is not None\n"
        "    assert [one['call'] for one in wksmock.requests()] == [1, 1, 2]\n"
        "    (message,) = wksmock.outbox()\n"
        "    assert message['password'] == wksmock.password(call=2)\n"
        "    before = wksmock.advance(0)\n"
        "    assert wksmock.advance(60_000) >= before + 60_000\n"
    ).assert_outcomes(passed=1)


def test_variables_are_set_while_a_test_runs(run):
    result = run(
        "@pytest.fixture(autouse=True)\n"
        "def untouched():\n"
        "    yield\n"
        "    assert 'WKSMOCK_URL' not in os.environ\n"
        "def test_it(wksmock):\n"
        "    for name in ('WKSMOCK_PROJECT', 'HUAWEICLOUD_SDK_PROJECT_ID'):\n"
        "        assert os.environ[name] == wksmock.env[name] == wksmock.project\n"
        "    assert os.environ['HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4'] == wksmock.url\n"
        "    assert os.environ['WKSMOCK_URL'] == wksmock.url\n"
        "    assert os.environ['HUAWEICLOUD_SDK_AK'] and os.environ['NO_PROXY']\n"
    )
    result.assert_outcomes(passed=1)


def test_options_can_leave_the_variables_alone(run):
    run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n    return package.Options(set_environ=False)\n"
        "def test_it(wksmock):\n    assert 'WKSMOCK_URL' not in os.environ and wksmock.env['WKSMOCK_URL']"
    ).assert_outcomes(passed=1)


def test_options_choose_users_seed_scenario_and_flags(run, pytester):
    (pytester.path / "users.json").write_text('{"projects": [{"id": "p", "users": [{"id": "u-1"}, {"id": "u-2"}]}]}')
    (pytester.path / "down.json").write_text('{"rules": [{"name": "down", "when": {"user": "u-1"}, "status": 503}]}')
    run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n"
        "    return package.Options(users='users.json', seed=7, scenario='down.json', args=('--fault', 'u-2=500'))\n"
        "def test_it(wksmock, wksmock_server):\n"
        "    assert (wksmock_server.project, wksmock_server.seed, wksmock.user) == ('p', 7, 'u-1')\n"
        "    assert (reset(wksmock), reset(wksmock, 'u-2')) == (503, 500)"
    ).assert_outcomes(passed=1)


def test_flags_of_the_options_reach_the_variables(run, pytester):
    (pytester.path / "users.json").write_text('{"projects": [{"id": "p", "users": [{"id": "u-1"}]}]}')
    run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n"
        "    return package.Options(args=['--users=users.json', '--listen', '0.0.0.0:0', '--admin-token', 'generate'])\n"
        "def test_it(wksmock, wksmock_server):\n"
        "    assert (wksmock_server.project, os.environ['WKSMOCK_USER']) == ('p', 'u-1')\n"
        "    assert os.environ['WKSMOCK_URL'].startswith('http://127.0.0.1:')\n"
        "    assert 'WKSMOCK_ADMIN_TOKEN' not in os.environ and reset(wksmock)"
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("options", ["tls=True", "args=['--tls-name', 'mock.test']"])
def test_https_is_served_on_request(run, options):
    run(
        "import ssl, urllib.request\n"
        "@pytest.fixture(scope='session')\n"
        f"def wksmock_options():\n    return package.Options({options})\n"
        "def test_it(wksmock):\n"
        "    assert wksmock.url.startswith('http:') and reset(wksmock) == '9*JO$jemDg'\n"
        "    assert wksmock.https_url == os.environ['WKSMOCK_URL'] == os.environ['HUAWEICLOUD_SDK_IAM_ENDPOINT']\n"
        "    assert os.environ['REQUESTS_CA_BUNDLE'] == wksmock.ca_file\n"
        "    for trust in (ssl.create_default_context(cafile=wksmock.ca_file), ssl.create_default_context()):\n"
        "        assert urllib.request.urlopen(wksmock.https_url + '/v3/regions', context=trust).status == 200\n"
        "def test_without(wksmock_server):\n"
        "    assert os.environ.get('REQUESTS_CA_BUNDLE') != wksmock_server.ca_file and os.path.exists(wksmock_server.ca_file)"
    ).assert_outcomes(passed=2)


def test_https_is_not_served_by_itself(run):
    run("def test_it(wksmock):\n    assert (wksmock.https_url, wksmock.ca_file) == (None, None)").assert_outcomes(passed=1)


def test_scenario_of_the_options_can_be_a_dict(run):
    run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n    return package.Options(scenario={'rules': [{'name': 'down', 'status': 503}]})\n"
        "def test_it(wksmock):\n    assert reset(wksmock) == 503\n"
        "@pytest.mark.wksmock(scenario={'rules': []})\n"
        "def test_other(wksmock):\n    assert reset(wksmock) == '9*JO$jemDg'"
    ).assert_outcomes(passed=2)


def test_seed_of_a_marker_gets_a_server_of_its_own(run, pytester):
    expected = [
        pytester.run("wksmock", "password", "--user", "0001", *seed).stdout.str().strip()
        for seed in ([], ["--seed", "7"])
    ]
    run(
        "servers = {}\n"
        "@pytest.mark.parametrize('time', [1, 2])\n"
        "@pytest.mark.parametrize('seed', [None, 0, 7])\n"
        "def test_it(request, time, seed):\n"
        "    if seed is not None:\n"
        "        request.node.add_marker(pytest.mark.wksmock(seed=seed))\n"
        "    mock = request.getfixturevalue('wksmock')\n"
        f"    assert reset(mock) == ({expected[1]!r} if seed == 7 else {expected[0]!r})\n"
        "    assert servers.setdefault(seed, mock.url) == mock.url\n"
        "def test_count():\n    assert servers[0] == servers[None] != servers[7]",
    ).assert_outcomes(passed=7)


def test_nearest_marker_wins_for_each_argument(run):
    run(
        "pytestmark = pytest.mark.wksmock(scenario='builtin:denied', seed=7)\n"
        "def test_module(wksmock, request):\n"
        "    assert wksmock.server.seed == 7\n"
        "    assert reset(wksmock) == 403\n"
        "@pytest.mark.wksmock(scenario={'rules': []})\n"
        "def test_own(wksmock):\n"
        "    assert wksmock.server.seed == 7\n"
        "    assert reset(wksmock) == 'e*wu0Q^SI_'"
    ).assert_outcomes(passed=2)


def test_scenario_beside_the_test_precedes_that_in_the_root(run, pytester):
    pytester.makeini("[pytest]")
    folder = pytester.mkdir("deep")
    (pytester.path / "root.json").write_text('{"rules": [{"name": "a", "status": 500}]}')
    (pytester.path / "both.json").write_text('{"rules": [{"name": "a", "status": 500}]}')
    (folder / "both.json").write_text('{"rules": [{"name": "a", "status": 503}]}')
    (folder / "test_deep.py").write_text(
        "import pytest\nfrom resets import reset\n"
        "@pytest.mark.wksmock(scenario='root.json')\ndef test_root(wksmock):\n    assert reset(wksmock) == 500\n"
        "@pytest.mark.wksmock(scenario='both.json')\ndef test_both(wksmock):\n    assert reset(wksmock) == 503\n"
        "@pytest.mark.wksmock(scenario='none.json')\ndef test_none(wksmock):\n    pass\n"
    )
    (folder / "conftest.py").write_text(f"import sys\nsys.path.insert(0, {str(pytester.path)!r})")
    result = run("")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([f"*there is no scenario 'none.json'; expected it at {folder}/none.json or *"])


def test_mistakes_in_a_scenario_are_located(run, pytester):
    (pytester.path / "wrong.json").write_text('{ "rules": [{"name": "a", "status": 418}],\n  "expects": [] }\n')
    result = run(
        "@pytest.mark.wksmock(scenario='wrong.json')\ndef test_file(wksmock):\n    pass\n"
        "@pytest.mark.wksmock(scenario={'rules': [{'name': 'a', 'when': {'user': 'nobody'}, 'status': 503}]})\n"
        "def test_dict(wksmock):\n    pass\n"
        "@pytest.mark.wksmock(scenario='builtin:nothing')\ndef test_builtin(wksmock):\n    pass\n"
        "@pytest.mark.wksmock(scenarios='wrong.json')\ndef test_argument(wksmock):\n    pass\n"
        "@pytest.mark.wksmock(seed='7')\ndef test_seed(wksmock):\n    pass\n"
        "def test_calls(wksmock):\n    wksmock.fault('0001=418')\n"
    )
    result.assert_outcomes(errors=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "wksmock: wrong.json:1:37: ResetRandomPassword does not document status 418*",
            '   1 | { "rules": [[]{"name": "a", "status": 418}],',
            "     |                                     ^",
            "wrong.json:2:3: unknown field `expects`*",
            "  hint: did you mean `expect`?",
            "wksmock: scenario:6:17: unknown user `nobody`*",
            'wksmock: unknown built-in scenario "nothing"*',
            "*does not know scenarios; it takes scenario=… and seed=…",
            "wksmock: the seed '7' of the marker wksmock is not an integer",
            ">       wksmock.fault('0001=418')",
            "*AdminError: fault:1:6: ResetRandomPassword does not document status 418*",
            "E*1 | 0001=418",
            "E*  |      ^",
        ]
    )


def test_server_that_does_not_start_is_explained(run, pytester):
    (pytester.path / "wrong.json").write_text('{ "rules": [{"name": "a", "status": 418}] }')
    result = run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n    return package.Options(scenario='wrong.json')\n"
        "def test_it(wksmock):\n    pass"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["wksmock: the server did not start:", "error: *418*", " --> wrong.json:1:37"])


def test_server_that_ends_is_explained(run):
    result = run(
        "def test_it(wksmock):\n"
        "    wksmock.server.admin.send('POST', '/shutdown')\n"
        "    for _ in range(1000):\n        wksmock.requests()"
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*ServerFailed: the server has ended with code 0"])


def test_rule_that_never_strikes_is_a_warning(run):
    result = run(
        "@pytest.mark.wksmock(scenario={'rules': [{'name': 'unused', 'when': {'calls': '9'}, 'status': 503}]})\n"
        "def test_it(wksmock):\n"
        "    wksmock.override({'name': 'struck', 'status': 500})\n"
        "    wksmock.override({'name': 'idle', 'when': {'user': '0002'}, 'status': 500})\n"
        "    reset(wksmock)"
    )
    result.assert_outcomes(passed=1, warnings=2)
    result.stdout.fnmatch_lines_random(
        [
            "*WksmockWarning: a rule of this test never struck: unused (scenario:*)",
            "*WksmockWarning: a rule of this test never struck: idle",
        ]
    )


def test_threads_share_a_server_and_not_a_clone(run):
    run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def test_it(wksmock_server):\n"
        "    def drill(number):\n"
        "        with wksmock_server.clone() as mock:\n"
        "            mock.override({'when': {'calls': f'1-{number}'}, 'status': 503})\n"
        "            return [reset(mock) for _ in range(8)].count(503), len(mock.requests())\n"
        "    with ThreadPoolExecutor(8) as pool:\n"
        "        assert list(pool.map(drill, range(1, 9))) == [(number, 8) for number in range(1, 9)]"
    ).assert_outcomes(passed=1)


def test_client_survives_the_end_of_an_idle_connection(run):
    run(
        "import select\n"
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n    return package.Options(args=('--limit', 'idle_ms=50'))\n"
        "def test_it(wksmock):\n"
        "    kept = wksmock.server.admin._connection()._socket\n"
        "    assert select.select([kept], [], [], 30)[0]\n"
        "    assert wksmock.requests() == []"
    ).assert_outcomes(passed=1)


def test_clones_are_gone_when_pytest_has_ended(run, pytester):
    run(
        "import urllib.request\n"
        "def test_it(wksmock):\n    assert reset(wksmock)\n"
        "def test_other(wksmock):\n    assert reset(wksmock)\n"
    )
    shown = "curl -s $WKSMOCK_URL/__admin/projects | grep -c own_scenario"
    command = ("wksmock", "run", "--", "sh", "-c", f"{sys.executable} -m pytest -q -n 2 && echo projects: $({shown})")
    result = pytester.run(*command)
    result.stdout.fnmatch_lines(["2 passed*", "projects: 1"])


def test_lost_answer_to_a_deletion_disturbs_no_later_test(run):
    run(
        "def test_it(wksmock):\n    assert reset(wksmock)\n"
        "def test_other(wksmock_server):\n"
        "    connection = wksmock_server.admin._connection()\n"
        "    connection._socket.shutdown(2)\n"
        "    with wksmock_server.clone() as mock:\n        assert reset(mock)\n"
    ).assert_outcomes(passed=2)


def test_unittest_cases_are_judged_too(run):
    result = run(
        "import unittest\n"
        "class Resets(unittest.TestCase):\n"
        "    @pytest.fixture(autouse=True)\n"
        "    def use(self, wksmock):\n        self.mock = wksmock\n"
        "    def test_fails(self):\n        self.mock.expect({'name': 'calls once', 'calls': {'min': 1}})\n"
        "    def test_passes(self):\n        assert reset(self.mock)"
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["failed: calls once (expect)"])


def test_log_option_writes_a_file_per_worker(run, pytester):
    test = "def test_it(wksmock):\n    assert reset(wksmock)\ndef test_other(wksmock):\n    assert reset(wksmock)\n"
    run(test, "--wksmock-log", "logs/server.log").assert_outcomes(passed=2)
    assert "test_it-" in (pytester.path / "logs/server.log").read_text()
    run(test, "--wksmock-log", "logs/server.log", "-n", "2").assert_outcomes(passed=2)
    assert sorted(file.name for file in (pytester.path / "logs").iterdir()) == [
        "server.log",
        "server.log.gw0",
        "server.log.gw1",
    ]


def test_missing_program_is_explained(run, tmp_path, monkeypatch):
    test = "def test_it(wksmock):\n    pass"
    result = run(test, "--wksmock-binary", "no/such/file")
    result.stdout.fnmatch_lines(["wksmock: --wksmock-binary names 'no/such/file', which is not an executable file"])
    monkeypatch.setenv("WKSMOCK_BINARY", str(tmp_path))
    result = run(test)
    result.stdout.fnmatch_lines([f"wksmock: WKSMOCK_BINARY names '{tmp_path}', which is not an executable file"])
    monkeypatch.delenv("WKSMOCK_BINARY")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    result = run(test, **{"conftest": "import wksmock._binary\nwksmock._binary.NAME = 'wksmock-of-nobody'"})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["wksmock: the program `wksmock` was not found:*--wksmock-binary*WKSMOCK_BINARY*"])


def test_program_of_another_version_is_explained(run, tmp_path):
    # As a version before --env-file does.
    older = tmp_path / "older"
    older.write_text(
        "#!/bin/sh\n"
        "[ \"$1\" != --version ] || exec echo wksmock 0.0.9\n"
        "echo \"error: unexpected argument '--env-file' found\" >&2\nexit 2\n"
    )
    older.chmod(0o755)
    result = run("def test_it(wksmock):\n    pass", "--wksmock-binary", str(older))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unexpected argument*", f"{older} is wksmock 0.0.9, and this package *: install the same version of both"])


def test_variables_of_the_caller_do_not_reach_the_server(run, monkeypatch):
    monkeypatch.setenv("WKSMOCK_SEED", "7")
    monkeypatch.setenv("WKSMOCK_FAULT", "*=503")
    run("def test_it(wksmock):\n    assert reset(wksmock) == '9*JO$jemDg'").assert_outcomes(passed=1)


def test_run_with_another_seed_is_refused(run, pytester):
    run(
        "@pytest.mark.wksmock(seed=7)\ndef test_seven(wksmock):\n    assert reset(wksmock) == 503\n"
        "def test_any(wksmock):\n    assert reset(wksmock) == 503\n"
    )
    command = ("wksmock", "run", "--fault", "*=503", "--seed")
    result = pytester.run(*command, "7", "--", sys.executable, "-m", "pytest")
    result.assert_outcomes(passed=2)
    result = pytester.run(*command, "8", "--", sys.executable, "-m", "pytest")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["wksmock: this test needs seed 7, but the server of `wksmock run` has seed 8; *"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("scenario={'rules': [{'name': 'down', 'status': 503}]}, users='users.json', seed=7", None),
        ("seed=3", "asks for seed 3, not 7; give --seed 3 to `wksmock run`"),
        ("users='other.json'", "asks for other users; give --users other.json to `wksmock run`"),
        ("tls=True", "asks for HTTPS; give --tls to `wksmock run`"),
        ("args=['--auth', 'required']", "asks for flags of its own; give --auth required to `wksmock run`"),
    ],
)
def test_run_is_held_to_the_options(run, pytester, options, said):
    for name in ("users", "other"):
        users = f'{{"projects": [{{"id": "{name}", "users": [{{"id": "u-1"}}]}}]}}'
        (pytester.path / f"{name}.json").write_text(users)
    run(
        "@pytest.fixture(scope='session')\n"
        f"def wksmock_options():\n    return package.Options({options})\n"
        "def test_it(wksmock):\n    assert reset(wksmock) == 503\n"
    )
    command = ("wksmock", "run", "--seed", "7", "--users", "users.json", "--", sys.executable, "-m", "pytest")
    result = pytester.run(*command)
    if said is None:
        result.assert_outcomes(passed=1)
    else:
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([f"wksmock: the server at WKSMOCK_URL (*) is running already, but this {said}"])


def test_expectations_need_no_name(run):
    result = run(
        "def test_it(wksmock):\n"
        "    wksmock.expect({'calls': {'max': 1}})\n"
        "    wksmock.expect({'calls': {'min': 1}})\n"
        "    with pytest.raises(package.AdminError, match='two expectations are named'):\n"
        "        wksmock.expect({'name': 'expectation 1', 'calls': {'min': 1}})"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["failed: expectation 2 (expect)"])


def test_json_is_taken_as_the_other_languages_do(run):
    run(
        "@pytest.mark.wksmock(scenario=' {\"rules\": [{\"name\": \"down\", \"status\": 500}]}')\n"
        "def test_it(wksmock):\n"
        "    assert reset(wksmock) == 500\n"
        "    wksmock.override('{\"status\": 503, \"when\": {\"user\": \"0001\"}}')\n"
        "    assert reset(wksmock) == 503\n"
        "    wksmock.expect('{\"calls\": {\"max\": 2}}')\n"
        "    for wrong in ('{', '[]', 503, None):\n"
        "        with pytest.raises(package.WksmockError, match='expectation: expected a dict, or the JSON'):\n"
        "            wksmock.expect(wrong)\n"
        "    with pytest.raises(package.WksmockError, match='\"when\" of a rule: expected'):\n"
        "        wksmock.override({'when': ['0001'], 'status': 503})"
    ).assert_outcomes(passed=1)


def test_users_without_a_project_are_explained(run, pytester):
    (pytester.path / "empty.json").write_text('{"projects": []}')
    result = run(
        "@pytest.fixture(scope='session')\n"
        "def wksmock_options():\n    return package.Options(users='empty.json')\n"
        "def test_it(wksmock):\n    pass"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["wksmock: *project*"])


def test_call_in_flight_ends_before_the_verdict(run):
    run(
        "import socket, time\n"
        "def test_it(wksmock):\n"
        "    wksmock.fault('0001=hang:1')\n"
        "    wksmock.expect({'after_lost': {'max': 0}, 'calls': {'min': 1, 'max': 1}})\n"
        "    host, port = wksmock.url[7:].split(':')\n"
        "    with socket.create_connection((host, int(port))) as client:\n"
        "        path = f'/v2/{wksmock.project}/users/{wksmock.user}/random-password'\n"
        "        client.sendall(f'GET {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\n\\r\\n'.encode())\n"
        "        wksmock.verify(wait=20)\n"
    ).assert_outcomes(passed=1)


def test_run_with_a_token_is_used(run, pytester, monkeypatch):
    monkeypatch.setenv("WKSMOCK_ADMIN_TOKEN", "a-secret-of-the-run")
    run("def test_it(wksmock):\n    assert reset(wksmock) and len(wksmock.requests()) == 1").assert_outcomes(passed=1)
    result = pytester.run("wksmock", "run", "--", sys.executable, "-m", "pytest")
    result.assert_outcomes(passed=1)


def test_run_with_https_is_used(run, pytester):
    is_used = (
        "def test_it(wksmock):\n"
        "    assert wksmock.url.startswith('https://') and wksmock.url == wksmock.https_url\n"
        "    assert reset(wksmock) == '9*JO$jemDg' and wksmock.env['SSL_CERT_FILE'] == wksmock.ca_file"
    )
    run(is_used).assert_outcomes(failed=1)
    pytester.run("wksmock", "run", "--tls", "--", sys.executable, "-m", "pytest").assert_outcomes(passed=1)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_server_ends_when_pytest_is_killed(run, pytester, how):
    run("pass")
    (pytester.path / "test_it.py").write_text(
        "import pathlib, threading\n"
        "def test_it(wksmock):\n"
        "    pathlib.Path('url.part').write_text(wksmock.url)\n"
        "    pathlib.Path('url.part').rename('url')\n"
        "    threading.Event().wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-m", "pytest"], stdout=subprocess.DEVNULL)
    file, until = pytester.path / "url", time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    assert answers(file.read_text())
    process.send_signal(how)
    process.wait()
    while answers(file.read_text()):
        assert time.monotonic() < until, "the server still answers"
        time.sleep(0.01)


def answers(url):
    try:
        urllib.request.urlopen(f"{url}/__admin/health", timeout=10).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def test_session_leaves_no_server(run, pytester):
    result = run(
        "@pytest.mark.wksmock(seed=7)\ndef test_it(wksmock):\n    print('url', wksmock.url)\n"
        "def test_other(wksmock):\n    print('url', wksmock.url)",
        "-s",
    )
    urls = {line.split("url ")[1] for line in result.outlines if "url " in line}
    assert len(urls) == 2
    assert not any(answers(url) for url in urls)
