"""Samples work: those in Python and Node, with curl and under `wksmock run` are run against the server, and those in Java,
Go, C++ and PHP against stand-ins for the vendor's classes. Nothing here compiles .NET."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sdk" / "python")]

import models  # noqa: E402
from conftest import BINARY, PROJECT, ROOT, USER, password, serving  # noqa: E402

LOGIN = "KeystoneCreateUserTokenByPassword"
# A part of the output of each operation's sample.
SHOWN = {
    "ResetRandomPassword": None,
    "ListUsers": "api-test2",
    "ListUserDetail": "api-test@example.com",
    "CreateDesktopUser": "",
    "UpdateUserInfo": USER,
    "DeleteUser": "DeleteUser: done",
    "ChangeUserStatus": "ChangeUserStatus: done",
    "SendEmail": "SendEmail: done",
    LOGIN: "",
    "KeystoneValidateToken": "developer",
    "KeystoneListProjects": PROJECT,
    "KeystoneListAuthProjects": PROJECT,
    "KeystoneListAuthDomains": "wksmock",
    "KeystoneListUsers": "developer",
    "KeystoneListRegions": "cn-north-4",
    "CreateTemporaryAccessKeyByToken": "securitytoken",
    "GetCallerIdentity": "principal_urn",
    "DecodeAuthorizationMessage": "workspace:users:randomPassword",
}
# Requests with every parameter that the SDKs have types for.
RICH = [
    ("ResetRandomPassword", ["--notification-type", "email,phone"]),
    ("ListUsers", [f"--parameter={pair}" for pair in (
        "user_name=a", "user_names=a,b", "description=d", "active_type=USER_ACTIVATE", "group_name=g", "disabled=true",
        "is_query_total_desktops=false", "limit=5", "offset=1",
    )]),
    ("KeystoneListProjects", [f"--parameter={pair}" for pair in (
        "domain_id=d", "name=n", "parent_id=p", "enabled=true", "is_domain=false", "page=1", "per_page=20",
    )]),
    ("KeystoneListUsers", ["--parameter=domain_id=d", "--parameter=enabled=true", "--parameter=name=n"]),
    ("KeystoneValidateToken", ["--parameter=nocatalog=1"]),
    ("CreateDesktopUser", ["--body", json.dumps({
        "user_name": "n", "user_email": "e", "user_phone": "1", "active_type": "ADMIN_ACTIVATE", "password": "p\"$",
        "account_expires": "0", "enable_change_password": True, "next_login_change_password": False,
        "group_ids": ["g", "h"], "description": "d", "alias_name": "a", "domain": "d", "enterprise_project_id": "e",
        "user_info_map": "m",
    })]),
    ("UpdateUserInfo", ["--body", json.dumps({
        "user_email": "e", "user_phone": "1", "description": "d", "active_type": "USER_ACTIVATE", "account_expires": "0",
        "enable_change_password": True, "next_login_change_password": True, "password_never_expired": False,
        "disabled": False, "user_info_map": "m",
    })]),
    ("SendEmail", ["--body", json.dumps({"template_id": "t", "phone_template_id": "p"})]),
    (LOGIN, ["--parameter=nocatalog=1", "--body", json.dumps({"auth": {
        "identity": {"methods": ["password"],
                     "password": {"user": {"name": "n", "password": "", "domain": {"name": "d"}}}},
        "scope": {"domain": {"id": "i", "name": "n"}, "project": {"id": "i", "name": "n"}},
    }})]),
    ("CreateTemporaryAccessKeyByToken", ["--body", json.dumps({"auth": {"identity": {
        "methods": ["token"], "token": {"duration_seconds": 900},
        "policy": {"Version": "1.1", "Statement": [
            {"Effect": "Allow", "Action": ["a", "b"]}, {"Effect": "Deny", "Action": ["c"], "Resource": ["*"]},
        ]},
    }}})]),
]
# Characters that could end a literal, have a meaning in one, or look like a slot of a template, in any of the languages.
HOSTILE = "-a\"b'c\\d$e${f}$(g)`h`%s%d{i}#{j}«id»</script>*/ ?>//??/\\u0022\\\"\\n 中é😀\u202e\u2028\u0085"


def sample(language, operation="ResetRandomPassword", *arguments):
    command = [BINARY, "sample", language, operation, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def environment(url, *flags):
    """Returns the variables of `wksmock env`, without those of the tests' own environment."""
    taken = ("WKSMOCK_", "HUAWEICLOUD_", "CLOUD_SDK_", "AUTH_TOKEN")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(taken)}
    printed = subprocess.run(
        [BINARY, "env", "--url", url, *flags], check=True, capture_output=True, text=True, env=clean
    ).stdout
    return {**clean, **dict(line.split("=", 1) for line in printed.removesuffix("\n").split("\n"))}


def entries(url):
    with urllib.request.urlopen(f"{url}/__admin/requests") as answer:
        return json.load(answer)["requests"]


class Runner:
    """Runs samples of a language in a folder."""

    def __init__(self, language, folder):
        self.language, self.folder = language, folder
        if language == "node":
            (folder / "node_modules").symlink_to(ROOT / "tests" / "sdk" / "node" / "node_modules")

    def run(self, env, operation, *arguments):
        code = sample(self.language, operation, *arguments)
        if self.language == "python":
            command = [sys.executable, "-W", "ignore", "-c", code]
        elif self.language == "node":
            file = self.folder / f"{operation}.mjs"
            file.write_text(code)
            command = ["node", file]
        else:
            command = ["sh", "-c", code]
        return subprocess.run(command, env=env, capture_output=True, text=True, cwd=self.folder, timeout=60)

    def is_curl(self):
        return self.language == "curl"


def test_every_operation_is_tested():
    document = json.loads((ROOT / "openapi.json").read_text())
    emulated = [methods for path, methods in document["paths"].items() if not path.startswith("/__admin")]
    assert {one["operationId"] for methods in emulated for one in methods.values()} == set(SHOWN)


@pytest.mark.parametrize("language", ["python", "node", "curl"])
def test_every_operation_works_against_the_server(language, tmp_path):
    runner = Runner(language, tmp_path)
    with serving("--auth", "required") as url:
        env = environment(url)
        login = runner.run(env, LOGIN)
        assert login.returncode == 0, login
        token = login.stdout.strip()
        if runner.is_curl():
            [token] = [line.split(": ")[1] for line in token.splitlines() if line.startswith("X-Subject-Token")]
        assert len(token) > 100 and "\n" not in token
        env["AUTH_TOKEN"] = token
        others = [operation for operation in SHOWN if operation not in (LOGIN, "DeleteUser")]
        with ThreadPoolExecutor(4) as pool:
            ended = dict(zip(others, pool.map(lambda operation: runner.run(env, operation), others)))
        ended["DeleteUser"] = runner.run(env, "DeleteUser")
        for operation, process in ended.items():
            assert process.returncode == 0, (operation, process)
            shown = SHOWN[operation] if operation != "ResetRandomPassword" else password(USER, 1)
            if runner.is_curl():
                assert process.stdout.startswith("HTTP/1.1 2"), process
                shown = "" if shown.endswith(": done") else shown
            assert shown in process.stdout, (operation, process)
        if not runner.is_curl():
            assert ended["ResetRandomPassword"].stdout == password(USER, 1) + "\n"
        journal = entries(url)
        assert sorted(entry["operation"] for entry in journal) == sorted(SHOWN)
        for entry in journal:
            assert entry["state"] == "answered" and entry["answer"]["status"] < 300, entry
            assert entry["account"] == "wksmock/developer", entry


@pytest.mark.parametrize("language", ["python", "node", "curl"])
def test_error_is_shown_with_its_details(language, tmp_path):
    refused = "8a2c3f9579d240820179d51e6caf0403"
    with serving() as url:
        process = Runner(language, tmp_path).run(environment(url), "ResetRandomPassword", "--user", refused)
        [entry] = entries(url)
        if language == "curl":
            assert process.returncode == 22 and process.stdout.startswith("HTTP/1.1 403")
            shown = process.stdout
        else:
            # The core for Node logs every error on stdout.
            assert process.returncode == 1 and (process.stdout == "" or language == "node"), process
            shown = process.stderr
            assert "403 WKS.00081102: " in shown and "sealed reason: " in shown, process
        assert entry["request_id"] in shown, process


@pytest.mark.parametrize("language", ["python", "node", "curl"])
def test_hostile_ids_work(language, tmp_path):
    users = tmp_path / "users.json"
    # A loaded id has no slash and no control character.
    odd = HOSTILE.replace("/", "").replace("\u0085", "")
    ids = [odd, "\u4e2d" * 255]
    project = "p-" + odd
    if language == "node":
        # The core signs all others differently from the server; a stand-in tests that all reach it unchanged.
        ids, project = ["$e;(f)*!@\u202e\u2028\u00e9\U0001f600\u4e2d", "\u4e2d" * 255], "p"
    listed = [{"id": one, "user_name": f"user{at}"} for at, one in enumerate(ids)]
    accounts = [{"domain": "d", "name": "n", "access_key": "AK" * 10, "secret_key": "s" * 40}]
    users.write_text(json.dumps({"projects": [{"id": project, "users": listed}], "accounts": accounts}))
    flags = ["--users", str(users)]
    with serving("--auth", "permissive" if language == "curl" else "required", *flags) as url:
        env = environment(url, *flags)
        runner = Runner(language, tmp_path)
        for one in ids:
            process = runner.run(env, "ResetRandomPassword", f"--project={project}", f"--user={one}")
            assert process.returncode == 0, process
            command = [BINARY, "password", *flags, f"--project={project}", f"--user={one}"]
            given = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            if language == "curl":
                assert json.dumps({"password": given}, separators=(",", ":")) in process.stdout
            else:
                assert process.stdout == given + "\n"
        assert [(entry["project"], entry["user"]) for entry in entries(url)] == [(project, one) for one in ids]


def test_run_lines_start_a_server_and_judge(tmp_path):
    env = environment("http://127.0.0.1:1")
    for name in [name for name in env if name.startswith("WKSMOCK_")]:
        del env[name]
    (tmp_path / "wksmock").symlink_to(BINARY)
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    for operation, shown in (("ResetRandomPassword", password(USER, 1)), ("ListUsers", "api-test2"), (LOGIN, "X-Subject-Token")):
        code = sample("run", operation)
        process = subprocess.run(["sh", "-c", code], env=env, capture_output=True, text=True, cwd=tmp_path)
        assert process.returncode == 0 and shown in process.stdout, process


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        pytest.skip(f"left out, since {' and '.join(missing)} cannot be found")


def run(*command, **more):
    process = subprocess.run(command, capture_output=True, text=True, timeout=120, **more)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


def written(language, folder, ending):
    """Returns a file for each sample, of every operation and of rich requests, named after the operation."""
    every = [(operation, []) for operation in SHOWN]
    hostile = [(operation, [*arguments, f"--user={HOSTILE}"] if operation != "KeystoneListUsers" else arguments)
               for operation, arguments in RICH]
    for name, wanted in (("every", every), ("rich", hostile)):
        (folder / name).mkdir(parents=True)
        with ThreadPoolExecutor(4) as pool:
            for (operation, _), code in zip(wanted, pool.map(lambda one: sample(language, one[0], *one[1]), wanted)):
                (folder / name / f"{operation}{ending}").write_text(code)
    return folder / "every", folder / "rich"


def echoed(command, **more):
    """Returns the output of a reset sample with stubs, which answer with the user's id, and the error of their refusal."""
    process = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)
    assert (process.returncode, process.stderr) == (0, ""), process
    env = {**more.pop("env", os.environ), "STUB_REFUSES": "1"}
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, **more)
    assert (refused.returncode, refused.stdout) == (1, ""), refused
    assert refused.stderr.startswith("403 CODE: message\nrequest id: an-id\n"), refused
    return process.stdout.removesuffix("\n"), refused.stderr


def test_java_samples_compile_and_pass_values(tmp_path):
    needs("javac", "java")
    stubs = tmp_path / "stubs"
    shutil.copytree(HERE / "stubs" / "java", stubs)
    models.java(stubs)
    every, rich = written("java", tmp_path / "samples", "Sample.java")
    files = [str(path) for path in stubs.rglob("*.java")]
    lint = ["-Xlint:all", "-Werror", "-encoding", "US-ASCII"]
    run("javac", "-d", tmp_path / "classes", *files)
    for folder in (every, rich):
        run("javac", *lint, "-cp", tmp_path / "classes", "-d", folder, *map(str, folder.glob("*.java")))
    # An encoding that can print all characters; the source has only ASCII.
    java = ["java", "-Dsun.stdout.encoding=UTF-8", "-Dfile.encoding=UTF-8", "-cp", f"{tmp_path / 'classes'}:{rich}"]
    shown, refused = echoed([*java, "ResetRandomPasswordSample"])
    assert shown == HOSTILE and "sealed reason: sealed" in refused
    shown, _ = echoed([*java, "CreateDesktopUserSample"])
    assert "active_type=ADMIN_ACTIVATE" in shown and 'password=p"$' in shown and "group_ids=[g, h]" in shown


def test_go_samples_pass_vet_and_pass_values(tmp_path):
    needs("go", "gofmt")
    module = tmp_path / "src" / models.MODULE
    shutil.copytree(HERE / "stubs" / "go", module)
    models.go(module)
    root = tmp_path / "src" / "samples"
    for folder in written("go", root, ".go"):
        for file in folder.glob("*.go"):
            own = folder / file.stem
            own.mkdir()
            file.rename(own / "main.go")
    cache = ROOT / "target" / "go-cache"
    env = {**os.environ, "GOPATH": str(tmp_path), "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(cache)}
    run("go", "vet", "samples/...", env=env, cwd=root)
    assert run("gofmt", "-l", root) == ""
    for operation, expected in (("ResetRandomPassword", HOSTILE), ("CreateDesktopUser", None)):
        program = tmp_path / operation
        run("go", "build", "-o", program, f"samples/rich/{operation}", env=env)
        shown, refused = echoed([program])
        assert "sealed reason: sealed" in refused
        if expected:
            assert shown == expected


def test_cpp_samples_compile_and_pass_values(tmp_path):
    needs("g++")
    every, rich = written("cpp", tmp_path / "samples", ".cpp")
    flags = ["-std=c++14", "-Wall", "-Wextra", "-Werror", f"-I{HERE / 'stubs' / 'cpp'}"]
    # The headers take most of the time, so all are compiled together, each in its own namespace.
    files = [*every.glob("*.cpp"), *rich.glob("*.cpp")]
    headers = sorted({line for file in files for line in file.read_text().splitlines() if line.startswith("#include")})
    spaces = [f'namespace sample{at} {{\n#include "{file}"\n}}' for at, file in enumerate(files)]
    together = tmp_path / "together.cpp"
    together.write_text("\n".join([*headers, "#define main run", *spaces]) + "\n")
    run("g++", *flags, "-fsyntax-only", together)
    program = tmp_path / "program"
    run("g++", *flags, "-o", program, rich / "ResetRandomPassword.cpp")
    shown, _ = echoed([program])
    assert shown == f"{HOSTILE} notification_type=email,phone"
    run("g++", *flags, "-o", program, rich / f"{LOGIN}.cpp")
    shown, _ = echoed([program], env={**os.environ, "WKSMOCK_PASSWORD": 'a"b\\c'})
    body = json.loads(shown.removeprefix(" nocatalog=1"))
    assert body["auth"]["identity"]["password"]["user"]["password"] == 'a"b\\c'


def test_node_samples_pass_values(tmp_path):
    _, rich = written("node", tmp_path / "samples", ".mjs")
    (rich / "node_modules").symlink_to(HERE / "stubs" / "node")
    shown, refused = echoed(["node", "--preserve-symlinks", "ResetRandomPassword.mjs"], cwd=rich)
    assert shown == HOSTILE and "sealed reason: sealed" in refused
    shown, _ = echoed(["node", "ListUsers.mjs"], cwd=rich)
    assert json.loads(shown)["queryParams"]["user_names"] == "a,b"


def test_php_samples_parse_and_pass_values(tmp_path):
    needs("php")
    for folder in written("php", tmp_path / "samples", ".php"):
        for file in folder.glob("*.php"):
            assert "No syntax errors" in run("php", "-l", file)
        shutil.copytree(HERE / "stubs" / "php" / "vendor", folder / "vendor")
    rich = tmp_path / "samples" / "rich"
    shown, _ = echoed(["php", "ResetRandomPassword.php"], cwd=rich)
    assert shown == HOSTILE
    shown, _ = echoed(["php", f"{LOGIN}.php"], cwd=rich, env={**os.environ, "WKSMOCK_PASSWORD": 'a"b\\c'})
    assert json.loads(shown)["auth"]["identity"]["password"]["user"]["password"] == 'a"b\\c'
    shown, _ = echoed(["php", "CreateTemporaryAccessKeyByToken.php"], cwd=rich)
    statements = json.loads(shown)["body"]["auth"]["identity"]["policy"]["Statement"]
    assert [statement["Effect"] for statement in statements] == ["Allow", "Deny"]
