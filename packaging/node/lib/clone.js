"use strict";

// A clone of a project, for one test.

const { hidden, withoutOwnFrames } = require("./admin.js");
const { failedText, journalText } = require("./evidence.js");

const PAGE_MAX = 1000;

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
  #end;

  /** `placeOf` names a place in the clone's scenario; `onEnd` is called when the clone ends. */
  constructor(admin, { url, project, user, env, placeOf, onEnd }) {
    this.#admin = admin;
    this.#placeOf = placeOf;
    this.#onEnd = onEnd;
    this.url = url;
    this.project = project;
    this.user = user;
    this.env = env;
  }

  async fault(flag) {
    return await this.#admin.post("/overrides", { flag, project: this.project });
  }

  async override(rule) {
    return await this.#admin.post("/overrides", { ...rule, when: { project: this.project, ...rule.when } });
  }

  async expect(expectation) {
    const named = { name: `expectation ${this.#expectations.length + 1}`, ...expectation };
    // A mistake in it is an error here, not at the end.
    await this.#judge({ expect: [named] });
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
    const verdict = await this.#verdict(waitMs);
    if (!verdict.passed) throw await this.#failure(verdict);
    return verdict;
  }

  end() {
    this.#end ??= this.#judgeAndDelete();
    return this.#end;
  }

  async #judgeAndDelete() {
    try {
      await this.verify();
    } finally {
      await this.#delete();
    }
  }

  async #verdict(waitMs) {
    const asked = [this.#judge({}, waitMs)];
    if (this.#expectations.length > 0) asked.push(this.#judge({ expect: this.#expectations }, waitMs));
    const verdicts = await Promise.all(asked);
    const [scenario, own] = verdicts.map(({ expectations }) => expectations);
    const placed = scenario.map((one) => ({ ...one, place: this.#placeOf(one.place) }));
    const expectations = [...placed, ...(own ?? []).map((one) => ({ ...one, place: undefined }))];
    return { ...verdicts[0], passed: verdicts.every(({ passed }) => passed), expectations };
  }

  #judge(body, waitMs = 0) {
    return this.#admin.post(`/verify?wait_ms=${waitMs}`, { project: this.project, ...body }, { waitMs, placeOf: () => undefined });
  }

  async #failure(verdict) {
    const requests = await this.requests();
    const message = `wksmock: ${failedText(verdict)}\n${journalText(this.project, requests)}`;
    return withoutOwnFrames(new ExpectationError(message, verdict, requests));
  }

  async #delete() {
    this.#onEnd(this);
    await this.#admin.delete(`/projects/${encodeURIComponent(this.project)}`);
  }
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
