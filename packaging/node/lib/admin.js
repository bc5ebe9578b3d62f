"use strict";

// Requests to the admin API.

const http = require("node:http");
const https = require("node:https");

/** How long an answer may take beyond the time that the request asks the server to wait. */
const ANSWER_MS = 30_000;

/** Thrown when the server refuses a request: `problem` is its answer. */
class AdminError extends Error {
  constructor(problem, status, placeOf = (place) => place) {
    const mistakes = (problem.errors ?? []).map(({ place, message, hint }) => {
      const where = placeOf(place);
      return `  ${where ? `${where}: ` : ""}${message}${hint ? ` (${hint})` : ""}`;
    });
    const detail = (problem.detail ?? `status ${status}`).replace(/ See errors\.$/, "");
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

  /** Of the server at `url`; `log` returns the end of its log, if that is known. */
  constructor(url, token, log = () => "") {
    this.#url = url.replace(/\/+$/, "");
    this.#log = log;
    if (token) this.#headers.Authorization = `Bearer ${token}`;
  }

  get(path) {
    return this.#send("GET", path);
  }

  /** Sends JSON: a value, or a text that is JSON already. `placeOf` names the places of its mistakes. */
  post(path, body, { waitMs, placeOf } = {}) {
    return this.#send("POST", path, typeof body === "string" ? body : JSON.stringify(body), waitMs, placeOf);
  }

  put(path, body, { placeOf } = {}) {
    return this.#send("PUT", path, JSON.stringify(body), 0, placeOf);
  }

  delete(path) {
    return this.#send("DELETE", path);
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
      answer = await exchange(url, { method, headers, timeout: waitMs + ANSWER_MS }, body);
    } catch (error) {
      const text = `wksmock: ${method} ${url} failed: ${error.message || error.code}. Is the server still running?`;
      throw withoutOwnFrames(new Error(`${text}\n${this.#log()}`.trimEnd(), { cause: error }));
    }
    return read(answer, placeOf);
  }
}

/** Sends a request without fetch, which test environments replace, and on a connection of its own, which is surely open. */
function exchange(url, options, body) {
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    sent.on("error", reject);
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
