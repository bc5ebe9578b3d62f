// Operations and their documented statuses as a matrix: met, lost, never met, with counts and users.

import { html, ProjectSelect, Section } from "../parts.js";
import { bound, Close, counted, Toggle, useGet, View } from "./shared.js";

/** The kind of a cell has a shape beside its colour. */
const KINDS = { met: ["✓", "met"], lost: ["✗", "lost on the wire, so not met"], never: ["–", "never met"] };
const kindOf = ({ met, lost }) => (met ? "met" : lost ? "lost" : "never");

export default function Coverage({ args, go, link }) {
  const { project, console, all, cell = "" } = args;
  const [coverage, problem, again] = useGet("coverage", { project, console }, ["request", "reset", "setup"]);
  const arg = bound("coverage", args, go);
  const open = arg("cell").onChange;
  const shown = coverage?.operations.filter((one) => all || one.counts) || [];
  const columns = [...new Set(shown.flatMap(({ statuses }) => statuses.map(({ status }) => status)))].sort();
  const chosen = shown.flatMap(({ operation, statuses }) => statuses.map((one) => ({ ...one, operation }))).find((one) => `${one.operation} ${one.status}` === cell);
  return html`<${View} title="Coverage" problem=${problem} again=${again}>
    <div class="fields narrow"><${ProjectSelect} ...${arg("project")} placeholder="All" />
      <div class="choices"><${Toggle} label="with the console's calls" ...${arg("console")} />
        <${Toggle} label="operations that were not called" ...${arg("all")} /></div></div>
    ${coverage && html`<${Section}>
      <p><strong>${coverage.met} of ${coverage.documented}</strong> documented statuses met.
        ${!coverage.met && html` Start your program, or <a href=${link("try")}>try a call</a> and count the console's calls too.`}</p>
      <progress max=${coverage.documented} value=${coverage.met} aria-label="Documented statuses met" />
      <p class="sideways hint">Scroll the table sideways to see all statuses.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Coverage"><table class="matrix">
        <thead><tr><th scope="col">Operation</th>${columns.map((status) => html`<th scope="col" key=${status} class="number">${status}</th>`)}</tr></thead>
        <tbody>${shown.map(({ operation, statuses }) => html`<tr key=${operation}><th scope="row">${operation}</th>${columns.map((status) => {
          const one = statuses.find((one) => one.status === status);
          return html`<td key=${status} class="number">${one && html`<${Cell} one=${one} operation=${operation} isOn=${cell === `${operation} ${status}`}
            onOpen=${() => open(`${operation} ${status}`)} />`}</td>`;
        })}</tr>`)}</tbody></table></div>
      <p class="legend hint">${Object.entries(KINDS).map(([kind, [sign, words]]) => html`<span key=${kind}><span class=${`cell ${kind}`}>${sign}</span> ${words}</span>`)}
        <span>An empty cell is a status that the operation does not document.</span></p><//>`}
    ${chosen && html`<${Who} one=${chosen} link=${link} close=${() => open("")} />`}
  <//>`;
}

function Cell({ one, operation, isOn, onOpen }) {
  const [sign, words] = KINDS[kindOf(one)];
  const times = `${one.count ? `, ${one.count} times` : ""}${one.lost ? `, ${one.lost} lost` : ""}`;
  return html`<button type="button" class=${`cell ${kindOf(one)}`} aria-pressed=${isOn} onClick=${onOpen}>
    <span aria-hidden="true">${sign} ${one.count ? one.count.toLocaleString("en") : ""}${one.lost ? ` ✗${one.lost}` : ""}</span>
    <span class="unseen">${`${operation} ${one.status}: ${words}${times}`}</span></button>`;
}

/** Who met a status, and where to see it. */
function Who({ one, link, close }) {
  const { operation, status, count, lost, users, more_users: more } = one;
  const rule = JSON.stringify({ when: { operation }, next: 1, status });
  return html`<${Section} title=${`${operation}, ${status}`} actions=${html`<${Close} onClick=${close} />`}>
    <p>${count ? `Met ${counted(count, "time")}` : "Never met"}${lost ? `; ${counted(lost, "answer")} lost on the wire` : ""}. <a href=${link("journal", { operation, status })}>In the journal</a>
      ${!count && html`, or <a href=${link("scenario", { tab: "override", rule })}>make the next call get it</a>`}</p>
    <ul class="rows">${users.map(({ project, user }) => html`<li key=${`${project}/${user}`}>
      <a href=${link("journal", project ? { project, user, operation } : { account: user, operation })}><code>${user}</code></a><span class="faint">${project}</span></li>`)}</ul>
    ${more > 0 && html`<p class="faint">and ${counted(more, "more user")}</p>`}
    ${count > 0 && !users.length && html`<p class="faint">Only by requests that were rejected before they were counted and so belong to no user.</p>`}
  <//>`;
}
