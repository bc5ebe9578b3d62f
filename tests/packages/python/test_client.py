"""The package without pytest: a server and clones in `with` blocks."""

import http.client
import os
import socket
import subprocess
import sys

import pytest

import wksmock


def call(mock):
    command = [
        sys.executable,
        "-c",
        "import os, urllib.request as u; u.urlopen(u.Request(os.environ['WKSMOCK_URL'] + '/v2/' + "
        "os.environ['WKSMOCK_PROJECT'] + '/users/' + os.environ['WKSMOCK_USER'] + '/random-password', "
        "headers={'Content-Type': 'application/json'}))",
    ]
    return subprocess.run(command, env={**os.environ, **mock.env}, stderr=subprocess.DEVNULL).returncode


def test_clone_is_judged_at_the_end_of_its_block():
    with wksmock.start(wksmock.Options(seed=7)) as server:
        with server.clone() as mock:
            mock.expect({"name": "calls once", "statuses": [200]})
            assert call(mock) == 0
        with pytest.raises(wksmock.ExpectationsFailed, match="calls once") as failed:
            with server.clone(scenario="builtin:outage") as mock:
                mock.expect({"name": "calls once", "statuses": [200]})
        assert failed.value.verdict["passed"] is False
        with pytest.raises(wksmock.AdminError, match="was deleted") as refused:
            mock.verdict()
        assert refused.value.status == 404


def test_failure_of_a_block_is_not_replaced():
    with wksmock.start() as server, pytest.raises(ZeroDivisionError):
        with server.clone() as mock:
            mock.expect({"name": "calls once", "statuses": [200]})
            raise ZeroDivisionError


def test_server_beyond_loopback_takes_its_token():
    with wksmock.start(wksmock.Options(args=["--host", "0.0.0.0", "--admin-token", "a-secret"])) as server:
        assert server.clone(id="mine").project == "mine"


def test_separate_admin_api_is_found():
    with wksmock.start(wksmock.Options(args=["--admin-listen", "127.0.0.1:0"])) as server:
        assert server.clone(id="mine").project == "mine"
        assert server.url == server.env["WKSMOCK_URL"] and "WKSMOCK_ADMIN_URL" not in server.env
        admin_url = server.admin.url
        assert admin_url != server.url
        # As after a step of CI that has started the server.
        with wksmock.attach({**server.env, "WKSMOCK_ADMIN_URL": admin_url}) as same:
            assert same.clone(id="another").project == "another"


@pytest.mark.parametrize("flag", ["--no-admin", "--env-file=here"])
def test_flags_that_hide_the_server_are_refused(flag):
    with pytest.raises(wksmock.WksmockError, match=f"^{flag} cannot be among the args: "):
        wksmock.start(wksmock.Options(args=[flag]))


def test_port_and_log_level_can_be_chosen(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ["--port", str(port), "--log-level", "off"]
    with wksmock.start(wksmock.Options(args=flags), log=tmp_path / "log") as server:
        assert server.url == server.env["WKSMOCK_URL"] == f"http://127.0.0.1:{port}"
        with pytest.raises(wksmock.ServerFailed, match=f"port {port} of 127.0.0.1 is in use"):
            wksmock.start(wksmock.Options(args=flags))
    assert "draining" not in (tmp_path / "log").read_text()


def test_attach_names_the_missing_variables():
    with pytest.raises(wksmock.WksmockError, match="WKSMOCK_PROJECT is not set; run this under"):
        wksmock.attach({"WKSMOCK_URL": "http://127.0.0.1:1"})
    with pytest.raises(wksmock.WksmockError, match="expected one such as"):
        wksmock.attach({"WKSMOCK_URL": "mock", "WKSMOCK_PROJECT": "p"})


def test_long_journal_is_read_page_by_page():
    with wksmock.start() as server, server.clone() as mock:
        path = f"/v2/{mock.project}/users/nobody/random-password"
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        for _ in range(2001):
            connection.request("GET", path, headers={"Content-Type": "application/json"})
            connection.getresponse().read()
        requests = mock.requests()
        assert len({one["index"] for one in requests}) == len(requests) == 2001
