"""Runs the action's steps as a runner does: each with the inputs put into its variables, and files for what it sets."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
PACKAGES = ROOT / "target/packages"
RESET = (
    'curl -s -o /dev/null -w "%{http_code} " -H "Content-Type: application/json" '
    '"$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password"'
)


class Job:
    """A job on a runner: a workspace, a folder for temporary files, and the variables that steps add."""

    def __init__(self, folder):
        self.workspace, self.temp = folder / "work space", folder / "temp"
        self.workspace.mkdir()
        self.temp.mkdir()
        self.variables, self.path = {}, []

    def use(self, source=PACKAGES.as_uri(), **inputs):
        """Uses the action; returns the exit code, what the steps print, the outputs and the summary."""
        values = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()}
        assert set(inputs) <= set(values)
        values |= inputs | {"source": source}
        outputs = {}
        for step in ACTION["runs"]["steps"]:
            code, printed, outputs[step["id"]], summary = self.step(step, values)
            if code != 0:
                break
        named = {name: filled(output["value"], outputs=outputs) for name, output in ACTION["outputs"].items()}
        return code, printed, named, summary

    def step(self, step, inputs):
        files = {name: self.temp / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        assert step["shell"] == "bash"
        environment = self.environment() | {name: str(file) for name, file in files.items()} | {
            "GITHUB_ACTION_PATH": str(ROOT),
            **{name: filled(value, inputs=inputs) for name, value in step["env"].items()},
        }
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(command, env=environment, cwd=self.workspace, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120)
        self.variables |= assigned(files["GITHUB_ENV"])
        self.path += files["GITHUB_PATH"].read_text().splitlines()
        return done.returncode, done.stdout, assigned(files["GITHUB_OUTPUT"]), files["GITHUB_STEP_SUMMARY"].read_text()

    def environment(self):
        path = os.pathsep.join([*reversed(self.path), os.environ["PATH"]])
        return {"PATH": path, "HOME": os.environ["HOME"], "CI": "true", "RUNNER_TEMP": str(self.temp),
                "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_REPOSITORY": "someone/something", **self.variables}

    def end(self):
        """Ends what runs still, as a runner does."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.temp / "wksmock.pid").read_text()), signal.SIGTERM)


def assigned(file):
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def filled(text, inputs=None, outputs=None):
    """A text with its expressions evaluated: inputs, outputs of steps, and the action's repository."""
    def value(match):
        if match.group(1) == "github.action_repository":
            return "someone/wksmock"
        first, *rest = match.group(1).split(".")
        if first == "inputs":
            return inputs[rest[0]]
        assert first == "steps" and rest[1] == "outputs", match.group(0)
        return outputs.get(rest[0], {}).get(rest[2], "")

    return re.sub(r"\$\{\{ (\S+) \}\}", value, text)


@contextlib.contextmanager
def job():
    with tempfile.TemporaryDirectory() as folder:
        started = Job(pathlib.Path(folder))
        try:
            yield started
        finally:
            started.end()


def version():
    return re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)


def server_lasts_until_the_job_ends():
    with job() as own:
        code, printed, outputs, summary = own.use(args="--fault\n0001=503:1")
        assert (code, printed) == (0, ""), printed
        assert outputs["version"] == version() and outputs["junit"] == "", outputs
        assert own.variables["WKSMOCK_URL"] == outputs["url"] and outputs["url"] in summary, summary
        assert own.variables["HUAWEICLOUD_SDK_PROJECT_ID"] == outputs["project"]
        # A later step, with the installed command and the variables of this one.
        later = subprocess.run(["bash", "-c", f"{RESET}; {RESET}; wksmock health"], env=own.environment(), text=True,
                               capture_output=True, timeout=60)
        assert (later.stdout, later.stderr) == ("503 200 ok\n", ""), (later.stdout, later.stderr)
    with job() as own:
        url = own.use()[2]["url"]
        consumer = [sys.executable, str(ROOT / "tests/packages/consumer.py"), url]
        consumed = subprocess.run(consumer, capture_output=True, text=True, timeout=60)
        assert consumed.returncode == 0, consumed.stdout + consumed.stderr


def flags_reach_the_variables():
    with job() as own:
        shutil.copy(ROOT / "fixtures/accounts.json", own.workspace / "team's users.json")
        flags = ["--users", "team's users.json", "--admin-token", "generate", "--tls", "--listen=127.0.0.1:0"]
        code, printed, outputs, summary = own.use(args="\n".join(flags))
        token = own.variables["WKSMOCK_ADMIN_TOKEN"]
        assert (code, printed) == (0, f"::add-mask::{token}\n"), printed
        assert outputs["project"] == own.variables["HUAWEICLOUD_SDK_PROJECT_ID"] == "team-a", outputs
        assert own.variables["WKSMOCK_ACCOUNT"] == "admin", own.variables
        assert outputs["url"] == own.variables["WKSMOCK_URL"] and outputs["url"].startswith("https://"), outputs
        assert token not in summary + str(outputs)
        # A later step trusts the certificate, and may use the admin API.
        asked = 'curl -sS -o /dev/null -w "%{http_code} " -H "Authorization: Bearer $WKSMOCK_ADMIN_TOKEN" $WKSMOCK_URL/__admin/version'
        later = subprocess.run(["bash", "-c", f"{RESET}; {asked}"], env=own.environment(), text=True, capture_output=True, timeout=60)
        assert (later.stdout, later.stderr) == ("200 200 ", ""), (later.stdout, later.stderr)


def command_is_judged():
    with job() as own:
        shutil.copy(ROOT / "scenarios/outage.json", own.workspace / "out age.json")
        code, printed, outputs, summary = own.use(run=f"{RESET}\n{RESET}", scenario="out age.json", junit="reports/mock.xml")
        assert code == 1, printed
        assert "503 503" in printed and "failed: retries, but not forever" in printed, printed
        junit = (own.workspace / outputs["junit"]).read_text()
        for text in (summary, junit):
            assert "retries, but not forever" in text and "one too few" in text, text
        assert "<failure" in junit, junit
        # No scenario of the step before leaks into this one.
        code, printed, outputs, summary = own.use(run=RESET)
        assert code == 0 and "200 " in printed, printed
        assert (own.workspace / outputs["junit"]).read_text().startswith("<?xml"), outputs
        code, printed, _, _ = own.use(run="false; true")
        assert code == 1, "a failing command of several passes"


def clones_in_parallel_under_run():
    with job() as own:
        consumer = ROOT / "tests/packages/consumer.py"
        code, printed, _, _ = own.use(run=f'"{sys.executable}" "{consumer}" "$WKSMOCK_URL" $WKSMOCK_ADMIN_TOKEN')
        # The server judges the expectations of the clones too, of which the consumer has two fail.
        assert code == 1 and "wksmock: 2 of 4 expectations held" in printed, printed
        assert "Traceback" not in printed, printed


def failures_say_why():
    with job() as own:
        code, printed, _, _ = own.use(version="9.9.9")
        assert code != 0 and "::error title=wksmock::" in printed and "is 9.9.9 a release?" in printed, printed
        code, printed, _, _ = own.use(args="--seed\nx")
        assert code != 0 and "The server did not start." in printed and "--seed" in printed, printed
        altered = own.temp / "altered"
        altered.mkdir()
        for file in PACKAGES.glob("wksmock-*.tar.gz"):
            (altered / file.name).write_bytes(file.read_bytes() + b"x")
        shutil.copy(PACKAGES / "SHA256SUMS", altered)
        code, printed, _, _ = own.use(source=altered.as_uri())
        assert code != 0 and "SHA-256 sum" in printed, printed


def page_shows_inputs_that_there_are():
    page = (ROOT / "docs/install.md").read_text()
    shown = yaml.safe_load(re.search(r"```yaml \.github/workflows/drill\.yaml\n(.*?)```", page, re.DOTALL).group(1))
    used, = [step["with"] for step in shown["jobs"]["drill"]["steps"] if step["uses"].startswith("OWNER/wksmock@")]
    assert set(used) == {"scenario", "run", "junit"} <= set(ACTION["inputs"]), used


for test in (page_shows_inputs_that_there_are, server_lasts_until_the_job_ends, flags_reach_the_variables, command_is_judged, clones_in_parallel_under_run, failures_say_why):
    test()
    print(f"    {test.__name__.replace('_', ' ')}")
