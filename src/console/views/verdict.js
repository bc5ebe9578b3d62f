// The consumer's duties, and what it did: judged again whenever something happens.

import { post } from "../api.js";
import { Badge, duration, html, kindOf, ProjectSelect, Section, time } from "../parts.js";
import { bound, counted, Facts, Fold, List, Said, Toggle, useFresh, View } from "./shared.js";

/** Calls that are listed of an expectation. */
const LISTED = 50;

export default function Verdict({ args, go, link }) {
  const { project, console } = args;
  const [verdict, problem, again] = useFresh((signal) => post("verify", project && { project }, { console }, { signal }), [project, console], ["request", "message", "reset", "setup"]);
  const arg = bound("verdict", args, go);
  return html`<${View} title="Verdict" problem=${problem} again=${again}>
    <div class="fields narrow"><${ProjectSelect} ...${arg("project")} placeholder="All" />
      <div class="choices"><${Toggle} label="with the console's calls" ...${arg("console")} /></div></div>
    ${verdict && html`<${Sum} ...${verdict} link=${link} />
      ${[...verdict.expectations].sort((a, b) => a.passed - b.passed).map((one) => html`<${Expectation} key=${`${one.place} ${one.name}`} one=${one} link=${link} />`)}
      <${Rest} verdict=${verdict} console=${console} link=${link} />`}
  <//>`;
}

function Sum({ passed, expectations, recovery: { users, recovered }, link }) {
  if (!expectations.length) {
    return html`<${Said} kind="plain">No expectations yet. Put <code>expect</code> into <a href=${link("scenario", { tab: "edit" })}>a scenario</a>,
      and it is judged here while calls come in.<//>`;
  }
  return html`<${Said} kind=${passed ? "good" : "bad"}><strong>${passed ? "Passed" : "Failed"}:</strong>
    ${` ${expectations.filter((one) => one.passed).length} of ${counted(expectations.length, "expectation")} held. `}
    ${users > 0 && `Of ${counted(users, "user")} with a failure, ${recovered} recovered.`}<//>`;
}

const lines = (list, more) => list.length > 0 && html`${list.map((line) => html`<div key=${line}>${line}</div>`)}${more > 0 && `and ${more} more`}`;

function Expectation({ one, link }) {
  const { name, place, passed, expected, seen, nearest, misses, judged_nothing: nothing } = one;
  return html`<${Section} actions=${html`<span class="faint mono">${place}</span>`}
      title=${html`<${Badge} kind=${!passed ? "bad" : nothing ? "warn" : "good"}>${passed ? "✓ held" : "✗ missed"}<//> ${name}`}>
    <${Facts} rows=${[["Expected", lines(expected)], ["Judged nothing", nothing], ["Nearest miss", nearest && html`<strong>${nearest}</strong>`],
      ["Other misses", lines(misses.filter((miss) => miss !== nearest), one.more_misses)]]} />
    ${seen.length > 0 && html`<${Fold} open=${!passed} title=${`${counted(seen.length + one.more_seen, "call")} seen`}>
      <${List} label=${`Calls seen by ${name}`} rows=${seen.slice(0, LISTED)} more=${Math.max(0, seen.length - LISTED) + one.more_seen}
        keyOf=${(call) => `${call.project}/${call.user}/${call.operation}/${call.call}`} of=${[
          ["At", (call) => time(call.at_ms), "mono"],
          ["User", (call) => html`<a href=${link("journal", { user: call.user, project: call.project })}>${call.user}</a>`, "mono short"],
          ["Call", "call", "number"],
          ["Got", (call) => html`<${Badge} kind=${kindOf(call.state !== "lost" && call.status)}>${call.state === "lost" ? "lost" : call.status}<//> ${call.fault}`],
          ["Waited before", (call) => call.gap_ms !== null && duration(call.gap_ms), "number"],
          ["Took", (call) => call.took_ms !== null && duration(call.took_ms), "number"], ["Rule", "rule", "text"]]} /><//>`}
  <//>`;
}

/** What else a verdict says: refused requests, rules that never struck, silent repeats. */
function Rest({ verdict: { rejected, ...verdict }, console, link }) {
  const { never_struck: never, silent_repeats: repeats } = verdict;
  return html`<${Section} title="Refused requests">
      ${rejected.count > 0 && html`<p class="hint">${counted(rejected.count, "request")} rejected before counting, mostly because of client mistakes.</p>`}
      <${List} label="Refused requests" rows=${rejected.by} more=${rejected.other} keyOf=${(one) => `${one.status} ${one.problem}`} empty="None so far." of=${[
        ["Times", "times", "number"], ["Status", (one) => html`<${Badge} kind=${kindOf(one.status)}>${one.status}<//>`], ["Problem", "problem", "text"],
        ["First", (one) => one.first && html`<a href=${link("journal", { row: one.first.index })}>${one.first.request}</a>`, "text"]]} /><//>
    ${never.length > 0 && html`<${Section} title="Rules that never struck"><p class="hint">Their effect was not tested.</p>
      <${List} label="Rules that never struck" rows=${never} more=${verdict.more_never_struck} keyOf=${(one) => `${one.place} ${one.rule}`}
        of=${[["Rule", "rule", "text"], ["Place", (one) => one.place !== one.rule && one.place, "mono text"],
          ["Why", (one) => one.why || (console ? "No call matched it." : "No client call matched it (calls from this page do not count)."), "text"]]} /><//>`}
    ${repeats.length > 0 && html`<${Section} title="Silent repeats"><p class="hint">Calls right after a lost answer, as HTTP clients retry automatically.</p>
      <${List} label="Silent repeats" rows=${repeats} more=${verdict.more_silent_repeats} keyOf=${(one) => `${one.project}/${one.user}/${one.call}`} of=${[
        ["User", (one) => html`<a href=${link("journal", { user: one.user, project: one.project })}>${one.user}</a>`, "mono short"], ["Call", "call", "number"],
        ["Repeats call", "lost", "number"], ["After", (one) => duration(one.gap_ms), "number"], ["Note", "note", "text"]]} /><//>`}`;
}
