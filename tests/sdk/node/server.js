// Starts the real binary for the official Node SDK.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const binary =
  process.env.WKSMOCK_BIN ?? fileURLToPath(new URL("../../../target/debug/wksmock", import.meta.url));
const ready = "wksmock listening on ";

export const project = "0bec5db98280d2d02fd6c00c2de791ce";
export const user = "8a2c3f9579d240820179d51e6caf0001";
export const userActivated = "8a2c3f9579d240820179d51e6caf0002";

/** Runs `use` with the URL of a server on a free port, which must exit with 0 on SIGTERM. */
export async function serving(flags, use) {
  const server = spawn(binary, ["serve", "--port", "0", "--log-level", "error", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const [line] = await once(createInterface(server.stdout), "line");
    if (!line.startsWith(ready)) throw new Error(`not ready: ${line}`);
    await use(line.slice(ready.length));
  } finally {
    server.kill("SIGTERM");
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the server ended with ${code}`);
}

/** Computes a password with the binary alone. */
export function password(id, call) {
  const flags = ["--project", project, "--user", id, "--call", String(call)];
  return execFileSync(binary, ["password", ...flags], { encoding: "utf8" }).trim();
}
