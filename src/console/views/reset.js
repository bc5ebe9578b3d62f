// Back to the start, in one project or everywhere, once somebody has said yes.

import { post } from "../api.js";
import { Ask, html, Page, ProjectSelect, Section, useState } from "../parts.js";
import { bound, Said } from "./shared.js";

const EVERY = ["call numbers and current passwords", "created, changed and deleted users", "journal, outbox and coverage; calls in flight are cut off"];
const ALL = ["overrides, and a scenario that replaced the files", "virtual time, which restarts at 0"];

export default function Reset({ args, go, link }) {
  const { project } = args;
  const [done, setDone] = useState(null);
  const what = project ? "this project" : "everything";
  const run = async () => setDone({ ...await post("reset", project && { project }), project });
  return html`<${Page} title="Reset">
    ${done && html`<${Said}>Reset: ${done.project ? html`<code>${done.project}</code>` : "everything"}. This is epoch ${done.epoch}. <a href=${link("journal")}>Journal</a><//>`}
    <${Section} title="What is reset">
      <div class="fields"><${ProjectSelect} ...${bound("reset", args, go)("project")} placeholder="All projects and clones" /></div>
      <ul class="points">${EVERY.concat(project ? [] : ALL).map((one) => html`<li key=${one}>${one}</li>`)}</ul>
      <p class="faint">${project ? "Overrides, virtual time, tokens and journal indices stay." : "Clones, tokens and journal indices stay."}</p>
      <p><${Ask} button=${`Reset ${what}`} title=${`Reset ${what}?`} confirm="Reset" run=${run}>
        <p>${project ? html`This deletes everything that happened in <code>${project}</code>.` : "This deletes everything that happened in all projects and clones."} This cannot be undone.</p><//></p>
    <//><//>`;
}
