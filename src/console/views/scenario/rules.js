// The rules in force, in the order in which they are read, with how often each has struck.

import { del, get } from "../../api.js";
import { Ask, Badge, Button, Code, html, Notice, Section, useState } from "../../parts.js";
import { Close, counted, Find, List, useFresh } from "../shared.js";
import { conditions, effects } from "./words.js";

/** Rules that are listed at once. */
const SHOWN = 100;
const KINDS = { override: "good", flag: "warn", down: "odd" };

/** Every rule in its order, numbered. The embedded rules come last, as their scenario writes them. */
function ordered({ scenarios, rules, embedded }, overrides) {
  const left = new Map(overrides.map(({ id, left }) => [id, left]));
  const texts = new Map(scenarios.flatMap(({ document }) => (document.rules || []).map((rule) => [rule.name, rule])));
  return [
    ...rules.map(({ rule: name, place, struck, source: kind, override: id, written }) => ({ name, place, struck, kind, id, left: left.get(id), rule: written })),
    ...embedded.map(({ rule: name, place, struck }) => ({ name, place, struck, kind: "file", rule: texts.get(name) })),
  ].map((one, at) => ({ ...one, at: at + 1 }));
}

export function Rules({ args, go, link }) {
  const { project, opened } = args;
  const [data, problem, again] = useFresh((signal) => Promise.all([get("scenario", { project }, { signal }), get("overrides", {}, { signal })]),
    [project], ["request", "message", "setup", "reset"]);
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(SHOWN);
  if (!data) return html`<${Notice} problem=${problem} again=${again} />`;
  const [scenario, { overrides }] = data;
  const all = ordered(scenario, overrides);
  const fitting = all.filter(({ name, rule }) => `${name} ${JSON.stringify(rule)}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  const remove = (path) => () => del(path).then(again);
  const open = (one) => go("scenario", { ...args, opened: one?.name });
  const chosen = all.find(({ name }) => name === opened);
  return html`<${Section} title=${`${counted(all.length, "active rule")}`} actions=${overrides.length > 0 && html`<${Ask} button="Remove all overrides" title="Remove all overrides?" confirm="Remove all"
      run=${remove("overrides")}><p>This removes ${counted(overrides.length, "override")}. Flags and files apply again.</p><//>`}>
    <p class="hint">Status, delay and fault each come from the first matching rule that sets them.</p>
    ${all.length > 8 && html`<div class="fields"><${Find} value=${wanted} onChange=${setWanted} /></div>`}
    <${List} label="Active rules" rows=${fitting.slice(0, shown)} more=${fitting.length - shown} keyOf=${(one) => `${one.place} ${one.name}`} isOn=${(one) => one.name === opened} onOpen=${open}
      empty=${all.length ? "No rule matches." : html`No active rules: every call gets the API's own behaviour. <a href=${link("scenario", { project, tab: "override" })}>Add an override</a> or
        <a href=${link("scenario", { project, tab: "edit" })}>write a scenario</a>.`} of=${[
        ["#", "at", "number"],
        ["Rule", (one) => html`<${Button} kind="link" aria-pressed=${one.name === opened} onClick=${() => open(one)}>${one.name}<//>`, "text"],
        ["Calls", (one) => one.rule && conditions(one.kind === "down" ? { when: one.rule } : one.rule), "text"],
        ["Effect", (one) => (one.kind === "down" ? "connections are refused" : one.rule && effects(one.rule)), "text"],
        ["Struck", (one) => html`${one.struck}${one.left >= 0 && `, ${one.left} left`}`, "number"],
        ["Kind", (one) => html`<${Badge} kind=${KINDS[one.kind]}>${one.kind}<//>`],
        ["Place", (one) => one.place !== one.name && html`<span title=${one.place}>${one.place}</span>`, "mono short"],
        ["", (one) => one.id && html`<span class="actions"><a href=${link("scenario", { project, tab: "override", change: one.id })} aria-label=${`Change ${one.name}`}>Change</a>
          <${Ask} button="Remove" title="Remove this override?" run=${remove(`overrides/${one.id}`)}><p>“${one.name}” no longer applies.</p><//></span>`]]} />
    ${fitting.length > shown && html`<p><${Button} onClick=${() => setShown(shown + SHOWN)}>Show more<//></p>`}
    ${chosen?.rule && html`<${Section} kind="inner" title=${chosen.name} actions=${html`<a href=${link("journal", { rule: chosen.name })}>Matched calls</a><${Close} onClick=${() => open()} />`}>
      <${Code} label="The rule as JSON" text=${JSON.stringify(chosen.rule, null, 2)} /><//>`}
  <//>`;
}
