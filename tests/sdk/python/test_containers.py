"""The image, the compose file and the manifests of docs/containers.md start the server, and their probes find it."""

import json
import os
import re
import signal
import socket
import shutil
import subprocess
import tempfile
import urllib.request
from contextlib import contextmanager

import yaml

from conftest import BINARY, READY, ROOT

PAGE = (ROOT / "docs" / "containers.md").read_text()


def block(info):
    [text] = re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return text


@contextmanager
def serving(arguments, variables):
    """Starts a server with these arguments and variables on a free port, as in its own container."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scenarios = tempfile.mkdtemp()
    shutil.copy(ROOT / "scenarios" / "outage.json", scenarios)
    paths = {name: value.replace("/scenarios", scenarios) for name, value in variables.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WKSMOCK_")}
    environment = {**kept, "WKSMOCK_HOST": "0.0.0.0", **paths, "WKSMOCK_PORT": str(port)}
    process = subprocess.Popen([BINARY, *arguments], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line == f"{READY}http://0.0.0.0:{port}\n"
        yield port, environment
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        process.stdout.close()
        shutil.rmtree(scenarios)


def image():
    """Reads the command, the variables and the health check of the Dockerfile."""
    text = block("dockerfile Dockerfile")
    command, health, entry = (
        json.loads(re.search(rf"^{name}(?: --\S+)* ?(?:CMD )?(\[.*\])$", text, re.MULTILINE)[1])
        for name in ("CMD", "HEALTHCHECK", "ENTRYPOINT")
    )
    assert entry == health[:1] == ["/wksmock"]
    return command, dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.MULTILINE)), health[1:]


def test_image_serves_and_passes_its_health_check():
    command, variables, health = image()
    assert variables == {"WKSMOCK_HOST": "0.0.0.0"}
    with serving(command, {**variables, "WKSMOCK_ADMIN_TOKEN": "t"}) as (_, environment):
        assert subprocess.run([BINARY, *health], env=environment, check=True, capture_output=True).stdout == b"ok\n"


def test_compose_file_starts_the_server():
    services = yaml.safe_load(block("yaml compose.yaml"))["services"]
    command, variables, health = image()
    with serving(command, {**variables, **services["wksmock"]["environment"]}) as (port, environment):
        subprocess.run([BINARY, *health], env=environment, check=True)
        printed = subprocess.run(
            [BINARY, "env", "--url", "http://wksmock:7070"], env={}, check=True, capture_output=True, text=True
        ).stdout.splitlines()
        for name, value in services["tests"]["environment"].items():
            assert f"{name}={value}" in printed or services["wksmock"]["environment"][name] == value


def test_manifests_start_the_server_and_match_each_other():
    deployment, service = yaml.safe_load_all(block("yaml wksmock.yaml"))
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    [container] = template["spec"]["containers"]
    [port] = container["ports"]
    probe = container["readinessProbe"]["httpGet"]
    assert port["containerPort"] == probe["port"] == service["spec"]["ports"][0]["port"] == 7070
    assert [mount["name"] for mount in container["volumeMounts"]] == [one["name"] for one in template["spec"]["volumes"]]
    variables = {variable["name"]: variable.get("value", "token") for variable in container["env"]}
    # Variables that Kubernetes adds for the Service.
    variables |= {"WKSMOCK_SERVICE_HOST": "10.0.0.1", "WKSMOCK_PORT_7070_TCP": "tcp://10.0.0.1:7070"}
    with serving(container["args"], variables) as (port, _):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{probe['path']}") as answer:
            assert json.load(answer) == {"status": "ok"}
