// Ready faults: overrides for the calls of one user, or of all, each set by one click.

import { del, get, post } from "./api.js";
import { useLive } from "./live.js";
import { Button, Notice, Section, html, useAsync, useState } from "./parts.js";

const READY = [
  ["Fail the next 2 with 503", { next: 2, status: 503, headers: { "Retry-After": "1" } }],
  ["Fail every other call", { calls: "*/2", status: 503 }],
  ["Lose the next answer", { next: 1, fault: "reset", phase: "after" }],
  ["Slow by 2 s", { delay: { fixed_ms: 2000 } }],
];
const FIRST = "ResetRandomPassword";

/** A rule for the calls of these. */
function ruleOf({ calls, ...effect }, operation, scope) {
  const when = { ...scope, ...(calls && { calls }), ...(operation.id !== FIRST && { operation: operation.id }) };
  return Object.keys(when).length ? { when, ...effect } : effect;
}

function textOf({ when = {}, next, status, sequence, delay, fault, phase }) {
  const what = [
    status && `status ${status}`,
    sequence && `statuses ${sequence.join(", ")}`,
    fault && (typeof fault === "string" ? fault : Object.keys(fault)[0]),
    phase === "after" && "after the reset",
    delay && (delay.fixed_ms === undefined ? "a delay" : `${delay.fixed_ms} ms delay`),
  ].filter(Boolean).join(", ");
  const which = next ? `next ${next}` : when.calls ? `calls ${when.calls}` : "every call";
  return `${what} · ${which} · ${when.user ? "one user" : "all users"}`;
}

/** How many calls are left to a rule for the next ones. */
const leftOf = ({ next, when }, left, struck) => left ?? (next && typeof when?.user === "string" ? next - struck : undefined);

function told(rule, left, struck) {
  const still = leftOf(rule, left, struck);
  return `${still === undefined ? "" : ` · ${still} left`}${struck ? ` · struck ${struck} ${struck === 1 ? "time" : "times"}` : ""}`;
}

export function Faults({ operation, project, user }) {
  const [found, problem, again] = useAsync((signal) => get("overrides", undefined, { signal }), []);
  const [failed, setFailed] = useState(null);
  const [isForAll, setForAll] = useState(false);
  useLive(["setup", "reset"], again);
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
  const scope = isForAll || !hasUser || !user ? {} : { project, user };
  const add = (effect) => run(() => post("overrides", ruleOf(effect, operation, scope)));
  const overrides = found?.overrides || [];
  const able = READY.filter(([, { phase }]) => phase !== "after" || operation.id === FIRST);
  return html`<${Section} title="Make it fail"
      actions=${overrides.length > 1 && html`<${Button} kind="quiet" onClick=${() => run(() => del("overrides"))}>Clear all<//>`}>
    <div class="actions">
      ${able.map(([title, effect]) => html`<${Button} key=${title} onClick=${() => add(effect)}>${title}<//>`)}
    </div>
    ${hasUser && html`<label class="choice"><input type="checkbox" checked=${isForAll}
      onChange=${(event) => setForAll(event.target.checked)} /> for all users, not only this one</label>`}
    <${Notice} problem=${failed || problem} />
    ${overrides.length > 0
      ? html`<ul class="chips" aria-label="Overrides in force">${overrides.slice(0, 20).map(({ id, rule, left, struck }) => html`<li
          key=${id} class=${leftOf(rule, left, struck) === 0 ? "spent" : ""}>
          <span>${rule.name ? `${rule.name}: ` : ""}${textOf(rule)}${told(rule, left, struck)}</span>
          <button type="button" class="quiet" aria-label=${`End override ${id}`} onClick=${() => run(() => del(`overrides/${id}`))}>End</button>
        </li>`)}</ul>`
      : html`<p class="hint">Rules for faults strike before those of the files. They end when you end them, or with a reset.</p>`}
  <//>`;
}
