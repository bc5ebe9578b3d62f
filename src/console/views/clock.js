// Virtual time, and moving it forward.

import { get, post } from "../api.js";
import { Button, duration, Field, html, Notice, Section, time, useEffect, useState } from "../parts.js";
import { numberInput } from "./fields.js";
import { useFresh, useGet, View } from "./shared.js";

const STEPS = [[1e3, "1 s"], [1e4, "10 s"], [6e4, "1 min"], [6e5, "10 min"], [36e5, "1 h"]];
/** Times of rules that are offered at once. */
const SHOWN = 12;

/** Every time at which a rule or a window begins or ends. */
function edges({ scenarios }) {
  const of = (window, name) => window.map((ms, at) => ({ ms, what: `${name} ${at ? "ends" : "begins"}` })).filter(({ ms }) => ms !== null);
  return scenarios.flatMap(({ document: { rules = [], down = [] } }) => [
    ...rules.flatMap(({ name, when }) => (when?.time_ms ? of(when.time_ms, name) : [])),
    ...down.flatMap((one) => of(one.time_ms, "down")),
  ]).sort((a, b) => a.ms - b.ms);
}

export default function Clock({ link }) {
  const [clock, problem, again] = useFresh(async (signal) => ({ ...await get("clock", {}, { signal }), read: performance.now() }), [], ["clock", "reset"]);
  const [scenario] = useGet("scenario", {}, ["setup"]);
  const [, tick] = useState(0);
  const [ms, setMs] = useState(undefined);
  const [failure, setFailure] = useState(null);
  useEffect(() => {
    const timer = setInterval(() => tick((turn) => turn + 1), 100);
    return () => clearInterval(timer);
  }, []);
  if (!clock) return html`<${View} title="Clock" problem=${problem} again=${again} />`;
  const isRunning = clock.mode === "running";
  const now = clock.now_ms + (isRunning ? performance.now() - clock.read : 0);
  const move = (body) => post("clock", body).then(() => (setFailure(null), again()), setFailure);
  const ahead = scenario ? edges(scenario).filter(({ ms }) => ms > now) : [];
  return html`<${View} title="Clock" problem=${problem} again=${again}><div class="columns">
    <${Section} title="Virtual time">
      <p class="big mono">${time(now)}</p>
      <p class="hint">${isRunning ? "Runs with real time since the start or the last server reset." : "Stands still (--clock manual) until you move it."} Rules with time_ms and down windows use this time.</p>
      <div class="actions" role="group" aria-label="Move forward">${STEPS.map(([ms, words]) => html`<${Button} key=${ms} onClick=${() => move({ advance_ms: ms })}>+ ${words}<//>`)}</div>
      <form class="inline" onSubmit=${(event) => (event.preventDefault(), move({ advance_ms: ms }))}><${Field} label="Milliseconds">${numberInput({ value: ms, min: 0, step: 1, required: true, onChange: setMs })}<//>
        <${Button} type="submit">Move forward by this<//><${Button} disabled=${ms === undefined} onClick=${() => move({ set_ms: ms })}>Set to this<//></form>
      <${Notice} problem=${failure} />
      <p class="hint">Time only moves forward. A <a href=${link("reset")}>reset</a> sets it back to 0.</p><//>
    <${Section} title="Ahead">${ahead.length
      ? html`<ul class="rows">${ahead.slice(0, SHOWN).map(({ ms, what }) => html`<li key=${`${ms} ${what}`}><span><span class="mono">${time(ms)}</span> ${what} <span class="faint">in ${duration(ms - now)}</span></span>
          <${Button} kind="quiet" aria-label=${`Move there, to ${time(ms)}`} onClick=${() => move({ set_ms: ms })}>Move there<//></li>`)}</ul>`
      : html`<p class="faint">No active rule or down window starts or ends later. Give a rule <code>time_ms</code> in <a href=${link("scenario", { tab: "edit" })}>a scenario</a>.</p>`}
      ${ahead.length > SHOWN && html`<p class="faint">and ${ahead.length - SHOWN} more</p>`}<//>
  </div><//>`;
}
