// Calls on a time axis, one lane a user: how they were repeated, how long they waited, what was changed meanwhile.

import { get } from "../api.js";
import { Button, Field, html, ProjectSelect, Select, time, UserSelect, useState } from "../parts.js";
import { numberInput } from "./fields.js";
import { bound, Chips, counted, Fold, tail, useFresh, View } from "./shared.js";
import { Chart, Legend } from "./timeline/chart.js";
import { lanesOf } from "./timeline/lanes.js";

/** How many calls are read, newest first, and how many lanes are drawn. */
const WINDOWS = ["200", "500", "1000"];
const LANES_MAX = 30;
const ZOOM_MAX = 16;

/** The calls of the window; of each of several users a part of it. Changes, page by page. */
async function read({ project, users, size }, signal) {
  const limit = Math.ceil(size / (users.length || 1));
  const pages = await Promise.all((users.length ? users : [""]).map((user) => get("requests", { user, project, order: "newest", limit }, { signal })));
  const changes = [];
  for (let since = 0; ;) {
    const page = await get("changes", { since }, { signal });
    changes.push(...page.changes);
    if (!page.changes.length || page.next <= since) break;
    since = page.next;
  }
  const { now_ms: now } = await get("clock", {}, { signal });
  return { entries: pages.flatMap(({ requests }) => requests).sort((a, b) => a.index - b.index), isMore: pages.some(({ next }) => next), changes, now };
}

export default function Timeline({ args, go, link }) {
  const { project } = args;
  // No id has a slash.
  const users = (args.user || "").split("/").filter(Boolean);
  const size = WINDOWS.includes(args.calls) ? args.calls : WINDOWS[1];
  const [zoom, setZoom] = useState(1);
  const [data, problem, again] = useFresh((signal) => read({ project, users, size }, signal), [project, args.user, size], ["request", "setup", "reset", "clock"]);
  const arg = bound("timeline", args, go);
  const choose = (users) => arg("user").onChange([...new Set(users)].join("/"));
  const [from, to] = [args.from, args.to].map((ms) => (ms ? Number(ms) : undefined));
  const isWithin = ({ at_ms: ms }) => !(ms < from) && !(ms > to);
  const entries = data?.entries.filter(isWithin) || [];
  const lanes = lanesOf(entries).map((lane) => ({ ...lane, label: tail(lane.name.replace(/^account /, "")) }));
  const most = [...lanes].sort((a, b) => b.calls.length - a.calls.length).slice(0, LANES_MAX);
  // A change belongs into the epoch of the call that follows it.
  const changes = entries.length ? data.changes.filter((one) => isWithin(one) && one.after >= entries[0].index - 1 && !(project && one.project && one.project !== project))
    .map((one) => ({ ...one, epoch: (entries.find(({ index }) => index > one.after) || entries.at(-1)).epoch })) : [];
  const zoomOf = (calls) => {
    const [{ at_ms: first, user }, { at_ms: last }] = [calls[0], calls.at(-1)];
    return first === last ? link("journal", { user, project }) : link("timeline", { ...args, user: user || args.user, from: first, to: last });
  };
  const all = html` <${Button} kind="link" onClick=${() => go("timeline")}>Show everything<//>`;
  const isNarrow = users.length || project || args.from || args.to;
  return html`<${View} title="Timeline" problem=${problem} again=${again} actions=${html`<${Button} aria-label="Zoom out" disabled=${zoom === 1} onClick=${() => setZoom(zoom / 2)}>−<//>
      <span class="mono">${zoom}×</span><${Button} aria-label="Zoom in" disabled=${zoom === ZOOM_MAX} onClick=${() => setZoom(zoom * 2)}>+<//>`}>
    <div class="fields narrow">
      <${UserSelect} key=${args.user} label="Users" value="" project=${project} placeholder=${users.length ? "Add another" : "All"} onChange=${(user) => user && choose([...users, user])} />
      <${ProjectSelect} ...${arg("project")} placeholder="All" />
      <${Field} label="From (ms)">${numberInput({ min: 0, ...arg("from") })}<//>
      <${Field} label="To (ms)">${numberInput({ min: 0, ...arg("to") })}<//>
      <${Select} label="Newest calls" ...${arg("calls")} value=${size} options=${WINDOWS} />
    </div>
    <${Chips} of=${users} onRemove=${choose} />
    ${data && !entries.length && html`<p class="empty">${isNarrow ? html`No calls in this range. ${all}` : html`No calls yet. <a href=${link("try")}>Try one</a>, or start your program.`}</p>`}
    ${entries.length > 0 && html`<div class="section">
      <${Chart} lanes=${lanes.filter((lane) => most.includes(lane))} changes=${changes} now=${data.now} zoom=${zoom} linkOf=${({ index }) => link("journal", { row: index })} zoomOf=${zoomOf} />
      <${Legend} />
      <p class="hint">A bar lasts until the answer ended; an amber one has a delay that a rule set. Dashes enclose a call that failed and those that repeat it. +1 s is the wait
        since the answer before. Long pauses are cut out. Vertical dashes are changes.</p></div>
      <p class="faint">${counted(entries.length, "call")} in ${counted(lanes.length, "lane")}, ${time(entries[0].at_ms)} to ${time(entries.at(-1).at_ms)}.
        ${lanes.length > LANES_MAX && ` Only the ${LANES_MAX} lanes with most calls are drawn; choose users to see others.`}
        ${data.isMore && " Older calls are omitted; choose users, or more calls."}${isNarrow && all}</p>
      ${changes.length > 0 && html`<${Fold} class="section" title=${`${counted(changes.length, "change")} meanwhile`}>
        <ul class="rows">${changes.map(({ number, at_ms: at, kind, what }) => html`<li key=${number}><span><span class="mono">${time(at)}</span> ${what}</span><span class="faint">${kind}</span></li>`)}</ul><//>`}`}
  <//>`;
}
