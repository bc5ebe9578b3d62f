// Loaded projects and clones of them, each for one test.

import { del, path, post } from "../api.js";
import { AccountSelect, Ask, Badge, Button, Field, html, Notice, ProjectSelect, Section, useState } from "../parts.js";
import { List, Said, typed, useGet, View } from "./shared.js";

export default function Clones({ args: { cursor }, go, link }) {
  const [page, problem, again] = useGet("projects", { cursor, limit: 100 }, ["setup", "reset"]);
  const [made, setMade] = useState(null);
  const end = (id) => del(`projects/${path(id)}`).then(again);
  return html`<${View} title="Clones" problem=${problem} again=${again}>
    <p class="hint">A clone has the users of its project and its own call numbers. Give each parallel test its own clone.</p>
    ${made && html`<${Said}>Clone <code>${made.id}</code> was created. <a href=${link("try", { project: made.id })}>Try a call</a><//>`}
    <div class="columns wide-left"><div class="stack">
      ${page && html`<${List} label="Projects" rows=${page.projects} keyOf=${(one) => one.id} of=${[
        ["Id", (one) => html`<a href=${link("users", { project: one.id })} title=${one.id}>${one.id}</a>`, "mono short"],
        ["Kind", (one) => html`<${Badge} kind=${one.from && "good"}>${one.from ? "clone" : "loaded"}<//> ${one.name}`],
        ["Cloned from", "from", "mono short"], ["Account", "account"],
        ["Scenario", (one) => html`<a href=${link("scenario", { project: one.id })}>${one.own_scenario ? "its own" : "the files'"}</a>`],
        ["Users", "users", "number"],
        ["", (one) => one.from && html`<${Ask} button="End" title="End this clone?" confirm="End the clone" run=${() => end(one.id)}>
          <p>Clone <code>${one.id}</code> is deleted with its call numbers and changes. Calls in flight are cut off.</p><//>`]]} />`}
      ${page && (cursor || page.next) && html`<div class="actions"><${Button} disabled=${!cursor} onClick=${() => go("clones")}>First<//>
        <${Button} disabled=${!page.next} onClick=${() => go("clones", { cursor: page.next })}>Next<//></div>`}</div>
      <${Make} start=${page?.projects.find((one) => !one.from)?.id} onMade=${(clone) => (setMade(clone), again())} />
    </div><//>`;
}

function Make({ start = "", onMade }) {
  const [given, set] = useState({});
  const [problem, setProblem] = useState(null);
  const { id = "", account = "", scenario = "", from = start } = given;
  const change = (name) => (value) => set({ ...given, [name]: value });
  const make = (event) => {
    event.preventDefault();
    // The scenario goes as it is written, so that an error in it has its place.
    const members = [["from", from], ["id", id], ["account", account]].filter(([, text]) => text).map(([name, text]) => `"${name}":${JSON.stringify(text)}`);
    if (scenario.trim()) members.push(`"scenario":${scenario}`);
    post("projects", `{${members.join()}}`).then((clone) => (setProblem(null), set({ from }), onMade(clone)), setProblem);
  };
  return html`<${Section} title="New clone"><form class="stack" onSubmit=${make}>
    <${ProjectSelect} label="Clone of" value=${from} onChange=${change("from")} />
    <${Field} label="Id" hint="Default: chosen by the server."><input autocomplete="off" spellcheck=${false} value=${id} onInput=${typed(change("id"))} /><//>
    <${AccountSelect} hint="Calls of this account go to this clone." value=${account} onChange=${change("account")} />
    <${Field} label="Own scenario" hint="Default: the scenario of the files."><textarea rows="6" spellcheck=${false} placeholder=${'{ "rules": [] }'} value=${scenario}
      onInput=${typed(change("scenario"))} /><//>
    <${Notice} problem=${problem} /><p><${Button} kind="primary" type="submit" disabled=${!from}>Create the clone<//></p>
  </form><//>`;
}
