"""The official SDK over HTTPS: programs that get nothing but the variables of `wksmock env`."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import BINARY, READY, USER, password

# Region, endpoint, credentials and project come from the variables; IAM is asked for the project.
PROGRAM = f"""
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion

client = WorkspaceClient.new_builder().with_region(WorkspaceRegion.value_of("cn-north-4")).build()
print(client.reset_random_password(ResetRandomPasswordRequest(user_id="{USER}")).password)
"""

HOSTS = "127.0.0.1 localhost workspace.cn-north-4.myhuaweicloud.com iam.cn-north-4.myhuaweicloud.com\n"

# The vendor's hosts lead to a server on the port of HTTPS, for this script and its children alone.
AS_THE_CLOUD = """
ip link set lo up
mount --bind hosts /etc/hosts
"$BINARY" serve --port 0 --tls-listen 127.0.0.1:443 --tls-dir tls --auth required --log-level error >ready &
while [ "$(wc -l <ready)" -lt 2 ]; do kill -0 $!; sleep 0.01; done
"$BINARY" env --tls-listen 127.0.0.1:443 --tls-dir tls >variables
grep -v -e REGION -e ENDPOINT -e PROJECT variables >wired
env -i PATH="$PATH" $(cat wired) "$PYTHON" -c "$PROGRAM"
kill $!
"""


def clean_environment():
    """The environment of this process without variables that lead to servers or trust."""
    mine = ("WKSMOCK_", "HUAWEICLOUD_", "CLOUD_SDK_", "SSL_", "REQUESTS_", "CURL_", "NODE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


def run(command, **variables):
    ended = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_environment_of_env_suffices_and_iam_finds_the_project(tmp_path):
    directory = str(tmp_path / "tls")
    flags = ["--port", "0", "--tls-listen", "127.0.0.1:0", "--tls-dir", directory]
    command = [BINARY, "serve", *flags, "--auth", "required", "--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            lines = [server.stdout.readline() for _ in range(2)]
            assert lines[1].startswith(READY + "https://"), lines
            url = lines[1].removeprefix(READY).strip()
            printed = run([BINARY, "env", "--url", url, "--tls-dir", directory], **clean_environment())
            variables = dict(line.split("=", 1) for line in printed.splitlines())
            assert variables["WKSMOCK_URL"] == url
            del variables["HUAWEICLOUD_SDK_PROJECT_ID"]
            path = os.environ["PATH"]
            assert run([sys.executable, "-c", PROGRAM], PATH=path, **variables).strip() == password(USER, 1)
        finally:
            server.terminate()


def test_program_under_run_trusts_the_server(tmp_path):
    output = run([BINARY, "run", "--tls", "--", sys.executable, "-c", PROGRAM], **clean_environment())
    assert output.strip() == password(USER, 1)


def namespaces_are_allowed():
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    probe = ["unshare", "--map-root-user", "--mount", "--net", "mount", "--bind", "/etc/hosts", "/etc/hosts"]
    return subprocess.run(probe, capture_output=True).returncode == 0


@pytest.mark.skipif(not namespaces_are_allowed(), reason="this machine allows no namespaces of one's own")
def test_wired_in_hosts_are_led_here_by_the_hosts_file(tmp_path):
    (tmp_path / "hosts").write_text(HOSTS)
    (tmp_path / "ready").write_text("")
    given = {"BINARY": BINARY, "PYTHON": sys.executable, "PROGRAM": PROGRAM}
    command = ["unshare", "--map-root-user", "--mount", "--net", "sh", "-ec", AS_THE_CLOUD]
    ended = subprocess.run(
        command, cwd=tmp_path, env={**clean_environment(), **given}, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, password(USER, 1)), ended.stderr
