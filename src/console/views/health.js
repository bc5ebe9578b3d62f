// Whether the server is well, what it was given, and what it had to drop.

import { html, Section, time } from "../parts.js";
import { Facts, useGet, View } from "./shared.js";

const STATES = {
  ok: ["good", "The loaded files are active."],
  stale: ["warn", "A watched file has errors; the previous version stays active."],
  starting: ["warn", "The server is starting."],
  draining: ["warn", "The server is stopping; calls in flight may finish."],
};
/** Named in this order; the rest follows under its own name. */
const NAMES = { url: "API", https_url: "API by HTTPS", admin_url: "Admin API", version: "Version", seed: "Seed", now_ms: "Virtual time", projects: "Projects", users: "Users", clones: "Clones",
  rules: "Rules", overrides: "Overrides", epoch: "Epoch", reloads: "Reloads of files" };

function said(name, value) {
  if (name === "now_ms") return time(value);
  if (name.endsWith("_unix_ms")) return new Date(value).toISOString();
  return typeof value === "object" ? value && JSON.stringify(value) : String(value);
}

export default function Health({ link }) {
  const [health, problem, again] = useGet("health", {}, ["request", "setup", "reset", "clock"]);
  if (!health) return html`<${View} title="Health" problem=${problem} again=${again} />`;
  const { status, problems = [], journal = {}, outbox = {}, ...rest } = health;
  const [kind, meaning] = STATES[status] || ["bad"];
  const names = [...new Set([...Object.keys(NAMES), ...Object.keys(rest)])].filter((name) => rest[name] !== undefined);
  const some = (value) => value?.toLocaleString("en");
  return html`<${View} title="Health" problem=${problem} again=${again}>
    <div class=${`notice ${kind}`} role="status"><p><strong>${status}</strong>: ${meaning}</p>
      <ul>${problems.map((one) => html`<li><code>${one.place}</code> ${one.message} ${one.hint}</li>`)}</ul></div>
    <div class="columns">
      <${Section} title="Server"><${Facts} rows=${names.map((name) => [NAMES[name] || name.replace(/_unix_ms$/, "").replaceAll("_", " "), said(name, rest[name])])} /><//>
      <${Section} title="Kept and dropped">
        <${Facts} rows=${[["Journal entries", some(journal.entries)], ["Journal bytes", some(journal.bytes)], ["Entries dropped", some(journal.dropped)], ["Messages dropped", some(outbox.dropped)]]} />
        ${journal.dropped > 0 && html`<p class="hint">The journal was full and dropped the oldest entries. Raise <code>--limit journal_entries_max</code>.</p>`}
        <p><a href=${link("metrics")}>Metrics</a></p><//>
    </div><//>`;
}
