"use strict";

// Texts for the reports of test runners: verdicts, and the journal of a clone.

/** Bounds of what is shown. */
const USERS_MAX = 20;
const CALLS_MAX = 20;
const REQUESTS_MAX = 50;

/** Describes the failed expectations of a verdict, with the calls by which they were judged. */
function failedText(verdict) {
  const failed = verdict.expectations.filter(({ passed }) => !passed);
  const lines = [`${failed.length} of ${counted(verdict.expectations.length, "expectation")} failed`];
  for (const { name, place, expected, misses, more_misses: more } of failed) {
    lines.push(`failed: ${name}${place ? ` (${place})` : ""}`);
    lines.push(...expected.map((text) => `  expected: ${text}`), ...misses.map((text) => `  but:      ${text}`));
    if (more > 0) lines.push(`  but:      ${more} more did not hold`);
  }
  lines.push(...seenLines(failed));
  return lines.join("\n");
}

/** One line for each user: when the calls came, and what they met. */
function seenLines(failed) {
  const users = new Map();
  for (const call of failed.flatMap(({ seen }) => seen)) {
    const who = call.operation === "ResetRandomPassword" ? call.user : `${call.user} ${call.operation}`;
    const calls = users.get(who) ?? new Map();
    users.set(who, calls.set(call.call, call));
  }
  if (users.size === 0) return [];
  const lines = ["seen, one line per user; + is the time from the end of an answer to the next call:"];
  for (const [who, calls] of [...users].slice(0, USERS_MAX)) {
    const all = [...calls.values()].sort((one, other) => one.call - other.call);
    const shown = all.slice(0, CALLS_MAX).map((call, index) => seenCall(call, all[index - 1]));
    if (all.length > CALLS_MAX) shown.push(`${all.length - CALLS_MAX} more`);
    lines.push(`  ${who}  ${shown.join(" · ")}`);
  }
  if (users.size > USERS_MAX) lines.push(`  and ${counted(users.size - USERS_MAX, "more user")}`);
  if (lines.some((line) => line.includes(" (done)"))) {
    lines.push("  (done) means that the password was reset, but the client got no success");
  }
  return lines;
}

/** One call: when, what it met, and the rule behind it unless that is the one of the call before. */
function seenCall(call, before) {
  const { gap_ms: gap, at_ms: at, status, fault, done, rule } = call;
  const when = before !== undefined && gap !== null ? `+${gap} ms` : `${at} ms`;
  const met = status ?? (fault ?? "no answer").replaceAll("_", " ");
  const isSuccess = status !== null && status < 400;
  const mark = done && !isSuccess ? " (done)" : status === null && done === false ? " (not done)" : "";
  const isNew = rule !== null && rule !== before?.rule;
  return `${when} ${met}${mark}${isNew ? ` by ${ruleText(rule, call.project)}` : ""}`;
}

/** Quotes the name of a rule. That of a fault in a clone ends with the clone. */
function ruleText(rule, project) {
  const end = ` in ${project}`;
  return JSON.stringify(rule.endsWith(end) ? rule.slice(0, -end.length) : rule);
}

/** Describes the requests of a clone, a line each: the last ones if there are many. */
function journalText(project, requests) {
  if (requests.length === 0) return `clone ${project} got no requests`;
  const shown = requests.slice(-REQUESTS_MAX);
  const lines = [`journal of clone ${project}, ${counted(requests.length, "request")}:`];
  if (shown.length < requests.length) lines.push(`  ${requests.length - shown.length} earlier`);
  return [...lines, ...shown.map((entry) => `  ${requestText(entry)}`)].join("\n");
}

function requestText({ at_ms: at, project, method, target, call, state, answer, decision, problem }) {
  const notes = [];
  if (call !== null) notes.push(`call ${call}`);
  if (decision?.delay_ms) notes.push(`delayed by ${decision.delay_ms} ms`);
  if (decision?.fault) notes.push(`fault ${decision.fault}`);
  if (decision?.fault && decision.password) notes.push("the password was reset");
  const rules = new Set(Object.values(decision?.causes ?? {}).map(({ rule }) => rule));
  for (const rule of rules) notes.push(`rule ${ruleText(rule, project)}`);
  if (state === "rejected") notes.push(`rejected: ${problem}`);
  const met = answer ? answer.status : state === "in_flight" ? "in flight" : "no answer";
  return `${at} ms: ${method} ${target}: ${met}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

module.exports = { failedText, journalText };
