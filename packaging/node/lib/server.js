"use strict";

// A server: of this process, or of the `wksmock run` around it.

const { execFile, spawn } = require("node:child_process");
const { once } = require("node:events");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { promisify } = require("node:util");
const { Admin } = require("./admin.js");
const { findBinary } = require("./binary.js");
const { Clone, endAfter } = require("./clone.js");
const { isPath, pathOf, placeIn, readScenario } = require("./scenario.js");
const { version } = require("../package.json");

const READY = "wksmock listening on ";
/** How long a server may take to start. */
const READY_MS = 30_000;
/** How much of the server's log is kept for errors. */
const LOG_CHARS = 16_384;
/** Variables of wksmock that a server of a test reads; those of flags could change it from outside. */
const KEPT = ["WKSMOCK_ADMIN_TOKEN", "WKSMOCK_LOG", "WKSMOCK_LOG_LEVEL"];
/** The variables that `wksmock run` sets. */
const SET = /^(WKSMOCK_(URL|PROJECT|USER|DOMAIN|ACCOUNT|PASSWORD)|(HUAWEICLOUD|CLOUD)_SDK_.*|no_proxy|NO_PROXY)$/;
/** Those that it sets beside them with HTTPS. */
const TRUST = /^(SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS|JAVA_TOOL_OPTIONS)$/;
/** Flags without which this package cannot reach its server. */
const OWN_FLAGS = ["--env-file", "--no-admin"];

class MockServer {
  #admin;
  #binary;
  #scenario;
  #program;
  #clones = new Set();
  #stopped;

  constructor({ url, env, admin, binary, scenario, program }) {
    this.#admin = admin;
    this.#binary = binary;
    this.#scenario = scenario;
    this.#program = program;
    this.url = url;
    this.env = env;
    this.project = env.WKSMOCK_PROJECT;
    this.user = env.WKSMOCK_USER;
    const hasHttps = env.WKSMOCK_URL.startsWith("https:");
    this.httpsUrl = hasHttps ? env.WKSMOCK_URL : undefined;
    this.caFile = hasHttps ? env.SSL_CERT_FILE : undefined;
  }

  async clone({ scenario = this.#scenario, from = this.project, id, account } = {}) {
    const fields = { from, id, account };
    // The scenario comes last, so that its lines are those of its file.
    const begin = `${JSON.stringify(fields).slice(0, -1)},"scenario":`;
    const read = scenario === undefined ? undefined : await readScenario(scenario, (name) => this.#show(name));
    const placeOf = (place) => placeIn(read?.name, begin, place);
    const body = read === undefined ? fields : `${begin}${read.text}}`;
    const project = (await this.#admin.post("/projects", body, { placeOf })).id;
    const user = from === this.project ? this.user : await this.#firstUser(project);
    const env = { ...this.env, WKSMOCK_PROJECT: project, HUAWEICLOUD_SDK_PROJECT_ID: project, WKSMOCK_USER: user };
    const onEnd = (clone) => this.#clones.delete(clone);
    const { url, httpsUrl, caFile } = this;
    const clone = new Clone(this.#admin, { url, httpsUrl, caFile, project, user, env, placeOf, onEnd });
    this.#clones.add(clone);
    return clone;
  }

  async withClone(...given) {
    const body = given.pop();
    if (typeof body !== "function") throw new TypeError("wksmock: withClone() needs a function, as in withClone(async (clone) => { … })");
    const clone = await this.clone(...given);
    let result;
    try {
      result = await body(clone);
    } catch (error) {
      throw await endAfter(clone, error);
    }
    await clone.end();
    return result;
  }

  async #firstUser(project) {
    const { users } = await this.#admin.get(`/users?${new URLSearchParams({ project, limit: 1 })}`);
    return users[0]?.id;
  }

  async #show(name) {
    return await printed(this.#binary ?? findBinary(), ["scenario", "show", name]);
  }

  stop() {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  /** Judges the clones that no test has ended, then stops the server, unless it is that of `wksmock run`. */
  async #end() {
    const ends = await Promise.allSettled([...this.#clones].map((clone) => clone.end()));
    this.#admin.close();
    if (this.#program) await stop(this.#program);
    const failed = ends.filter(({ reason }) => reason).map(({ reason }) => reason);
    if (failed.length === 1) throw failed[0];
    if (failed.length > 1) throw new AggregateError(failed, failed.map(({ message }) => message).join("\n\n"));
  }
}

if (Symbol.asyncDispose) {
  MockServer.prototype[Symbol.asyncDispose] = function () {
    return this.stop();
  };
}

async function start(options = {}) {
  const { seed, scenario, users = [], args = [], tls = false, binary, ...unknown } = options;
  const [wrong] = Object.keys(unknown);
  if (wrong !== undefined) throw new TypeError(`wksmock: start() has no option ${JSON.stringify(wrong)}; options: seed, scenario, users, args, tls, binary`);
  const own = args.find((one) => OWN_FLAGS.some((flag) => one === flag || one.startsWith(`${flag}=`)));
  if (own !== undefined) throw new TypeError(`wksmock: ${own} cannot be among the args of start(), which finds the server by a file of its own, and needs its admin API`);
  const wanted = { seed, scenario, args, tls, binary, users: [users].flat().map(pathOf) };
  return process.env.WKSMOCK_URL ? await surrounding(wanted) : await spawned(wanted);
}

/** The server of `wksmock run`, which must be like the one that was asked for. */
async function surrounding({ seed, scenario, users, args, tls, binary }) {
  const url = process.env.WKSMOCK_URL;
  const hasHttps = url.startsWith("https:");
  const isSet = (name) => SET.test(name) || (hasHttps && TRUST.test(name));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isSet(name)));
  const differs = (what, cure) => {
    return new Error(`wksmock: WKSMOCK_URL names a running server (${url}), but start() asks for ${what}. ${cure}, or unset WKSMOCK_URL.`);
  };
  if (!env.WKSMOCK_PROJECT) throw new Error("wksmock: WKSMOCK_URL is set, but WKSMOCK_PROJECT is not. Set both, as `wksmock run` does, or neither.");
  if (args.length > 0) throw differs("one with args", `Give ${args.join(" ")} to \`wksmock run\` instead`);
  if (tls && !hasHttps) throw differs("HTTPS", "Give --tls to `wksmock run`");
  const admin = new Admin(process.env.WKSMOCK_ADMIN_URL || url, process.env.WKSMOCK_ADMIN_TOKEN);
  const health = await admin.get("/health");
  if (seed !== undefined && Number(seed) !== Number(health.seed)) {
    throw differs(`the seed ${seed}, not ${health.seed}`, `Give --seed ${seed} to \`wksmock run\``);
  }
  if (users.length > 0) {
    const expected = variables(await printed(findBinary(binary), ["env", ...flagged("--users", users)]));
    if (expected.WKSMOCK_PROJECT !== env.WKSMOCK_PROJECT || expected.WKSMOCK_USER !== env.WKSMOCK_USER) {
      throw differs(`the users of ${users.join(", ")}`, `Give ${flagged("--users", users).join(" ")} to \`wksmock run\``);
    }
  }
  return new MockServer({ url, env, admin, binary, scenario });
}

/** A server of this process, which ends with it. */
async function spawned({ seed, scenario, users, args, tls, binary: given }) {
  const binary = findBinary(given);
  const flags = [...flagged("--users", users), ...(seed === undefined ? [] : ["--seed", String(seed)])];
  if (scenario !== undefined && isPath(scenario)) flags.push("--scenario", pathOf(scenario));
  if (tls) flags.push("--tls");
  // A new folder, so that nobody else can put a file in the place of this one.
  const folder = mkdtempSync(join(tmpdir(), "wksmock-"));
  const all = ["serve", "--exit-with-parent", "--env-file", join(folder, "env"), ...flags, ...args];
  // A variable gives way to a flag of the options.
  const program = spawn(binary, all, { env: { ...environment(), WKSMOCK_PORT: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  endWithProcess(program);
  try {
    const { url, log } = await ready(program, binary);
    const { WKSMOCK_ADMIN_TOKEN: token, WKSMOCK_ADMIN_URL: adminUrl = url, ...env } = variables(readFileSync(join(folder, "env"), "utf8"));
    const admin = new Admin(adminUrl, token, log, program);
    if (scenario !== undefined && !isPath(scenario)) await admin.put("/scenario", scenario, { placeOf: () => undefined });
    if (!env.WKSMOCK_PROJECT) throw new Error(`wksmock: ${users.join(", ")} has no project, so there is nothing to clone. Add one.`);
    // The server does not keep this process running.
    for (const part of [program, program.stdout, program.stderr]) part.unref();
    return new MockServer({ url, env, admin, binary, program });
  } catch (error) {
    program.kill("SIGKILL");
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for the server's first line. `log` returns the end of its log. */
async function ready(program, binary) {
  let log = "";
  let isReady = false;
  program.stderr.setEncoding("utf8").on("data", (text) => {
    log = (log + text).slice(-LOG_CHARS);
    if (isReady) process.stderr.write(text);
  });
  const line = await new Promise((resolve, reject) => {
    let begun = "";
    program.stdout.setEncoding("utf8").on("data", (text) => {
      begun += text;
      if (begun.includes("\n")) resolve(begun.slice(0, begun.indexOf("\n")));
    });
    program.on("error", (error) => reject(new Error(`wksmock: ${binary} does not start: ${error.message}`, { cause: error })));
    AbortSignal.timeout(READY_MS).addEventListener("abort", () => {
      reject(new Error(`wksmock: ${binary} was not ready within ${READY_MS / 1000} s:\n${log.trimEnd()}`));
    });
    program.on("close", (code, signal) => {
      reject(new Error(`wksmock: the server ended with ${signal ?? code} before it was ready:\n${log.trimEnd()}`));
    });
  }).catch(async (error) => {
    error.message += await otherVersion(binary);
    throw error;
  });
  if (!line.startsWith(READY)) throw new Error(`wksmock: ${binary} is not wksmock: it printed ${JSON.stringify(line.slice(0, 200))}`);
  isReady = true;
  return { url: line.slice(READY.length).trim(), log: () => log };
}

/** A note if the program is of another version than this package, which may be why it did not start. */
async function otherVersion(binary) {
  const [name, other] = (await printed(binary, ["--version"]).catch(() => "")).trim().split(" ");
  if (name !== "wksmock" || other === version || version === undefined) return "";
  return `\n${binary} is wksmock ${other}, and this package ${version}: install the same version of both.`;
}

async function stop(program) {
  if (program.exitCode !== null || program.signalCode !== null || program.pid === undefined) return;
  program.ref();
  const ended = once(program, "exit");
  program.kill();
  await ended;
}

/** Servers that have not ended; undefined before the first. */
let running;

function endWithProcess(program) {
  if (running === undefined) {
    running = new Set();
    process.once("exit", () => running.forEach((one) => one.kill()));
  }
  running.add(program);
  program.once("close", () => running.delete(program));
}

/** Reads variables, a line each. */
function variables(text) {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

async function printed(binary, args) {
  try {
    return (await promisify(execFile)(binary, args, { env: environment(), encoding: "utf8" })).stdout;
  } catch (error) {
    throw new Error(`wksmock: ${[binary, ...args].join(" ")} failed: ${error.stderr || error.message}`, { cause: error });
  }
}

function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("WKSMOCK_") || KEPT.includes(name));
  return { WKSMOCK_LOG_LEVEL: "warn", ...Object.fromEntries(kept) };
}

function flagged(flag, values) {
  return values.flatMap((value) => [flag, value]);
}

module.exports = { MockServer, start };
