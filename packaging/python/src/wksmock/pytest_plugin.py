"""The pytest plugin: a server for the session, and a clone of its project for each test."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Generator, Iterator, List, Mapping, Optional, Tuple

import pytest

from ._clone import Clone
from ._errors import AdminError, ExpectationsFailed, WksmockError
from ._evidence import journal
from ._options import BUILTIN, Options, Scenario, is_inline
from ._server import Server, attach, start

MARKER = (
    "wksmock(scenario=..., seed=...): what the fixture `wksmock` of this test has. scenario: a file beside the test or "
    "in the root folder, builtin:NAME, a dict, or JSON. seed: that of the server."
)
CLONES = pytest.StashKey[List[Clone]]()
# Whether the failure of the test is that of its expectations.
IS_SHOWN = pytest.StashKey[bool]()


class WksmockWarning(UserWarning):
    """Something that may make a test prove less than it seems to."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wksmock", "tests with wksmock")
    group.addoption(
        "--wksmock-binary",
        metavar="FILE",
        help="the program wksmock (default: WKSMOCK_BINARY, that of the installed package, or the one on PATH)",
    )
    group.addoption(
        "--wksmock-log",
        metavar="FILE",
        help="write the log of the servers to FILE; a worker of pytest-xdist adds its name, as in FILE.gw0",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


class Servers:
    """The servers of the session: that of `wksmock_options`, and one for each other seed that tests ask for."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config = config
        self._options = options
        self._log = _log_file(config)
        self._by_seed: Dict[Optional[int], Server] = {}
        self._surrounding: Optional[Server] = None
        if os.environ.get("WKSMOCK_URL"):
            binary = config.getoption("wksmock_binary")
            self._surrounding = attach(options=options, folder=config.rootpath, binary=binary)

    def get(self, seed: Optional[int]) -> Server:
        """Returns the server with this seed; that of the options for None. Starts it if necessary."""
        if self._surrounding is not None:
            return _with_seed(self._surrounding, seed)
        usual = self._by_seed.get(None)
        if seed is not None and usual is not None and usual.seed == seed:
            return usual
        if seed not in self._by_seed:
            options = self._options if seed is None else replace(self._options, seed=seed)
            binary = self._config.getoption("wksmock_binary")
            self._by_seed[seed] = start(options, binary=binary, log=self._log, folder=self._config.rootpath)
        return self._by_seed[seed]

    def stop(self) -> None:
        for server in self._by_seed.values():
            server.stop()


def _log_file(config: pytest.Config) -> Optional[Path]:
    """The file of `--wksmock-log`, empty."""
    given: Optional[str] = config.getoption("wksmock_log")
    if given is None:
        return None
    worker: Optional[Mapping[str, Any]] = getattr(config, "workerinput", None)
    name = given if worker is None else f"{given}.{worker['workerid']}"
    file = config.invocation_params.dir / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    except OSError as error:
        raise WksmockError(f"--wksmock-log: cannot write {str(file)!r}: {error}") from error
    return file


def _with_seed(server: Server, seed: Optional[int]) -> Server:
    if seed is not None and server.seed != seed:
        raise WksmockError(
            f"this test needs seed {seed}, but the server of `wksmock run` has seed {server.seed}; "
            f"use `wksmock run --seed {seed}`, or pytest without `wksmock run`"
        )
    return server


@contextmanager
def _plainly() -> Iterator[None]:
    """Shows an error of this package without a traceback through it."""
    try:
        yield
    except WksmockError as error:
        failed = pytest.fail.Exception(f"wksmock: {error}", pytrace=False)
        raise failed from None


@pytest.fixture(scope="session")
def wksmock_options() -> Options:
    """What servers are started with. Override it in conftest.py. Relative paths are those of the root folder."""
    return Options()


@pytest.fixture(scope="session")
def _wksmock_servers(pytestconfig: pytest.Config, wksmock_options: Options) -> Iterator[Servers]:
    with _plainly():
        servers = Servers(pytestconfig, wksmock_options)
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def wksmock_server(_wksmock_servers: Servers) -> Server:
    """The server of the session, or that of a surrounding `wksmock run`."""
    with _plainly():
        return _wksmock_servers.get(None)


@pytest.fixture
def wksmock(request: pytest.FixtureRequest) -> Iterator[Clone]:
    """A clone of the server's project for this test alone.

    The variables of the clone are set while the test runs. Its expectations are judged when the test function returns.
    """
    item = request.node
    with _plainly():
        clone = _clone(request, _wanted(item))
    item.stash[CLONES], item.stash[IS_SHOWN] = [clone], False
    try:
        with _environ(clone.env if clone.server.options.set_environ else {}):
            yield clone
    finally:
        del item.stash[CLONES]
        clone.delete_later()


@contextmanager
def _environ(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets variables of this process, and restores what they were."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _clone(request: pytest.FixtureRequest, wanted: Mapping[str, Any]) -> Clone:
    server: Server
    if wanted.get("seed") is None:
        server = request.getfixturevalue("wksmock_server")
    else:
        server = request.getfixturevalue("_wksmock_servers").get(wanted["seed"])
    scenario: Optional[Scenario] = wanted.get("scenario")
    if scenario is not None:
        scenario = _located(scenario, request.node.path.parent, request.config.rootpath)
    name = _id_of(request.node.nodeid)
    try:
        return server.clone(scenario=scenario, id=name)
    except AdminError as error:
        # Another session uses the same server, and runs the same test now.
        if error.status != 409:
            raise
        return server.clone(scenario=scenario, id=f"{name}-{uuid.uuid4().hex[:8]}")


def _wanted(item: pytest.Item) -> Dict[str, Any]:
    """The arguments of the markers of a test, the nearest first."""
    wanted: Dict[str, Any] = {}
    for marker in item.iter_markers("wksmock"):
        unknown = sorted(set(marker.kwargs) - {"scenario", "seed"})
        if marker.args or unknown:
            what = unknown[0] if unknown else repr(marker.args[0])
            raise WksmockError(f"the marker wksmock does not know {what}; it takes scenario=… and seed=…")
        wanted = {**marker.kwargs, **wanted}
    seed = wanted.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise WksmockError(f"the seed {seed!r} of the marker wksmock is not an integer")
    return wanted


def _located(scenario: Scenario, *folders: Path) -> Scenario:
    """The scenario, or its file in the first of the folders that has it."""
    if isinstance(scenario, Mapping) or is_inline(scenario) or str(scenario).startswith(BUILTIN):
        return scenario
    file = Path(scenario)
    places = list(dict.fromkeys(folder / file for folder in folders))
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise WksmockError(f"there is no scenario {str(file)!r}; expected it at {' or '.join(map(str, places))}")
    return found


def _id_of(nodeid: str) -> str:
    """The id of the clone of a test: the same on every run, and unlike those of other tests."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", nodeid.rpartition("::")[2])[:60].strip("-")
    return f"{name}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judges the expectations as a part of the test, so that a broken one is a failure and not an error of teardown."""
    result = yield
    for clone in item.stash.get(CLONES, []):
        with _plainly():
            verdict = clone.last_verdict()
        if not verdict["passed"]:
            item.stash[IS_SHOWN] = True
            pytest.fail(verdict["report"] or "", pytrace=False)
        for rule in clone.idle_rules(verdict):
            warnings.warn(WksmockWarning(f"a rule of this test never struck: {rule}"), stacklevel=2)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the journal of the clone to the report of a failed test."""
    report = yield
    if report.failed and call.when != "teardown":
        shown = item.stash.get(IS_SHOWN, False)
        shown = shown or (call.excinfo is not None and isinstance(call.excinfo.value, ExpectationsFailed))
        for clone in item.stash.get(CLONES, []):
            report.sections.extend(_sections(clone, shown))
    return report


def _sections(clone: Clone, is_verdict_shown: bool) -> Iterator[Tuple[str, str]]:
    try:
        if not is_verdict_shown:
            verdict = clone.last_verdict()
            if verdict["report"] is not None:
                yield "wksmock expectations", verdict["report"]
        yield f"wksmock journal of {clone.project}", journal(clone.requests(), clone.project) or "no requests"
    except WksmockError as error:
        yield "wksmock", str(error)
