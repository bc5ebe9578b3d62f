"use strict";

// The journal of a clone as text, for the reports of test runners.

/** How many requests are shown. */
const REQUESTS_MAX = 50;

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
  return `${at} ms: ${method} ${target.replace(`/${project}`, "/…")}: ${met}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

module.exports = { journalText };
