// The official Node SDK's core over HTTPS: a program that gets nothing but the variables of `wksmock env`.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { binary, password, user } from "./server.js";

// The SDK reads no endpoint from the environment; IAM is asked for the project.
const program = `
  import { client } from "./client.js";
  const answer = await client(process.env.WKSMOCK_URL, { projectId: null }).resetRandomPassword("${user}");
  console.log(answer.password);
`;

const here = fileURLToPath(new URL(".", import.meta.url));
const run = (env) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: here, env, encoding: "utf8", stdio: "pipe" });

function cleanEnvironment() {
  const ours = /^(WKSMOCK_|HUAWEICLOUD_|CLOUD_SDK_|SSL_|REQUESTS_|CURL_|NODE_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

test("the environment of env suffices, and IAM finds the project", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wksmock-https-"));
  const flags = ["--port", "0", "--tls-listen", "127.0.0.1:0", "--tls-dir", directory, "--auth", "required"];
  const server = spawn(binary, ["serve", ...flags, "--log-level", "error"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "exit");
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const url = (await lines.next()).value.replace("wksmock listening on ", "");
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const printed = execFileSync(binary, ["env", "--url", url, "--tls-dir", directory], { env: cleanEnvironment(), encoding: "utf8" });
    const variables = Object.fromEntries(printed.trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    assert.equal(run({ PATH: process.env.PATH, ...variables }).trim(), password(user, 1));
    // Without the variables, the SDK does not trust the certificate.
    assert.throws(() => run({ PATH: process.env.PATH, WKSMOCK_URL: url }), /certificate/);
  } finally {
    server.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true });
  }
});

test("a program under run trusts the server", () => {
  const flags = ["run", "--tls", "--", process.execPath, "--input-type=module", "-e", program];
  const output = execFileSync(binary, flags, { cwd: here, env: cleanEnvironment(), encoding: "utf8" });
  assert.equal(output.trim(), password(user, 1));
});
