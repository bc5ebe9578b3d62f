"use strict";

// A clone of a project, for one test.

const { hidden, withoutOwnFrames } = require("./admin.js");
const { journalText } = require("./evidence.js");
const { placesIn } = require("./scenario.js");

const PAGE_MAX = 1000;
/** How long calls in flight may take to end before an expectation fails at the end of a test. */
const SETTLE_MS = 100;
/** Where the server finds an expectation of the test, with what is around it in a report. */
const OF_TEST = / \(body:\d+:\d+\)/g;

/** Thrown when an expectation does not hold. The message has the evidence and the journal. */
class ExpectationError extends Error {
  constructor(message, verdict, requests) {
    super(message);
    this.name = "ExpectationError";
    hidden(this, { verdict, requests });
  }
}

class Clone {
  #admin;
  #placeOf;
  #onEnd;
  #expectations = [];
  /** The places of the rules of this test, as in verdicts. */
  #overrides = new Set();
  #end;

  /** `placeOf` names a place in the clone's scenario; `onEnd` is called when the clone ends. */
  constructor(admin, { url, httpsUrl, caFile, project, user, env, placeOf, onEnd }) {
    this.#admin = admin;
    this.#placeOf = placeOf;
    this.#onEnd = onEnd;
    this.url = url;
    this.httpsUrl = httpsUrl;
    this.caFile = caFile;
    this.project = project;
    this.user = user;
    this.env = env;
  }

  async fault(flag) {
    return await this.#addOverride({ flag, project: this.project });
  }

  async override(rule) {
    const fields = readObject("rule", rule);
    const when = { project: this.project, ...readObject('"when" of a rule', fields.when ?? {}) };
    return await this.#addOverride({ ...fields, when }, { placeOf: () => undefined });
  }

  /** `placeOf` leaves out places that the user does not know. */
  async #addOverride(body, options = {}) {
    const made = await this.#admin.post("/overrides", body, options);
    this.#overrides.add(`override ${made.id}`);
    return made;
  }

  async expect(expectation) {
    const named = { name: `expectation ${this.#expectations.length + 1}`, ...readObject("expectation", expectation) };
    // A mistake in it is an error here, not at the end.
    await this.#judge([...this.#expectations, named]);
    this.#expectations.push(named);
  }

  async requests() {
    return await this.#pages("requests");
  }

  async outbox() {
    return await this.#pages("outbox", "messages");
  }

  async #pages(resource, field = resource) {
    const all = [];
    for (let since = 0; ; ) {
      const page = await this.#admin.get(`/${resource}?${new URLSearchParams({ project: this.project, since, limit: PAGE_MAX })}`);
      all.push(...page[field]);
      if (page[field].length < PAGE_MAX) return all;
      since = page.next;
    }
  }

  async advance(ms) {
    return await this.#admin.post("/clock", { advance_ms: ms });
  }

  async password(user = this.user, call = undefined) {
    const path = `/passwords/${encodeURIComponent(this.project)}/${encodeURIComponent(user)}`;
    if (call !== undefined) return (await this.#admin.get(`${path}?call=${call}`)).password;
    return (await this.#admin.get(path)).current?.password;
  }

  async verify(waitMs = 0) {
    return await this.#passed(await this.#judge(this.#expectations, { waitMs }));
  }

  end() {
    this.#end ??= this.#judgeAndDelete();
    return this.#end;
  }

  async #judgeAndDelete() {
    let verdict;
    this.#onEnd(this);
    try {
      verdict = await this.#judge(this.#expectations, { settleMs: SETTLE_MS, isLast: true });
    } catch (error) {
      await this.#delete().catch(() => undefined);
      throw error;
    }
    await this.#passed(verdict);
    for (const { rule, place } of verdict.never_struck) {
      const name = rule.replace(new RegExp(` in ${this.project}$`), "");
      const isOfScenario = place.includes(`(${this.project}):`);
      if (isOfScenario || this.#overrides.has(place)) {
        const where = isOfScenario ? ` (${this.#placeOf(place) ?? "the scenario"})` : "";
        process.emitWarning(`a rule of this test never struck: ${name}${where}`, "WksmockWarning");
      }
    }
  }

  async #passed(verdict) {
    if (!verdict.passed) throw await this.#failure(verdict);
    return verdict;
  }

  async #judge(expectations, { waitMs = 0, settleMs = 0, isLast = false } = {}) {
    const body = { project: this.project, also_expect: expectations, delete: isLast };
    const options = { waitMs, placeOf: () => undefined };
    const verdict = await this.#admin.post(`/verify?wait_ms=${waitMs}&settle_ms=${settleMs}`, body, options);
    for (const one of verdict.expectations) one.place = one.place.startsWith("body:") ? undefined : this.#placeOf(one.place);
    verdict.report &&= this.#reportOf(verdict.report);
    return verdict;
  }

  /** A report with the places of the user's files. Faults of the test have the clone at the end of their names. */
  #reportOf(text) {
    const own = text.replaceAll(` in ${this.project}"`, '"').replaceAll(OF_TEST, "");
    return placesIn(own, (place) => this.#placeOf(place) ?? "the scenario");
  }

  async #failure(verdict) {
    const requests = await this.requests();
    const message = `${verdict.report}\n${journalText(this.project, requests)}`;
    return withoutOwnFrames(new ExpectationError(message, verdict, requests));
  }

  async #delete() {
    await this.#admin.delete(`/projects/${encodeURIComponent(this.project)}`);
  }
}

/** Returns an object that is given as such, or as JSON. */
function readObject(what, value) {
  const expected = `wksmock: ${what}: expected an object, or its JSON`;
  let read = value;
  if (typeof value === "string") {
    try {
      read = JSON.parse(value);
    } catch (error) {
      throw withoutOwnFrames(new TypeError(`${expected}: ${error.message}: ${value}`, { cause: error }));
    }
  }
  if (typeof read === "object" && read !== null && !Array.isArray(read)) return read;
  throw withoutOwnFrames(new TypeError(`${expected}, not ${JSON.stringify(value)}`));
}

/** Ends the clone of a test that failed with `error`. Returns the error, with the evidence and the journal in its message. */
async function endAfter(clone, error) {
  try {
    await clone.end();
    if (error instanceof ExpectationError) return error;
    return extended(error, `wksmock: ${journalText(clone.project, await clone.requests())}`);
  } catch (problem) {
    return error instanceof ExpectationError ? error : extended(error, problem.message);
  }
}

/** Adds a text to the message of an error, and to its stack, which some test runners print instead. */
function extended(error, text) {
  if (!(error instanceof Error) && typeof error?.message !== "string") {
    return new Error(`the test threw ${String(error)}\n\n${text}`, { cause: error });
  }
  const { message, stack } = error;
  try {
    error.message = `${message}\n\n${text}`;
    if (typeof stack === "string" && stack.includes(message)) {
      error.stack = stack.replace(message, () => error.message);
    }
  } catch {
    return new Error(`${message}\n\n${text}`, { cause: error });
  }
  return error;
}

if (Symbol.asyncDispose) {
  Clone.prototype[Symbol.asyncDispose] = function () {
    return this.end();
  };
}

module.exports = { Clone, ExpectationError, endAfter };
