// Scenario: the rules in force, overrides, and a scenario to put in their place.

import { get, send } from "../api.js";
import { Button, html, Notice, Page, ProjectSelect, useAsync, useState } from "../parts.js";
import { Draft } from "./scenario/draft.js";
import { Override } from "./scenario/override.js";
import { Rules } from "./scenario/rules.js";

const TABS = { rules: "Active", override: "Override", edit: "Write" };

/** Hands the scenario in force to the browser's downloads. */
async function download(project) {
  const response = await send("GET", "scenario/file", { query: { project } });
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(await response.blob());
  anchor.download = response.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1] || "scenario.json";
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}

/** The rule with which the form begins: of the override that is changed, or the one in the address. */
async function start({ change, rule }, signal) {
  if (!change) return { of: change, rule: rule ? JSON.parse(rule) : { status: 503 } };
  const { overrides } = await get("overrides", {}, { signal });
  const found = overrides.find(({ id }) => String(id) === change);
  if (!found) throw new Error(`Override ${change} is no longer active.`);
  return { of: change, rule: found.rule };
}

export default function Scenario({ args, go, link }) {
  const { project, change, rule, user } = args;
  const tab = TABS[args.tab] ? args.tab : "rules";
  const [begin, problem] = useAsync((signal) => start(args, signal), [change, rule]);
  const [failure, setFailure] = useState(null);
  const show = (tab) => go("scenario", { project, user, tab });
  return html`<${Page} title="Scenario" actions=${html`<${Button} onClick=${() => download(project).catch(setFailure)}>Download the active rules<//>`}>
    <div class="parts"><div role="group" aria-label="Parts of this view" class="actions">
        ${Object.entries(TABS).map(([name, title]) => html`<${Button} key=${name} aria-pressed=${tab === name} onClick=${() => show(name)}>${title}<//>`)}</div>
      ${tab !== "override" && html`<${ProjectSelect} label="Clone with its own scenario" value=${project} placeholder="Everywhere else" onChange=${(project) => go("scenario", { ...args, project })} />`}
    </div>
    <${Notice} problem=${failure} />
    ${tab === "rules" && html`<${Rules} args=${args} go=${go} link=${link} />`}
    ${tab === "override" && (problem ? html`<${Notice} problem=${problem} />`
      : begin && begin.of === change && html`<${Override} key=${`${change} ${rule}`} id=${change} start=${begin.rule} onDone=${() => show("rules")} close=${() => show("rules")} />`)}
    ${tab === "edit" && html`<${Draft} key=${project} args=${args} go=${go} link=${link} />`}
  <//>`;
}
