"use strict";

// Requests to the admin API.

const http = require("node:http");
const https = require("node:https");

/** How long an answer may take beyond the time that the request asks the server to wait. */
const ANSWER_MS = 30_000;
/** How long a server that closed its connections may take to end. */
const END_MS = 200;
/** How long a connection is kept without a request: shorter than the server does. */
const IDLE_MS = 10_000;

/** Thrown when the server refuses a request: `problem` is its answer. */
class AdminError extends Error {
  constructor(problem, status, placeOf = (place) => place) {
    const mistakes = (problem.errors ?? []).map(({ place, message, hint }) => {
      const where = placeOf(place);
      return `  ${where ? `${where}: ` : ""}${message}${hint ? ` (${hint})` : ""}`;
    });
    const token = status === 401 ? "The admin API refuses the token, which is read from the variable WKSMOCK_ADMIN_TOKEN. " : "";
    const detail = token + (problem.detail ?? `status ${status}`).replace(/ See errors\.$/, "");
    super([`wksmock: ${detail}`, ...mistakes].join("\n"));
    this.name = "AdminError";
    this.status = status;
    hidden(this, { problem });
  }
}

/** Adds properties that test runners do not print beside the message. */
function hidden(error, properties) {
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(error, name, { value });
}

/** Drops the frames of this package from the stack, so that it begins in the test. */
function withoutOwnFrames(error) {
  const lines = error.stack.split("\n");
  error.stack = lines.filter((line) => !(line.startsWith("    at ") && line.includes(__dirname))).join("\n");
  return error;
}

class Admin {
  #url;
  #headers = {};
  #log;
  #agent;
  #program;

  /** Of the server at `url`; `log` returns the end of its log, and `program` is its process, if they are known. */
  constructor(url, token, log = () => "", program = undefined) {
    this.#program = program;
    this.#url = url.replace(/\/+$/, "");
    this.#log = log;
    const { Agent } = clientOf(url);
    this.#agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
    if (token) this.#headers.Authorization = `Bearer ${token}`;
  }

  get(path) {
    return this.#send("GET", path);
  }

  /** Sends JSON: a value, or a text that is JSON already. `placeOf` names the places of its mistakes. */
  post(path, body, { waitMs, placeOf } = {}) {
    return this.#send("POST", path, jsonOf(body), waitMs, placeOf);
  }

  put(path, body, { placeOf } = {}) {
    return this.#send("PUT", path, jsonOf(body), 0, placeOf);
  }

  delete(path) {
    return this.#send("DELETE", path);
  }

  /** Closes the connections. */
  close() {
    this.#agent.destroy();
  }

  /** Says what is known of the server, which may have closed its connections a moment before it ends. */
  async #ended() {
    const program = this.#program;
    if (program?.exitCode === null && program.signalCode === null) {
      // This timer keeps the process running, which the server does not.
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, END_MS);
        program.once("exit", () => resolve(clearTimeout(timer)));
      });
    }
    const end = program?.exitCode ?? program?.signalCode ?? undefined;
    return end === undefined ? "Is the server still running?" : `The server has ended with ${end}.`;
  }

  async #send(method, path, body, waitMs = 0, placeOf = undefined) {
    const url = `${this.#url}/__admin${path}`;
    const headers = { ...this.#headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      headers["Content-Length"] = Buffer.byteLength(body);
    }
    let answer;
    try {
      answer = await exchange(url, { method, headers, agent: this.#agent, timeout: waitMs + ANSWER_MS }, body);
    } catch (error) {
      const text = `wksmock: ${method} ${url} failed: ${error.message || error.code}. ${await this.#ended()}`;
      throw withoutOwnFrames(new Error(`${text}\n${this.#log()}`.trimEnd(), { cause: error }));
    }
    return read(answer, placeOf);
  }
}

/** A text is JSON already. */
function jsonOf(body) {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function clientOf(url) {
  return url.startsWith("https:") ? https : http;
}

/** Sends a request without fetch, which test environments replace. */
function exchange(url, options, body) {
  return new Promise((resolve, reject) => {
    const sent = clientOf(url).request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    sent.on("error", (error) => {
      // The server may close a kept connection just when a request is on its way, which it then has not read.
      if (sent.reusedSocket && error.code === "ECONNRESET") exchange(url, options, body).then(resolve, reject);
      else reject(error);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${options.timeout / 1000} s`)));
    sent.end(body);
  });
}

function read({ status, text }, placeOf) {
  if (status < 400) return text === "" ? undefined : JSON.parse(text);
  let problem;
  try {
    problem = JSON.parse(text);
  } catch {
    problem = { detail: `status ${status}: ${text.slice(0, 200)}` };
  }
  throw withoutOwnFrames(new AdminError(problem, status, placeOf));
}

module.exports = { Admin, AdminError, hidden, withoutOwnFrames };
