// Sample code for a request, in each language that the server knows.

import { baseOf, get } from "./api.js";
import { bodyOf } from "./forms.js";
import { Code, Notice, Section, html, useAsync, useId, useSettled, useState } from "./parts.js";

const KEPT = "wksmock.language";
/** What `wksmock env` takes for the server if it is not told. */
const USUAL_URL = "http://127.0.0.1:7070";
/** Languages whose program signs nothing by itself. */
const KEYLESS = ["curl", "run"];

function usual() {
  try {
    return localStorage.getItem(KEPT) || "python";
  } catch {
    return "python";
  }
}

/** What `GET samples` is asked for. A body that is not JSON yet is left to the example. */
function queryOf(operation, request) {
  const takes = (name) => operation.parameters.some((parameter) => parameter.name === name);
  const { notification_type: types, ...rest } = request.parameters;
  const others = Object.entries(rest).filter(([, value]) => value !== "");
  let body;
  try {
    body = operation.body && request.body !== undefined ? JSON.stringify(bodyOf(operation, request) ?? undefined) : undefined;
  } catch {
    body = undefined;
  }
  return {
    operation: operation.id,
    project: takes("project_id") ? request.project : undefined,
    user: takes("user_id") ? request.user : undefined,
    notification_type: takes("notification_type") ? types : undefined,
    parameters: others.length ? JSON.stringify(Object.fromEntries(others)) : undefined,
    body,
  };
}

/** Tabs of which one is chosen; arrows go from one to the next. */
export function Tabs({ label, tabs, chosen, onChoose, panel }) {
  const press = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.findIndex(([name]) => name === chosen);
    onChoose(tabs[(at + step + tabs.length) % tabs.length][0]);
    event.currentTarget.querySelectorAll("[role=tab]")[(at + step + tabs.length) % tabs.length].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${press}>
    ${tabs.map(([name, title]) => html`<button key=${name} type="button" role="tab" aria-selected=${name === chosen}
      aria-controls=${panel} tabindex=${name === chosen ? 0 : -1} class="quiet" onClick=${() => onChoose(name)}>${title}</button>`)}
  </div>`;
}

/** Where the program's keys come from. */
function Keys() {
  const [base] = useAsync(baseOf, []);
  const url = !base || base === USUAL_URL ? "" : ` --url ${base}`;
  return html`<p class="hint">The program reads its keys from <code>CLOUD_SDK_AK</code> and <code>CLOUD_SDK_SK</code>. <code>wksmock env</code> prints them;
      this line sets them in a shell. The command on the tab <em>wksmock run</em> sets them automatically.</p>
    <${Code} text=${`eval "$(wksmock env --export${url})"`} label="Set the keys" wrap />`;
}

export function Samples({ operation, request }) {
  const [language, setLanguage] = useState(usual);
  const query = useSettled(JSON.stringify(queryOf(operation, request)), 250);
  const [found, problem] = useAsync((signal) => get("samples", JSON.parse(query), { signal }), [query]);
  const panel = useId();
  const samples = found?.samples || [];
  const sample = samples.find((one) => one.language === language) || samples[0];
  const choose = (name) => {
    setLanguage(name);
    try {
      localStorage.setItem(KEPT, name);
    } catch {
      // It is only kept for the next visit.
    }
  };
  return html`<${Section} title="Sample code">
    <${Notice} problem=${problem} />
    ${sample && html`
      <${Tabs} label="Language" tabs=${samples.map((one) => [one.language, one.title])} chosen=${sample.language}
        onChoose=${choose} panel=${panel} />
      <div id=${panel} class="stack" role="tabpanel" aria-label=${sample.title}>
        <${Code} text=${sample.code} label=${`Sample code: ${sample.title}`} />
        ${sample.note && html`<p class="hint">${sample.note}</p>`}
        ${!KEYLESS.includes(sample.language) && html`<${Keys} />`}
      </div>`}
  <//>`;
}
