// A scenario as text: checked as it is written, with its rates and a plan, then put in force or taken back.

import { del, get, post, put, send } from "../../api.js";
import { Ask, Button, html, Notice, Outcome, Section, Select, UserSelect, useRef, useSettled, useState } from "../../parts.js";
import { bound, counted, List, Said, useFresh } from "../shared.js";
import { Editor, Problems } from "./editor.js";

const TEMPLATE = `{
  "name": "flaky-reset",
  "rules": [
    { "name": "outage", "when": { "calls": "1-2" }, "status": 503, "headers": { "Retry-After": "1" } }
  ],
  "expect": [
    { "name": "comes back", "calls": { "min": 3 }, "ends_with": 200 }
  ]
}
`;
/** Maximum number of users with ids that contain an id, among which it is searched for. */
const LOOKED = 200;

/** The text stays while other views are shown. */
let kept = TEMPLATE;

async function check(text, { project, user, next }, signal) {
  if (!user) return post("scenario/check", text, { project }, { signal });
  const { users } = await get("users", { project, search: user, limit: LOOKED }, { signal });
  return post("scenario/check", text, { project: users.find(({ id }) => id === user)?.project, user, next }, { signal });
}

export function Draft({ args, go, link }) {
  const { project, user, next = "10" } = args;
  const [text, setText] = useState(kept);
  const [done, setDone] = useState("");
  const [failure, setFailure] = useState(null);
  const goto = useRef(null);
  const file = useRef(null);
  const settled = useSettled(text, 250);
  const [checked, problem, again] = useFresh(async (signal) => ({ ...await check(settled, { project, user, next }, signal), text: settled }),
    [settled, user, project, next], ["request", "setup", "reset", "clock"]);
  const arg = bound("scenario", args, go);
  const write = (next) => {
    kept = next;
    setText(next);
    setDone("");
    setFailure(null);
  };
  const load = () => send("GET", "scenario/file", { query: { project } }).then((response) => response.text()).then(write, setFailure);
  const open = ({ target }) => target.files[0]?.text().then(write).then(() => (target.value = ""));
  const tell = (words) => (setDone(words), setFailure(null), again());
  const putIt = () => put("scenario", text, { project }).then(({ rules, expectations }) => tell(`Active: ${counted(rules, "rule")}, ${counted(expectations, "expectation")}.`), setFailure);
  const takeBack = () => del("scenario", { project }).then(() => tell("The previous scenario was restored."));
  const isFresh = checked?.text === text;
  const kindly = (list = [], kind) => list.map((one) => ({ ...one, kind }));
  const marks = [...kindly(checked?.problems, "bad"), ...kindly(checked?.warnings, "warn")];
  return html`<${Section} title="Write a scenario" actions=${html`<${Button} kind="quiet" onClick=${load}>Load the active rules<//>
      <${Button} kind="quiet" onClick=${() => file.current.click()}>Open a file<//><input ref=${file} type="file" accept=".json" hidden aria-label="Scenario file" onChange=${open} />`}>
    <${Editor} label="Scenario" value=${text} onChange=${write} problems=${marks} rows="20" goto=${goto} save=${putIt} />
    <p role="status">${!isFresh ? "Checking …" : checked.valid ? html`<strong class="ok">✓ Valid:</strong> ${counted(checked.rules.length, "rule")}, ${counted(checked.expectations, "expectation")}.`
      : html`<strong class="wrong">✗ ${counted(checked.problems.length + checked.more_problems, "problem")}.</strong> Click a position to go to its line.`}</p>
    <${Problems} problems=${marks} goto=${goto} /><${Notice} problem=${failure || problem} />
    ${done && html`<${Said}>${done} <a href=${link("scenario", { project })}>Active rules</a><//>`}
    <p class="actions"><${Button} kind="primary" disabled=${!isFresh || !checked.valid} onClick=${putIt}>Activate<//>
      <${Ask} button="Restore" title="Restore the original scenario?" run=${takeBack}><p>This restores the original scenario of ${project ? "this clone" : "the files"}.</p><//>
      <span class="hint">${project ? "Only in this clone." : "Replaces all files."} Ctrl+Enter also activates it.</span></p>
    <${Rates} rules=${checked?.rules || []} />
    <h3>The next calls of a user</h3>
    <div class="fields"><${UserSelect} ...${arg("user")} project=${project} placeholder="Choose one" />
      <${Select} label="Calls" ...${arg("next")} value=${next} options=${["10", "25", "50", "100"]} /></div>
    ${checked?.plan ? html`<${Plan} plan=${checked.plan} />` : html`<p class="faint">${user ? "Shown once the scenario is valid." : "Choose a user to see what each call gets now, and what it would get with this scenario."}</p>`}
  <//>`;
}

/** How often each rule decides something, as `wksmock check` prints it. */
function Rates({ rules }) {
  const said = rules.flatMap(({ rates }) => rates).map(({ text }) => text.replace("PUT /__admin/scenario:", "line "));
  return said.length > 0 && html`<h3>Effective rates</h3><ul class="points" aria-label="Effective rates">${said.map((one) => html`<li key=${one}>${one}</li>`)}</ul>`;
}

const By = ({ outcome }) => html`<${Outcome} outcome=${outcome} /> <span class="faint">${[...new Set(Object.values(outcome.causes).map(({ rule }) => rule))].join(", ")}</span>`;
const differs = ({ now, then }) => ["status", "delay_ms", "fault", "phase"].some((facet) => now[facet] !== then[facet]);

const Plan = ({ plan }) => html`<${List} label="The next calls" rows=${plan} keyOf=${({ call }) => call} isOn=${differs} of=${[
  ["Call", "call", "number"], ["Now", ({ now }) => html`<${By} outcome=${now} />`], ["With this scenario", ({ then }) => html`<${By} outcome=${then} />`],
  ["", (one) => differs(one) && html`<strong class="changed">changes</strong>`]]} />`;
