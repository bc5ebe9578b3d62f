// Ready faults: overrides for the calls of one user, or of all, each set by one click.

import { del, post } from "./api.js";
import { Button, Notice, Section, duration, html, useAsync, useState } from "./parts.js";
import { nameOf } from "./pickers.js";
import { tail, useGet } from "./views/shared.js";

const READY = [
  ["Fail the next 2 with 503", { next: 2, status: 503, headers: { "Retry-After": "1" } }],
  ["Fail every other call", { calls: "*/2", status: 503 }],
  ["Lose the next answer", { next: 1, fault: "reset", phase: "after" }],
  ["Slow by 2 s", { delay: { fixed_ms: 2000 } }],
];
const FIRST = "ResetRandomPassword";
/** Overrides that are listed, and users whose names are looked up. */
const SHOWN = 20;

/** A rule for the calls of these. */
function ruleOf({ calls, ...effect }, operation, scope) {
  const when = { ...scope, ...(calls && { calls }), ...(operation.id !== FIRST && { operation: operation.id }) };
  return Object.keys(when).length ? { when, ...effect } : effect;
}

const listed = (value) => [].concat(value).join(", ");

/** What a rule does, in words. */
function effectOf({ status, sequence, delay, fault, phase }) {
  const name = fault && (typeof fault === "string" ? fault : Object.keys(fault)[0]);
  const done = phase === "after" ? " after the password was reset (phase after)" : "";
  const said = [
    status && String(status),
    sequence && `${sequence.join(", ")} in turn`,
    name && `fault ${name.replaceAll("_", " ")}`,
  ].filter(Boolean).join(", ");
  const slow = delay && (delay.fixed_ms === undefined ? "a delay" : `a delay of ${duration(delay.fixed_ms)}`);
  return [said && said + done, slow].filter(Boolean).join(", ") || "nothing";
}

/** The calls that it does this to. */
function callsOf({ when = {}, next }) {
  const { calls } = when;
  if (next) return next === 1 ? "the next call" : `the next ${next} calls`;
  if (calls === "*/2") return "every other call";
  return calls === undefined ? "every call" : `calls ${listed(calls)}`;
}

function whoseOf({ when = {} }, names) {
  const { user, operation, project, calls, ...others } = when;
  const own = operation ? ` of ${listed(operation)}` : "";
  const whose = user === undefined ? " of all users"
    : ` of ${[].concat(user).slice(0, 3).map((id) => names[id] || tail(id)).join(", ")}${[].concat(user).length > 3 ? " and others" : ""}`;
  const more = Object.keys(others).length ? `, if ${Object.keys(others).join(" and ")} fit` : "";
  return own && user === undefined ? own + more : own + whose + more;
}

function countOf(left, struck) {
  const times = struck ? `, struck ${struck} ${struck === 1 ? "time" : "times"}` : "";
  if (left === 0) return ` · used up${times}`;
  return `${left === undefined ? "" : ` · ${left} left`}${left === undefined && struck ? ` ·${times.slice(1)}` : times}`;
}

/** Names of the users that rules are for, by id. */
function useNames(overrides) {
  const users = [...new Set(overrides.flatMap(({ rule: { when } }) => when?.user ?? []))].slice(0, SHOWN);
  const [names] = useAsync(async (signal) => Object.fromEntries(await Promise.all(
    users.map(async (user) => [user, await nameOf(undefined, user, signal).catch(() => "")]))), [users.join("/")]);
  return names || {};
}

function Armed({ override: { id, rule, left, struck }, names, end }) {
  const isSpent = left === 0;
  return html`<li>
    <span class=${isSpent ? "faint" : ""}>${rule.name ? `${rule.name}: ` : ""}${effectOf(rule)} for ${callsOf(rule)}${whoseOf(rule, names)}${countOf(left, struck)}</span>
    <button type="button" class="quiet" aria-label=${`${isSpent ? "Remove" : "End"} override ${id}`} onClick=${end}>${isSpent ? "Remove" : "End"}</button>
  </li>`;
}

export function Faults({ operation, project, user }) {
  // A call uses up what is for the next ones.
  const [found, problem, again] = useGet("overrides", undefined, ["setup", "reset", "request"]);
  const [failed, setFailed] = useState(null);
  const [isForAll, setForAll] = useState(false);
  const overrides = found?.overrides || [];
  const names = useNames(overrides);
  const run = async (what) => {
    try {
      await what();
      setFailed(null);
    } catch (problem) {
      setFailed(problem);
    }
    again();
  };
  const hasUser = operation.path.includes("{user_id}");
  const isMissing = hasUser && !isForAll && !user;
  const scope = isForAll || !hasUser ? {} : { ...(project && { project }), user };
  const add = (effect) => run(() => post("overrides", ruleOf(effect, operation, scope)));
  const able = READY.filter(([, { phase }]) => phase !== "after" || operation.id === FIRST);
  return html`<${Section} title="Make it fail"
      actions=${overrides.length > 1 && html`<${Button} kind="quiet" onClick=${() => run(() => del("overrides"))}>Clear all<//>`}>
    <div class="actions">
      ${able.map(([title, effect]) => html`<${Button} key=${title} disabled=${isMissing} onClick=${() => add(effect)}>${title}<//>`)}
    </div>
    ${hasUser && html`<label class="choice"><input type="checkbox" checked=${isForAll}
      onChange=${(event) => setForAll(event.target.checked)} /> for all users, not only this one</label>`}
    ${isMissing && html`<p class="hint">Choose a user above, or tick “for all users”.</p>`}
    <${Notice} problem=${failed || problem} />
    ${overrides.length > 0 && html`<ul class="chips" aria-label="Active overrides">${overrides.slice(0, SHOWN).map((override) => html`<${Armed}
      key=${override.id} override=${override} names=${names} end=${() => run(() => del(`overrides/${override.id}`))} />`)}</ul>`}
    ${overrides.length > SHOWN && html`<p class="faint">and ${overrides.length - SHOWN} more</p>`}
    <p class="hint">These overrides take precedence over the rules of the files. They stay until their calls are used up, you end them, or you reset the server.</p>
  <//>`;
}
