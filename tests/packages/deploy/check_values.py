"""Starts the server with the settings of the Compose file and the manifests: check_values.py PROGRAM VERSION."""

import contextlib
import pathlib
import re
import shutil
import ssl
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


def status(url, token="", authority=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    trust = ssl.create_default_context(cafile=authority) if authority else None
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10, context=trust).status
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
            has_https = any(name.startswith("WKSMOCK_TLS") for name in variables)
            https = server.stdout.readline().split()[-1].replace("0.0.0.0", "127.0.0.1") if has_https else None
            yield f"http://127.0.0.1:{ready.group(1)}", https
        finally:
            server.terminate()
    assert server.returncode == 0, server.returncode
    assert pathlib.Path(log).read_text() == "", pathlib.Path(log).read_text()


def check(arguments, variables, folder, health="/__admin/health", authority=None):
    with served(arguments, variables, folder / "log") as (url, https):
        assert (https is None) == (authority is None), https
        if https is not None:
            assert status(https + health, authority=authority) == 200
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
    with_https = yaml.safe_load((DEPLOY / "compose.https.yaml").read_text())["services"]
    tls, mounted = folder / "tls", [volume.split(":") for name in ("wksmock", "tests") for volume in with_https[name]["volumes"]]
    assert mounted == [["tls", "/tls"], ["tls", "/tls", "ro"]], mounted
    more = {name: text.replace("/tls", str(tls)) for name, text in with_https["wksmock"]["environment"].items()}
    check(["serve"], {**variables, **more}, folder, authority=tls / "ca.pem")
    names = subprocess.run(["openssl", "x509", "-noout", "-subject", "-in", tls / "ca.pem"], check=True, capture_output=True, text=True)
    assert "wksmock authority" in names.stdout, names.stdout
    tests = with_https["tests"]["environment"]
    command = [PROGRAM, "env", "--url", f"https://{more['WKSMOCK_TLS_NAME']}:7443", "--tls-dir", tls]
    printed = subprocess.run(command, env={}, check=True, capture_output=True, text=True)
    known = dict(line.split("=", 1) for line in printed.stdout.splitlines())
    wrong = {name: text for name, text in tests.items() if name not in known or text not in (known[name], "/tls/ca.pem")}
    assert not wrong and {name for name in known if known[name] == known["WKSMOCK_URL"]} - set(tests) <= {"HUAWEICLOUD_SDK_STS_ENDPOINT"}, wrong


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
    kubernetes_with_https(folder, {**variables, **links}, *health)


def kubernetes_with_https(folder, variables, health):
    made = subprocess.run(["kubectl", "kustomize", DEPLOY / "kubernetes-https"], check=True, capture_output=True, text=True)
    by_kind = {one["kind"]: one for one in yaml.safe_load_all(made.stdout)}
    pod = by_kind["Deployment"]["spec"]["template"]["spec"]
    container, = pod["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    served = {port["targetPort"]: port["port"] for port in by_kind["Service"]["spec"]["ports"]}
    assert ports == served == {"http": 7070, "https": 7443}, (ports, served)
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in pod["volumes"]} == {"scenarios", "tls"}, mounted
    # As a Secret of the type kubernetes.io/tls has it.
    certificate, key = folder / "tls.crt", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", "/CN=mock",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    own = {one["name"]: one["value"].replace(mounted["tls"], str(folder), 1) for one in container["env"] if "TLS" in one["name"]}
    check(container["args"], {**variables, **own}, folder, health, authority=certificate)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copy(ROOT / "scenarios/outage.json", folder / "outage.json")
        compose(folder)
        kubernetes(folder)


main()
