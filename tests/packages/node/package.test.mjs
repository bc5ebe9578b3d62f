// Installs the packages of target/packages/npm into an empty project, and uses them as their users would.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const top = join(here, "../../..");
const packages = join(top, "target/packages/npm");
const tools = join(here, "node_modules/.bin");
const platform = `@wksmock/${process.platform}-${process.arch}`;

/** The environment of a user who has no other wksmock: PATH has Node alone, beside the system's folders. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WKSMOCK_|NODE_TEST|npm_)/.test(name)));
Object.assign(env, { NO_COLOR: "1", PATH: `${join(process.execPath, "..")}:/usr/bin:/bin` });
delete env.FORCE_COLOR;

/** Runs a command; returns its exit code and what it printed. */
async function run(folder, command, args, variables = {}) {
  const options = { cwd: folder, env: { ...env, ...variables }, encoding: "utf8" };
  return await new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), text: stdout + stderr, stdout });
    });
  });
}

/** Makes a project with the consumer's files, and installs the packages without a network. */
async function project(...flags) {
  const folder = mkdtempSync(join(here, "projects/"));
  cpSync(join(here, "consumer"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "consumer", "private": true }\n');
  const files = readdirSync(packages).map((name) => join(packages, name));
  const quiet = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code, text } = await run(folder, "npm", ["install", ...quiet, ...flags, ...files]);
  assert.equal(code, 0, text);
  return folder;
}

const installed = await project();
const own = join(installed, "node_modules/.bin/wksmock");

function contains(text, ...parts) {
  for (const part of parts) {
    if (part instanceof RegExp) assert.match(text, part);
    else assert.ok(text.includes(part), `${JSON.stringify(part)} is not in:\n${text}`);
  }
}

/** What a report has of the test that fails by its expectation, and of the one that fails by its own assertion. */
const EVIDENCE = [
  "failed: sees it through (outages.json:3:14)",
  "  expected: exactly 503, 503, 200, in this order",
  "got 503, 503; still missing: 200",
  / {2}api-test \(…0001\) {2}\d+ ms 503 by "two outages" · \+\d+ ms 503/,
  /journal of clone [0-9a-f]{32}, 2 requests:/,
  /\d+ ms: GET \/v2\/…\/users\/8a2c3f9579d240820179d51e6caf0001\/random-password: 503 \(call 2, rule "two outages"\)/,
];
const JOURNAL = [/journal of clone [0-9a-f]{32}, 1 request:/, /random-password: 200 \(call 1\)/, "another password"];

describe("package", () => {
  test("is packed into the same bytes again", () => {
    const sums = () => readdirSync(packages).map((name) => createHash("sha256").update(readFileSync(join(packages, name))).digest("hex"));
    const before = sums();
    const program = join(installed, "node_modules", platform, "bin/wksmock");
    execFileSync(join(top, "packaging/node/build"), { env: { ...process.env, WKSMOCK_BUILT: program }, stdio: "ignore" });
    assert.deepEqual(sums(), before);
    assert.equal(before.length, 2);
  });

  test("has the version of the program, and its files", () => {
    const { version, optionalDependencies } = JSON.parse(readFileSync(join(installed, "node_modules/wksmock/package.json"), "utf8"));
    assert.match(readFileSync(join(top, "Cargo.toml"), "utf8"), new RegExp(`^version = "${version}"$`, "m"));
    assert.deepEqual([...new Set(Object.values(optionalDependencies))], [version]);
    for (const name of ["wksmock", platform]) {
      const files = readdirSync(join(installed, "node_modules", name));
      assert.ok(files.includes("LICENSE-MIT") && files.includes("LICENSE-APACHE"), `${name}: ${files}`);
    }
    const linked = readFileSync(join(installed, "node_modules", platform, "THIRD-PARTY-LICENSES.txt"), "utf8");
    contains(linked, "tokio", "hyper");
  });

  test("has the types of openapi.json", () => {
    const types = execFileSync(process.execPath, [join(here, "types.mjs")], { encoding: "utf8" });
    assert.equal(readFileSync(join(top, "packaging/node/schemas.d.ts"), "utf8"), types, "UPDATE_TYPES=1 tests/packages/run node updates them");
  });

  test("satisfies tsc --strict in ESM and CommonJS", async () => {
    const { code, text } = await run(installed, join(tools, "tsc"), ["--project", "."]);
    assert.equal(code, 0, text);
  });
});

describe("consumer", () => {
  test("under node:test in ESM", async () => {
    const { code, text } = await run(installed, process.execPath, ["--test", "--test-reporter=spec", "node.test.mjs"]);
    assert.equal(code, 1);
    contains(text, "pass 3", "fail 2", "✔ passes", "✔ meets a fault", "✔ is done but lost", ...EVIDENCE, ...JOURNAL);
  });

  test("under node:test in CommonJS, with afterEach", async () => {
    const { code, text } = await run(installed, process.execPath, ["--test", "--test-reporter=spec", "node.test.cjs"]);
    assert.equal(code, 1);
    contains(text, "pass 2", "fail 1", "✔ has the classes of ESM", "✖ fails by its expectation after it", ...EVIDENCE);
  });

  test("under Vitest, with await using", async () => {
    const { code, text } = await run(installed, join(tools, "vitest"), ["run", "--root", ".", "vitest.test.ts"]);
    assert.equal(code, 1);
    contains(text, /Tests +2 failed \| 3 passed/, "FAIL  vitest.test.ts > resets > fails by its expectation", ...EVIDENCE, ...JOURNAL);
  });

  test("under Jest", async () => {
    const { code, text } = await run(installed, join(tools, "jest"), ["--rootDir", ".", "jest.test.js"]);
    assert.equal(code, 1);
    contains(text, "Tests:       2 failed, 3 passed, 5 total", "● fails by its expectation", ...EVIDENCE, ...JOURNAL);
    assert.ok(!text.includes("did not exit"), text);
  });

  test("under wksmock run, with that server", async () => {
    const command = ["node", "--test", "--test-reporter=spec", "node.test.mjs"];
    const { code, text } = await run(installed, own, ["run", "--seed", "7", "--", ...command]);
    assert.equal(code, 1);
    contains(text, "pass 3", "fail 2", "failed: sees it through", "wksmock: 2 of 3 expectations held");
    const other = await run(installed, own, ["run", "--", ...command]);
    contains(other.text, "start() asks for the seed 7, not 0. Give --seed 7 to `wksmock run`, or unset WKSMOCK_URL.");
  });
});

describe("server", () => {
  /** Runs a program that starts a server and prints its URL; connects to it. */
  async function serving(program) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: installed, env, stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const [url] = await once(createInterface(child.stdout), "line");
    const socket = connect(new URL(url).port, "127.0.0.1");
    await once(socket, "connect");
    socket.resume().on("error", () => {});
    return { child, ended, closed: once(socket, "close") };
  }

  const started = 'import { start } from "wksmock"; const mock = await start(); console.log(mock.url);';

  test("ends when the process is killed", async () => {
    const { child, ended, closed } = await serving(`${started} process.stdin.resume();`);
    child.kill("SIGKILL");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    await closed;
  });

  test("lets the process end by itself, and ends with it", async () => {
    const { child, ended, closed } = await serving(`${started} process.stdin.resume().once("end", () => {});`);
    child.stdin.end();
    assert.deepEqual(await ended, [0, null]);
    await closed;
  });

  test("has variables for all that its args change", async () => {
    writeFileSync(join(installed, "others.json"), '{ "projects": [{ "id": "p", "users": [{ "id": "u-1" }] }] }');
    const args = ["--users=others.json", "--listen", "0.0.0.0:0", "--admin-token", "generate"];
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", `
      import { start } from "wksmock";
      const mock = await start({ args: ${JSON.stringify(args)} });
      await mock.withClone(({ env, user, httpsUrl, caFile }) => {
        console.log(env.WKSMOCK_URL.startsWith("http://127.0.0.1:"), user, env.WKSMOCK_USER, env.WKSMOCK_ADMIN_TOKEN, httpsUrl, caFile);
      });
      await mock.stop();`]);
    assert.deepEqual([code, text], [0, "true u-1 u-1 undefined undefined undefined\n"]);
  });

  test("is found by a separate admin API", async () => {
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", `
      import { start } from "wksmock";
      const mock = await start({ args: ["--admin-listen", "127.0.0.1:0"] });
      await mock.withClone(async ({ env, project, url, user }) => {
        const path = \`/v2/\${project}/users/\${user}/random-password\`;
        const { status } = await fetch(url + path, { headers: { "Content-Type": "application/json" } });
        const admin = await fetch(url + "/__admin/health");
        console.log(status, admin.status, env.WKSMOCK_URL === url, env.WKSMOCK_ADMIN_URL);
      });
      await mock.stop();`]);
    assert.deepEqual([code, text], [0, "200 404 true undefined\n"]);
  });

  test("does not start with flags that hide it", async () => {
    for (const flag of ["--no-admin", "--env-file=here"]) {
      const program = `import { start } from "wksmock"; await start({ args: ["${flag}"] });`;
      const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
      assert.equal(code, 1);
      contains(text, `TypeError: wksmock: ${flag} cannot be among the args of start(), which finds the server by a file of its own`);
    }
  });

  test("serves HTTPS on request, and its variables lead there", async () => {
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", `
      import { execFileSync } from "node:child_process";
      import { readFileSync } from "node:fs";
      import { get } from "node:https";
      import { start } from "wksmock";
      const mock = await start({ tls: true });
      await mock.withClone(async ({ caFile, env, httpsUrl, project, url, user }) => {
        const path = \`/v2/\${project}/users/\${user}/random-password\`;
        const headers = { "Content-Type": "application/json" };
        const status = await new Promise((resolve, reject) =>
          get(httpsUrl + path, { ca: readFileSync(caFile), headers }, (answer) => resolve(answer.resume().statusCode)).on("error", reject));
        const script = "fetch(process.env.WKSMOCK_URL + process.argv[1], { headers: JSON.parse(process.argv[2]) }).then(({ status }) => console.log(status))";
        const other = execFileSync(process.execPath, ["-e", script, path, JSON.stringify(headers)], { env: { ...process.env, ...env }, encoding: "utf8" });
        console.log(status, Number(other), url.startsWith("http:"), env.WKSMOCK_URL === httpsUrl, env.SSL_CERT_FILE === caFile);
      });
      await mock.stop();`]);
    assert.deepEqual([code, text], [0, "200 200 true true true\n"]);
  });

  test("that does not start is an error with its log", async () => {
    const program = 'import { start } from "wksmock"; await start({ users: "missing.json" });';
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(code, 1);
    contains(text, "Error: wksmock: the server ended with 2 before it was ready:", "missing.json");
    const wrong = '{\n "rules": [{ "name": "a", "status": 418 }] }';
    writeFileSync(join(installed, "wrong.json"), wrong);
    const started = 'import { start } from "wksmock"; await start({ scenario: "wrong.json" });';
    contains((await run(installed, process.execPath, ["--input-type=module", "-e", started])).text, "--> wrong.json:2:37", "418");
    // As a version before --env-file does.
    const older = '#!/bin/sh\n[ "$1" != --version ] || exec echo wksmock 0.0.9\necho "unexpected argument" >&2\nexit 2\n';
    writeFileSync(join(installed, "older"), older, { mode: 0o755 });
    const { text: explained } = await run(installed, process.execPath, ["--input-type=module", "-e", program], { WKSMOCK_BINARY: "./older" });
    contains(explained, "unexpected argument", /older is wksmock 0\.0\.9, and this package \d+\.\S+: install the same version of both\./);
  });

  test("that cannot be reached is an error with the request", async () => {
    const program = 'import { start } from "wksmock"; const mock = await start(); await mock.stop(); await mock.clone();';
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(code, 1);
    contains(text, /wksmock: POST http:\S+\/__admin\/projects failed: .*\. The server has ended with 0\./);
  });

  test("that was killed is an error with its end", async () => {
    const kill = 'process.kill(Number(execFileSync("pgrep", ["--parent", process.pid, "wksmock"])), "SIGKILL");';
    const program = `import { execFileSync } from "node:child_process"; ${started} ${kill} await mock.clone();`;
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(code, 1);
    contains(text, /__admin\/projects failed: .*\. The server has ended with SIGKILL\./);
  });

  test("judges clones that no test has ended when it stops", async () => {
    const program = `${started} const clone = await mock.clone(); await clone.expect({ calls: { min: 1 }, when: { user: clone.user } }); await mock.stop();`;
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(code, 1);
    contains(text, "failed: expectation 1", "did not call: one too few");
  });

  test("warns of rules that only a test has and that never struck", async () => {
    const scenario = '{ rules: [{ name: "unused", when: { calls: "9" }, status: 503 }] }';
    const program = `${started} await mock.withClone({ scenario: ${scenario} }, (clone) => clone.fault("0002=500")); await mock.stop();`;
    const { code, text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(code, 0, text);
    contains(text, "WksmockWarning: a rule of this test never struck: unused (the scenario)", "never struck: 8a2c3f9579d240820179d51e6caf0002=500\n");
  });

  test("names the places of mistakes in a scenario file", async () => {
    writeFileSync(join(installed, "wrong.json"), '{ "rules": [{ "name": "a", "status": 418 }],\n  "expct": [] }');
    const program = `${started} await mock.clone({ scenario: "wrong.json" });`;
    const { text } = await run(installed, process.execPath, ["--input-type=module", "-e", program]);
    contains(text, "wrong.json:1:38: ResetRandomPassword does not document status 418", "wrong.json:2:3: unknown field `expct`");
  });
});

describe("command", () => {
  test("runs by npx and passes its exit code on", async () => {
    const { code, stdout } = await run(installed, "npx", ["--offline", "wksmock", "--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^wksmock \d+\.\d+\.\d+\n$/);
    assert.equal((await run(installed, "npx", ["--offline", "wksmock", "run", "--", "sh", "-c", "exit 7"])).code, 7);
  });

  for (const signal of ["SIGTERM", "SIGINT"]) {
    test(`passes ${signal} on`, async () => {
      const child = spawn(own, ["serve", "--port", "0"], { cwd: installed, env, stdio: ["ignore", "pipe", "ignore"] });
      const ended = once(child, "exit");
      const closed = once(child.stdout, "close");
      await once(createInterface(child.stdout), "line");
      child.kill(signal);
      assert.deepEqual(await ended, [0, null]);
      await closed;
    });
  }

  test("ends the server when npx is ended", async () => {
    const child = spawn("npx", ["--offline", "wksmock", "serve", "--port", "0"], { cwd: installed, env, stdio: ["ignore", "pipe", "ignore"] });
    const closed = once(child.stdout, "close");
    await once(createInterface(child.stdout), "line");
    child.kill("SIGTERM");
    await closed;
  });

  test("ends the server when it is killed", async () => {
    const child = spawn(own, ["serve", "--port", "0"], { cwd: installed, env, stdio: ["ignore", "pipe", "ignore"] });
    const closed = once(child.stdout, "close");
    await once(createInterface(child.stdout), "line");
    child.kill("SIGKILL");
    // The server has the other end of the pipe.
    await closed;
  });

  test("runs the program that WKSMOCK_BINARY names", async () => {
    const { code, text } = await run(installed, own, ["hello"], { WKSMOCK_BINARY: "/bin/echo" });
    assert.deepEqual([code, text], [0, "hello\n"]);
    const missing = await run(installed, own, ["hello"], { WKSMOCK_BINARY: "/no/such/file" });
    assert.equal(missing.code, 127);
    contains(missing.text, 'WKSMOCK_BINARY is "/no/such/file", which is not an executable file.');
  });
});

test("without the package of the platform, the error names causes and cures", async () => {
  const folder = await project();
  rmSync(join(folder, "node_modules", platform), { recursive: true });
  const causes = [
    `the optional package ${platform} is not installed`,
    "The lock file or node_modules is from another platform: delete both, and run npm install.",
    "run npm install --include=optional",
    "WKSMOCK_BINARY",
  ];
  const command = await run(folder, join(folder, "node_modules/.bin/wksmock"), ["--version"]);
  assert.equal(command.code, 127);
  contains(command.text, ...causes);
  const library = await run(folder, process.execPath, ["-e", 'require("wksmock").start()']);
  assert.equal(library.code, 1);
  contains(library.text, ...causes);
  // As pnpm makes commands; the program would otherwise start itself for ever.
  const script = join(folder, "wksmock");
  writeFileSync(script, `#!/bin/sh\nexec node "${join(folder, "node_modules/wksmock/bin/wksmock.js")}" "$@"\n`, { mode: 0o755 });
  const scripted = await run(folder, script, ["--version"], { PATH: `${folder}:${env.PATH}` });
  assert.equal(scripted.code, 127);
  contains(scripted.text, ...causes);
  const other = await run(folder, process.execPath, ["-e", 'Object.defineProperty(process, "arch", { value: "s390x" }); require("wksmock").start()']);
  contains(other.text, /no program for \w+-s390x\. There are packages for .*linux-x64/);
});
