"""A running server: one of its own process, or that of a surrounding `wksmock run`."""

from __future__ import annotations

import atexit
import os
import select
import subprocess
import tempfile
import time
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import IO, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union

from ._admin import Admin
from ._binary import find_binary
from ._clone import Clone
from ._errors import ServerFailed, WksmockError
from ._options import BUILTIN, Document, Options, Scenario, is_inline

# pytest shows the line of the test that called, not those in here.
__tracebackhide__ = True

READY = "wksmock listening on "
START_SECONDS = 60.0
# The server drains for up to 3 seconds.
STOP_SECONDS = 10.0
LOG_SHOWN_BYTES = 8000
# Variables by which programs trust a server.
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "JAVA_TOOL_OPTIONS")


class Server:
    """A server with its first project and user. End it with `stop`, or use it in a `with` block."""

    def __init__(
        self,
        url: str,
        env: Mapping[str, str],
        token: Optional[str],
        process: Optional[_Process],
        binary: Optional[str],
        options: Options,
        folder: Path,
        admin_url: Optional[str] = None,
    ) -> None:
        self.url = url
        #: The variables that point a program at this server.
        self.env: Dict[str, str] = dict(env)
        has_https = env["WKSMOCK_URL"].startswith("https:")
        #: The URL of HTTPS; None without the option `tls`.
        self.https_url: Optional[str] = env["WKSMOCK_URL"] if has_https else None
        #: A file with the certificates to trust: that of the server's authority, and those of the system. None without HTTPS.
        self.ca_file: Optional[str] = env.get("SSL_CERT_FILE") if has_https else None
        #: The first project, of which clones are made.
        self.project = env["WKSMOCK_PROJECT"]
        #: The first user of the project.
        self.user = env.get("WKSMOCK_USER", "")
        self._process = process
        self._binary = binary
        #: What it was started with.
        self.options = options
        self._folder = folder
        self._builtin: Dict[str, Document] = {}
        self.admin = Admin(admin_url or url, token, self._why_ended)

    @property
    def seed(self) -> int:
        """The seed in force."""
        health = self.admin.get("/health")
        if "seed" not in health:
            self.admin.get("/version")  # health alone answers without the token, and does not say why it is brief
        return int(health["seed"])

    def clone(self, *, scenario: Optional[Scenario] = None, id: Optional[str] = None) -> Clone:
        """Clones the project. With a scenario, its rules and expectations take the place of the server's.

        A relative path is read from the folder of the options. Raises `AdminError` with the places of all errors.
        """
        # A server of this process has been started with a scenario that is a file.
        if scenario is None and self.options.scenario is not None:
            if self._process is None or is_inline(self.options.scenario):
                scenario = self.options.scenario
        return Clone(self, None if scenario is None else self._document(scenario), id)

    def stop(self) -> None:
        """Ends the server, unless it belongs to `wksmock run`."""
        self.admin.close()
        if self._process is not None:
            self._process.stop()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.stop()

    def _document(self, scenario: Scenario) -> Document:
        if isinstance(scenario, Mapping):
            return Document.of(dict(scenario), "scenario")
        name = os.fspath(scenario)
        if is_inline(scenario):
            return Document("scenario", name)
        if not name.startswith(BUILTIN):
            return Document.read(self._folder / name)
        if name not in self._builtin:
            command = [self._binary or find_binary(), "scenario", "show", name[len(BUILTIN) :]]
            shown = subprocess.run(command, capture_output=True, text=True, env=_environ(), check=False)
            if shown.returncode != 0:
                raise WksmockError(shown.stderr.strip().replace("error: ", "", 1))
            self._builtin[name] = Document(name, shown.stdout)
        return self._builtin[name]

    def _why_ended(self) -> Optional[str]:
        return None if self._process is None else self._process.why_ended()


def start(
    options: Optional[Options] = None,
    *,
    binary: Optional[str] = None,
    log: Union[None, str, "os.PathLike[str]"] = None,
    folder: Union[None, str, "os.PathLike[str]"] = None,
) -> Server:
    """Starts a server on a free port.

    It ends with `stop`, or when this process ends in whatever way. Relative paths in the options are those of `folder`,
    by default the current directory. The log is appended to the file `log`. Variables such as WKSMOCK_SEED do not
    reach the server, so that a test suite gets the same answers on every machine.

    Raises `BinaryNotFound`, and `ServerFailed` with the located errors of the files.
    """
    chosen = Options() if options is None else options
    place = Path.cwd() if folder is None else Path(folder)
    program = find_binary(binary)
    process = _Process(program, chosen, place, None if log is None else Path(log))
    try:
        url, env = process.ready()
        token, admin_url = env.pop("WKSMOCK_ADMIN_TOKEN", None), env.pop("WKSMOCK_ADMIN_URL", None)
        if "WKSMOCK_PROJECT" not in env:
            raise WksmockError(f"the users files {_users_of(chosen)} have no project, so nothing can be cloned; add one")
        return Server(url, env, token, process, program, chosen, place, admin_url)
    except BaseException:
        process.stop()
        raise


def attach(
    environ: Optional[Mapping[str, str]] = None,
    *,
    options: Optional[Options] = None,
    folder: Union[None, str, "os.PathLike[str]"] = None,
    binary: Optional[str] = None,
) -> Server:
    """Uses the server to which the environment points: that of a surrounding `wksmock run`.

    The scenario of the options applies to clones that bring none. Raises `WksmockError` if the server has another seed or
    other users than the options, or if they have flags, which come too late.
    """
    given = dict(os.environ if environ is None else environ)
    missing = [name for name in ("WKSMOCK_URL", "WKSMOCK_PROJECT") if not given.get(name)]
    if missing:
        raise WksmockError(f"{' and '.join(missing)} is not set; run this under `wksmock run -- COMMAND`")
    chosen = Options() if options is None else options
    place = Path.cwd() if folder is None else Path(folder)
    url = given["WKSMOCK_URL"].rstrip("/")
    names = TRUST if url.startswith("https:") else ()
    env = {name: value for name, value in given.items() if _points_at_server(name) or name in names}
    token = given.get("WKSMOCK_ADMIN_TOKEN")
    server = Server(url, {**env, "WKSMOCK_URL": url}, token, None, binary, chosen, place, given.get("WKSMOCK_ADMIN_URL"))
    if chosen.args:
        raise _differs(server, "flags of its own", f"give {' '.join(chosen.args)} to `wksmock run`")
    if chosen.tls and server.https_url is None:
        raise _differs(server, "HTTPS", "give --tls to `wksmock run`")
    if chosen.seed is not None and chosen.seed != server.seed:
        raise _differs(server, f"seed {chosen.seed}, not {server.seed}", f"give --seed {chosen.seed} to `wksmock run`")
    users = Options(users=chosen.users).flags()
    if users:
        own = _printed_env(find_binary(binary), users, place)
        if (own.get("WKSMOCK_PROJECT"), own.get("WKSMOCK_USER", "")) != (server.project, server.user):
            raise _differs(server, "other users", f"give {' '.join(users)} to `wksmock run`")
    return server


def _differs(server: Server, what: str, cure: str) -> WksmockError:
    return WksmockError(f"the server at WKSMOCK_URL ({server.url}) is running already, but this asks for {what}; {cure}")


def _printed_env(program: str, users: Sequence[str], folder: Path) -> Dict[str, str]:
    """The variables that `wksmock env` prints for users files."""
    command = [program, "env", *users]
    printed = subprocess.run(command, cwd=folder, env=_environ(), capture_output=True, encoding="utf-8", check=False)
    if printed.returncode != 0:
        raise WksmockError(printed.stderr.strip())
    return _parsed(printed.stdout)


def _parsed(lines: str) -> Dict[str, str]:
    pairs = (line.split("=", 1) for line in lines.splitlines() if "=" in line)
    return {name: value for name, value in pairs}


def _users_of(options: Options) -> str:
    return " ".join(_values_of("--users", options.flags()))


def _other_version(program: str) -> str:
    """A note, if the program is of another version than this package: that may be why it did not start."""
    try:
        own = metadata.version("wksmock")
        printed = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False, timeout=10)
    except (metadata.PackageNotFoundError, OSError, subprocess.SubprocessError):
        return ""
    other = printed.stdout.strip()
    is_known = other.startswith("wksmock ") and other.split()[1] != own
    return f"\n{program} is {other}, and this package {own}: install the same version of both" if is_known else ""


def _points_at_server(name: str) -> bool:
    own = ("URL", "PROJECT", "USER", "DOMAIN", "ACCOUNT", "PASSWORD")
    return name in (*(f"WKSMOCK_{end}" for end in own), "NO_PROXY", "no_proxy") or name.startswith(
        ("HUAWEICLOUD_SDK_", "CLOUD_SDK_")
    )


def _values_of(name: str, flags: Sequence[str]) -> List[str]:
    """The values of a flag, as `--name value` or `--name=value`."""
    apart = [flags[at + 1] for at, flag in enumerate(flags[:-1]) if flag == name]
    return apart + [flag[len(name) + 1 :] for flag in flags if flag.startswith(f"{name}=")]


def _environ() -> Dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("WKSMOCK_")}


class _Process:
    """The process of a server."""

    def __init__(self, program: str, options: Options, folder: Path, log: Optional[Path]) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile() if log is None else log.open("a+b")
        self._log_begins_at = self._log.seek(0, os.SEEK_END)
        self._program = program
        # A new folder, so that nobody else can put a file in the place of this one.
        self._folder = tempfile.TemporaryDirectory(prefix="wksmock-")
        self._env = Path(self._folder.name) / "env"
        self._process = subprocess.Popen(
            [program, "serve", "--exit-with-parent", "--env-file", str(self._env), *options.flags()],
            cwd=folder,
            # Variables give way to flags of the options.
            env={**_environ(), "WKSMOCK_PORT": "0", "WKSMOCK_LOG_LEVEL": "warn" if log is None else "info"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Ctrl-C in a terminal ends the test runner, which then ends the server.
            start_new_session=True,
        )
        atexit.register(self.stop)

    def ready(self) -> Tuple[str, Dict[str, str]]:
        """Waits for the line that announces the server, and returns its URL and the variables that lead to it."""
        out = self._process.stdout
        assert out is not None
        line, until = b"", time.monotonic() + START_SECONDS
        while b"\n" not in line:
            left = until - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise ServerFailed(f"the server was not ready after {START_SECONDS:.0f} s\n{self._logged()}")
            read = os.read(out.fileno(), 4096)
            if not read:
                self._process.wait()
                raise ServerFailed(f"the server did not start:\n{self._logged()}{_other_version(self._program)}")
            line += read
        env = _parsed(self._env.read_text(encoding="utf-8"))
        self._folder.cleanup()
        return line.decode().splitlines()[0].strip()[len(READY) :], env

    def why_ended(self) -> Optional[str]:
        try:
            # It may have closed its connections a moment before it ends.
            code = self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            return None
        return f"the server has ended with code {code}\n{self._logged()}".rstrip()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()

    def _logged(self) -> str:
        if self._log.closed:
            return ""
        end = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(self._log_begins_at, end - LOG_SHOWN_BYTES))
        return self._log.read().decode(errors="replace").rstrip()
