"""Starts the server with the settings of the Compose file and the manifests: check_values.py PROGRAM VERSION."""

import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM, VERSION = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
DEPLOY = ROOT / "packaging/deploy"
IMAGE = f"wksmock:{VERSION}"
IMAGE_VARIABLES = dict(re.findall(r"^ENV (\w+)=(.*)$", (ROOT / "packaging/image/Dockerfile").read_text(), re.MULTILINE))
USER = "8a2c3f9579d240820179d51e6caf0001"
PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"


def status(url, token=""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


@contextlib.contextmanager
def served(arguments, variables, log):
    """A server with a container's arguments and variables, on a free port. Its stderr goes to a file."""
    variables = {**IMAGE_VARIABLES, **variables, "WKSMOCK_PORT": "0", "WKSMOCK_LOG_LEVEL": "warn"}
    with open(log, "w") as stderr, \
            subprocess.Popen([PROGRAM, *arguments], env=variables, stdout=subprocess.PIPE, stderr=stderr, text=True) as server:
        try:
            ready = re.fullmatch(r"wksmock listening on http://0\.0\.0\.0:(\d+)\n", server.stdout.readline())
            assert ready, pathlib.Path(log).read_text()
            yield f"http://127.0.0.1:{ready.group(1)}"
        finally:
            server.terminate()
    assert server.returncode == 0, server.returncode
    assert pathlib.Path(log).read_text() == "", pathlib.Path(log).read_text()


def check(arguments, variables, folder, health="/__admin/health"):
    with served(arguments, variables, folder / "log") as url:
        assert status(url + health) == 200
        assert status(f"{url}/__admin/requests") == 401
        assert status(f"{url}/__admin/requests", variables["WKSMOCK_ADMIN_TOKEN"]) == 200
        assert status(f"{url}/v2/{PROJECT}/users/{USER}/random-password") == 503, "the scenario is not loaded"


def compose(folder):
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    server, tests = services["wksmock"], services["tests"]["environment"]
    assert server["image"] == IMAGE, server["image"]
    (source, target, _), = [volume.split(":") for volume in server["volumes"]]
    assert source == "./scenarios"
    variables = {name: text.replace(target, str(folder)) for name, text in server["environment"].items()}
    check(["serve"], variables, folder)
    assert tests["WKSMOCK_ADMIN_TOKEN"] == variables["WKSMOCK_ADMIN_TOKEN"]
    printed = subprocess.run([PROGRAM, "env", "--url", "http://wksmock:7070"], env={}, check=True, capture_output=True, text=True)
    known = dict(line.split("=", 1) for line in printed.stdout.splitlines())
    wrong = {name: text for name, text in tests.items() if known.get(name, text) != text or name not in known}
    assert list(wrong) == ["WKSMOCK_ADMIN_TOKEN"], wrong
    page = (ROOT / "docs/containers.md").read_text()
    shown = re.search(r"```yaml compose.yaml\n(.*?)```", page, re.DOTALL).group(1)
    assert set(re.findall(r"wksmock:\d+\.[\w.-]+", page)) == {IMAGE}, "docs/containers.md names another version"
    assert shown == (DEPLOY / "compose.yaml").read_text(), "docs/containers.md shows another Compose file"


def kubernetes(folder):
    deployment, service = [yaml.safe_load((DEPLOY / f"kubernetes/{name}.yaml").read_text()) for name in ("deployment", "service")]
    pod = deployment["spec"]["template"]
    assert service["spec"]["selector"] == pod["metadata"]["labels"] == deployment["spec"]["selector"]["matchLabels"]
    container, = pod["spec"]["containers"]
    assert container["image"] == IMAGE, container["image"]
    named = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert named == {"http": 7070} and service["spec"]["ports"][0]["targetPort"] == "http"
    health = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe")}
    mounted, = [mount["mountPath"] for mount in container["volumeMounts"]]
    variables = {one["name"]: one.get("value", "change-me").replace(mounted, str(folder)) for one in container["env"]}
    # Variables that Kubernetes sets in pods for this Service, where links are enabled.
    prefix = service["metadata"]["name"].upper().replace("-", "_")
    links = {f"{prefix}_PORT": "tcp://10.96.0.17:7070", f"{prefix}_SERVICE_HOST": "10.96.0.17", f"{prefix}_SERVICE_PORT": "7070"}
    check(container["args"], {**variables, **links}, folder, *health)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copy(ROOT / "scenarios/outage.json", folder / "outage.json")
        compose(folder)
        kubernetes(folder)


main()
