// Opens the console of a real server in Chromium. A page fails its test by any violation of the policy, any error of the
// page or its console, any request that fails, and any that leaves the server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.WKSMOCK_BIN ?? here("../../target/debug/wksmock");
const READY = "wksmock listening on ";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE = { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] };

export const SCREENSHOTS = here("../../target/console-screenshots");
export const PROJECT = "0bec5db98280d2d02fd6c00c2de791ce";
export const USER = "8a2c3f9579d240820179d51e6caf0001";
export const user = (end) => `8a2c3f9579d240820179d51e6caf${end}`;

const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

/** The environment without variables of the server. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("WKSMOCK_")));

let launched;

/** The browser of this test file. */
export function browser() {
  launched ??= chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return launched;
}

after(async () => (await launched)?.close());

/** Starts a server on a free port, or on a given one. `end` stops it, and waits. */
export async function serve(flags = [], { port = 0 } = {}) {
  const child = spawn(binary, ["serve", "--port", String(port), "--log-level", "error", ...flags],
    { stdio: ["ignore", "pipe", "inherit"], env: ENVIRONMENT });
  const ended = once(child, "exit");
  const line = await Promise.race([once(createInterface(child.stdout), "line").then(([line]) => line), ended]);
  if (!String(line).startsWith(READY)) throw new Error(`not ready: ${line}`);
  const url = line.slice(READY.length);
  return {
    url,
    port: Number(new URL(url).port),
    /** Sends a request to the admin API; returns the answer as JSON. */
    admin: async (method, path, body, headers = {}) => {
      const type = body === undefined ? {} : { "Content-Type": "application/json" };
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const answer = await fetch(`${url}/__admin/${path}`, { method, headers: { ...type, ...headers }, body: text });
      const said = await answer.text();
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${said}`);
      return said && JSON.parse(said);
    },
    /** Resets a password like a client; returns null if the connection is reset. */
    call: async (id = USER, { project = PROJECT, query = "", headers = {} } = {}) => {
      const target = `${url}/v2/${encodeURIComponent(project)}/users/${encodeURIComponent(id)}/random-password${query}`;
      return fetch(target, { headers: { "Content-Type": "application/json", ...headers } }).catch(() => null);
    },
    end: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** A proxy that can be cut: open connections then end, and new ones are refused, until it is mended. */
export async function relayed(server) {
  const open = new Set();
  let isCut = false;
  const listener = createServer((client) => {
    if (isCut) return client.destroy();
    const upstream = connect(server.port, "127.0.0.1");
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      open.add(one);
      one.on("error", () => other.destroy()).on("close", () => (open.delete(one), other.destroy()));
    }
    return client.pipe(upstream).pipe(client);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const cut = () => {
    isCut = true;
    open.forEach((socket) => socket.destroy());
  };
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    cut,
    mend: () => (isCut = false),
    end: () => (cut(), listener.close()),
  };
}

/** Runs a test with a server, which ends with the test. */
export async function serving(flags, use) {
  const server = await serve(flags);
  try {
    await use(server);
  } finally {
    await server.end();
  }
}

/**
 * Opens a view of the console, and passes the page to `use`. `allow` has patterns of expected errors: those that
 * the test provokes.
 */
export async function viewing(server, address, use, { width = 1280, height = 900, scheme = "light", allow = [], token } = {}) {
  const context = await (await browser()).newContext({
    viewport: { width, height }, colorScheme: scheme, permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const wrong = [];
  const note = (what) => allow.some((pattern) => pattern.test(what)) || wrong.push(what);
  await page.exposeFunction("violated", (what) => note(`policy: ${what}`));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) =>
    globalThis.violated(`${event.violatedDirective} ${event.blockedURI}`)));
  if (token) await page.addInitScript((token) => sessionStorage.setItem("wksmock.admin-token", token), token);
  page.on("pageerror", (error) => note(`error: ${error.stack || error}`));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && note(`console: ${message.text()}`));
  const pending = new Set();
  page.on("request", (request) => request.url().includes("/__admin/events") || pending.add(request));
  page.on("requestfinished", (request) => pending.delete(request));
  page.on("requestfailed", (request) => pending.delete(request));
  page.pending = pending;
  page.on("request", (request) => request.url().startsWith(`${server.url}/`) || note(`foreign: ${request.url()}`));
  // A view that is left drops its requests.
  page.on("requestfailed", (request) => request.failure().errorText === "net::ERR_ABORTED" ||
    note(`failed: ${request.url()} ${request.failure().errorText}`));
  page.setDefaultTimeout(15000);
  try {
    await page.goto(`${server.url}/__admin/${address}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await use(page);
    assert.deepEqual(wrong, []);
  } catch (error) {
    if (wrong.length) error.message += `\nThe page said:\n${wrong.join("\n")}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** Waits until the page follows the stream of events. */
export async function live(page) {
  await page.locator(".connection.live").waitFor({ state: "attached" });
}

/** Waits until only the stream is open, and all data is drawn. */
export async function settled(page) {
  const frames = () => page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  for (let calm = 0; calm < 5; calm += 1) {
    await frames();
    if (page.pending.size) calm = 0;
  }
}

/** Fails if axe finds a serious problem; `rules` are those of `AXE`, unless given. */
export async function accessible(page, what, rules = AXE) {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe);
  const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), rules);
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`);
  assert.deepEqual(told, [], what);
}

/** What another colour scheme can change: the structure of a page is the same in each. */
export const CONTRAST = { resultTypes: ["violations"], runOnly: { type: "rule", values: ["color-contrast"] } };

/** Fails if the page is wider than its window. */
export async function fits(page, what) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${what}: ${wide} px do not fit ${window}`);
}

/** Keeps a picture of the page below target/console-screenshots. */
export async function picture(page, name, options = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, animations: "disabled", ...options });
}
