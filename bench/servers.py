"""Servers that are measured, and the load on them."""

import contextlib
import os
import pathlib
import re
import resource
import signal
import statistics
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
HEADERS = (BENCH / "src/headers.txt").read_text().splitlines()
PROJECT = "0bec5db98280d2d02fd6c00c2de791ce"
ALICE = "8a2c3f9579d240820179d51e6caf0001"
PLAIN = [str(ROOT / "target/bench/release/plain")]
PLAIN_HTTP_2 = [str(ROOT / "target/bench/release/plain_http2")]
PLAIN_TLS = [str(ROOT / "target/bench/release/plain_tls")]
PEER = [str(ROOT / "target/peer/release/wksmock-bench-peer")]
HOST = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout)[1]
OURS = ROOT / "target" / HOST / "dist/wksmock"
TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE, LOAD_CORE = "0", "1"


def ours(*arguments):
    return [str(OURS), "serve", "--port", "0", "--log-level", "warn", *arguments]


def path(user=ALICE):
    return f"/v2/{PROJECT}/users/{user}/random-password"


def build(peer):
    """Builds what is measured, each as it is shipped; the peer only if it is measured."""
    release = ["cargo", "build", "--locked", "--quiet", "--release", "--manifest-path"]
    needed = [["packaging/binary/build"], [*release, "bench/Cargo.toml", "--target-dir", "target/bench"]]
    if peer:
        needed.append([*release, "bench/peer/Cargo.toml", "--target-dir", "target/peer"])
    for command in needed:
        built = subprocess.run(command, cwd=ROOT, env={**os.environ, "CARGO_TERM_QUIET": "true"})
        if built.returncode != 0:
            raise SystemExit(f"cannot build: {' '.join(command)} ended with {built.returncode}")


class Server:
    """A running server, called by the URL of `scheme` that it announces; `cores` are those that it may use."""

    def __init__(self, name, command, cores=SERVER_CORE, scheme="http"):
        self.name = name
        self.begun = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=subprocess.PIPE, text=True)
        lines = iter(self.process.stdout.readline, "")
        line = next((line for line in lines if f" on {scheme}://" in line), None)
        if line is None:
            raise SystemExit(f"{name} did not start: {' '.join(command)} ended with {self.process.wait()}")
        self.url = line.split(" on ")[1].strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def cpu(self):
        """Processor seconds so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, what="VmRSS"):
        """Resident KiB; `VmHWM` is the most that there ever was."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+)", status)[1])

    def answer_once(self, user=ALICE):
        request = urllib.request.Request(self.url + path(user))
        for line in HEADERS:
            request.add_header(*line.split(": ", 1))
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
            answer.read()

    def load(self, seconds, lines=(), script=None, arguments=(), connections=64):
        """Requests a second, processor microseconds a request, and how many requests there were."""
        before = self.cpu()
        headers = [part for line in [*HEADERS, *lines] for part in ("-H", line)]
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *headers]
        if script:
            command += ["-s", str(BENCH / script), self.url, "--", *map(str, arguments)]
        else:
            command.append(self.url + path())
        said = output(command)
        if "Non-2xx" in said or re.search(r"connect [1-9]|timeout [1-9]", said):
            raise SystemExit(f"{self.name} did not answer every request with 200:\n{said}")
        requests = int(re.search(r"(\d+) requests in", said)[1])
        return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), (self.cpu() - before) / requests * 1e6, requests

    def load_http_2(self, seconds, connections, streams):
        """The same as `load` by HTTP/2, with so many requests at once on each connection."""
        before = self.cpu()
        headers = [part for line in HEADERS for part in ("-H", line)]
        command = ["taskset", "-c", LOAD_CORE, "h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds}",
                   *headers, self.url + path()]
        said = output(command)
        done, failed = (int(found[1]) if (found := re.search(rf"(\d+) {what}", said)) else 0 for what in ("2xx", "failed"))
        if not done or failed or " 0 3xx, 0 4xx, 0 5xx" not in said:
            raise SystemExit(f"{self.name} did not answer every request with 200:\n{said}")
        return done / seconds, (self.cpu() - before) / done * 1e6, done

    def open_connections(self):
        metrics = urllib.request.urlopen(self.url + "/__admin/metrics").read().decode()
        return int(re.search(r"wksmock_connections_open (\d+)", metrics)[1])

    @contextlib.contextmanager
    def held(self, user, count):
        """Has so many calls of a user held by the server at any time; all of them are there before and after."""
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        headers = [part for line in HEADERS for part in ("-H", line)]
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{count}", "-d600s", *headers, self.url + path(user)]
        crowd = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            self.wait_for(lambda opened: opened >= count)
            # The first requests of all clients are in step.
            time.sleep(3)
            yield
            if crowd.poll() is not None or self.open_connections() < count:
                raise SystemExit(f"the {count} calls were not held")
        finally:
            crowd.kill()
            crowd.wait()
        self.wait_for(lambda opened: opened < 10)

    def wait_for(self, is_so):
        """Waits until that is so of the connections that are open."""
        deadline = time.monotonic() + 30
        while not is_so(self.open_connections()):
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name} has {self.open_connections()} connections")
            time.sleep(0.2)

    def slowest(self, user, seconds):
        """Milliseconds that 99 of a hundred calls of a user do not exceed, one after the other."""
        headers = [part for line in HEADERS for part in ("-H", line)]
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", "-c1", f"-d{seconds}s", "--latency", *headers]
        said = output([*command, self.url + path(user)])
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
        return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def output(command):
    """What a tool prints; if it fails, all that it said ends the run."""
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
    return run.stdout


def ratios(servers, rounds, measure):
    """For each server but the first, the medians of its figures as ratios to the first's, taken in turn: A B, B A."""
    found = {server.name: [] for server in servers[1:]}
    for number in range(rounds):
        order = servers if number % 2 == 0 else servers[::-1]
        figures = {server.name: measure(server)[:2] for server in order}
        first = figures[servers[0].name]
        for name, rows in found.items():
            rows.append([own / other for own, other in zip(figures[name], first)])
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in found.items()}
