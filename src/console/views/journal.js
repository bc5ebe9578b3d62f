// Journal: every request as it arrives, newest first; a row opens to its details.

import { del, get } from "../api.js";
import { Entry } from "../entry.js";
import { useLive } from "../live.js";
import { AccountSelect, Ask, Badge, Button, Field, Notice, Outcome, Page, Select, UserSelect, html, kindOf, time, timeOfDay, duration,
  useAsync, useCallback, useEffect, useRef, useSettled, useState } from "../parts.js";
import { Component } from "../vendor/preact.js";

/** Rows of a page, and the most that the page ever holds. */
const WINDOW = 200;
/** How often a filtered list is read again at most, while calls arrive. */
const AGAIN_MS = 500;
const FILTERS = ["user", "status", "operation", "rule", "account", "state", "text", "by", "project"];
const STATES = [["", "Any"], ["in_flight", "In flight"], ["answered", "Answered"], ["cut", "Cut"], ["rejected", "Refused"]];

const SENDERS = [["", "Any"], ["client", "Clients"], ["console", "This console"]];

const filterOf = (args) => Object.fromEntries(FILTERS.filter((name) => args[name]).map((name) => [name, args[name]]));

/** The newest entries of a list and of those that have come since, each once. */
function merged(list, news) {
  const byIndex = new Map(list.map((entry) => [entry.index, entry]));
  news.forEach((entry) => byIndex.set(entry.index, entry));
  return [...byIndex.values()].sort((one, other) => other.index - one.index).slice(0, WINDOW);
}

/**
 * The rows that are shown. Without filters the stream's entries are put in as they come; with them the server knows best
 * which fit, and is asked again. An older page stands still, but for calls on it that end.
 */
function useRows(args) {
  const filter = filterOf(args);
  const query = JSON.stringify({ ...filter, before: args.before });
  const isPlain = Object.keys(filter).length === 0 && !args.before;
  const [page, problem, again] = useAsync(
    (signal) => get("requests", { ...JSON.parse(query), order: "newest", limit: WINDOW }, { signal }),
    [query],
  );
  const [news, setNews] = useState([]);
  const [isHeld, setHeld] = useState(false);
  const waiting = useRef(null);
  const held = useRef([]);
  useEffect(() => {
    held.current = [];
    setNews([]);
    return () => clearTimeout(waiting.current);
  }, [query]);
  const refresh = useCallback(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      again();
    }, AGAIN_MS);
  }, [again]);
  useLive(["request", "reset", "truncated", "setup"], (events) => {
    const entries = events.filter(({ kind }) => kind === "request").map(({ data }) => data);
    if (events.some(({ kind }) => kind === "reset" || kind === "restart")) {
      held.current = [];
      setNews([]);
      again();
    } else if (events.some(({ kind }) => kind !== "request") || (entries.length && !isPlain && !args.before)) {
      refresh();
    }
    if (!entries.length || !(isPlain || args.before)) return;
    const known = (page?.requests || []).map(({ index }) => index);
    const own = args.before ? entries.filter(({ index }) => known.includes(index)) : entries;
    held.current = merged(held.current, own);
    setNews(held.current);
  });
  const list = page ? merged(page.requests, news) : undefined;
  const frozen = useRef(list);
  if (!isHeld || !frozen.current) frozen.current = list;
  const missed = isHeld && list ? list.filter(({ index }) => index > (frozen.current[0]?.index ?? 0)).length : 0;
  return { rows: frozen.current, page, problem, again, isHeld, setHeld, missed, isPlain };
}

function outcomeOf(state, status, decision) {
  if (state === "in_flight") return html`<${Badge}>in flight<//>`;
  const { fault, phase } = decision || {};
  return html`<span class="outcome">
    ${state === "cut" ? html`<${Badge} kind="odd">cut<//>` : html`<${Badge} kind=${kindOf(status)}>${status}<//>`}
    ${fault && html`<${Outcome} outcome=${{ fault, phase }} />`}
  </span>`;
}

/** A long id by its ends: the ids of a project often differ in the last characters only. */
const brief = (id) => (id.length > 18 ? `${id.slice(0, 6)}…${id.slice(-6)}` : id);

/** A row, drawn again only when its entry is another. */
class Row extends Component {
  shouldComponentUpdate(next) {
    return next.entry !== this.props.entry || next.isOn !== this.props.isOn || next.href !== this.props.href;
  }

  render({ entry, isOn, href, open }) {
    const { index, at_ms: at, arrived_unix_ms: arrived, state, operation, method, target, user, call, answer, decision, problem, by } = entry;
    const press = (event) => event.target.closest("a") || open(index);
    const rules = [...new Set(Object.values(decision?.causes || {}).map(({ rule }) => rule))];
    const cause = rules.join(", ") || problem;
    const status = answer?.status;
    const cell = (kind, content, title) => html`<td role="cell" class=${kind} title=${title}>${content}</td>`;
    return html`<tr role="row" class=${isOn ? "on" : ""} onClick=${press}>
      <td role="cell" class="number"><a href=${href} aria-current=${isOn ? "true" : undefined}>${index}</a></td>
      ${cell("", outcomeOf(state, status, decision))}
      ${cell("mono", time(at), `${timeOfDay(arrived)}. ${TIME}`)}
      ${cell("number", answer ? duration(answer.after_ms) : "")}
      ${cell("short line", operation || `${method} ${target}`)}
      ${cell("short mono line", user && html`<span class="full">${user}</span><span class="brief" aria-hidden="true">${brief(user)}</span>`,
        user)}
      ${cell("number wide", call)}
      ${cell("short line cause", cause && html`<span>${cause}</span>`, cause)}
      ${cell("line", by === "console" ? html`<${Badge} title="Sent from this console">console<//>` : null)}
    </tr>`;
  }
}

const TIME = "Virtual time since the server started. The view Clock moves it.";
const TITLES = [["#", "number"], ["Outcome"], ["Time", "", TIME], ["Took", "number"], ["Operation"], ["User"], ["Call", "number"], ["Cause"],
  ["By"]];

function Filters({ args, change }) {
  const [text, setText] = useState(args.text || "");
  const [rule, setRule] = useState(args.rule || "");
  const settled = useSettled(JSON.stringify([text, rule]), 300);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else change({ text, rule });
  }, [settled]);
  useEffect(() => {
    setText(args.text || "");
    setRule(args.rule || "");
  }, [args.text, args.rule]);
  const [operations] = useAsync(() => get("coverage").then((found) => found.operations.map((one) => one.operation)), []);
  const input = (value, set) => html`<input type="text" value=${value} autocomplete="off" spellcheck=${false}
    onInput=${(event) => set(event.target.value)} />`;
  const status = html`<input type="text" inputmode="numeric" maxlength="3" value=${args.status || ""} autocomplete="off"
    onChange=${(event) => change({ status: event.target.value.replace(/\D/g, "") })} />`;
  const [isFolded, setFolded] = useState(!Object.keys(filterOf(args)).length);
  return html`<div class="fold"><${Button} kind="quiet" aria-expanded=${!isFolded} onClick=${() => setFolded(!isFolded)}>Filters<//></div>
  <div class=${isFolded ? "filters folded" : "filters"} role="search" aria-label="Filter the journal">
    <${UserSelect} value=${args.user} free onChange=${(user) => change({ user })} />
    <${Field} label="Status">${status}<//>
    <${Select} label="State" value=${args.state || ""} options=${STATES} onChange=${(state) => change({ state })} />
    <${Select} label="Operation" value=${args.operation || ""} onChange=${(operation) => change({ operation })}
      options=${[["", "Any"], ...new Set([args.operation, ...(operations || [])].filter(Boolean))]} />
    <${Field} label="Rule">${input(rule, setRule)}<//>
    <${AccountSelect} value=${args.account} free onChange=${(account) => change({ account })} />
    <${Select} label="Sent by" value=${args.by || ""} options=${SENDERS} onChange=${(by) => change({ by })} />
    <${Field} label="Text">${input(text, setText)}<//>
  </div>`;
}

export default function Journal({ args, go, link }) {
  const { rows, page, problem, again, isHeld, setHeld, missed, isPlain } = useRows(args);
  const change = (next) => go("journal", { ...args, before: undefined, row: undefined, ...next }, { replace: true });
  const isFiltered = Object.keys(filterOf(args)).length > 0;
  const row = Number(args.row) || null;
  const open = (index) => go("journal", { ...args, row: index });
  const last = rows?.at(-1)?.index;
  const hasOlder = page?.next || (isPlain && rows?.length === WINDOW && last > 1);
  const actions = html`
    ${isFiltered && html`<${Button} kind="quiet" onClick=${() => go("journal")}>Clear the filters<//>`}
    ${args.before
      ? html`<${Button} kind="quiet" onClick=${() => change({})}>Newest<//>`
      : html`<${Ask} button="Clear" title="Clear the journal?" confirm="Clear the journal" run=${() => del("requests").then(again)}>
          <p>This deletes its entries; verdicts and coverage stay as they are.</p><//>
        <${Button} kind="quiet" aria-pressed=${isHeld} onClick=${() => setHeld(!isHeld)}>
          ${isHeld ? `Paused${missed ? `, ${missed} new` : ""}` : "Pause"}<//>`}`;
  return html`<${Page} title="Journal" actions=${actions}>
    <${Filters} args=${args} change=${change} />
    <${Notice} problem=${problem} again=${again} />
    ${page?.dropped > 0 && !isFiltered && html`<p class="hint">${page.dropped} older entries were dropped: the journal is full.</p>`}
    <div class=${row ? "split open" : "split"}>
      <div class="list">
        ${rows && !rows.length && html`<p class="empty">${isFiltered
          ? "No request matches the filters."
          : html`No requests yet. <a href=${link("try")}>Try one</a>, or point a client here.`}</p>`}
        ${rows?.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Requests"><table role="table">
          <thead role="rowgroup"><tr role="row">${TITLES.map(([title, kind, hint]) => html`<th key=${title} scope="col" role="columnheader"
            class=${kind} title=${hint}>${title}</th>`)}</tr></thead>
          <tbody role="rowgroup">${rows.map((entry) => html`<${Row} key=${entry.index} entry=${entry} isOn=${entry.index === row} open=${open}
            href=${link("journal", { ...args, row: entry.index })} />`)}</tbody>
        </table></div>`}
        ${rows?.length > 0 && html`<p class="pages">
          <span class="hint">${rows.length} rows${args.before ? ` before entry ${args.before}` : ", newest first"}</span>
          ${hasOlder && html`<a href=${link("journal", { ...args, before: last })}>Older</a>`}
        </p>`}
      </div>
      ${row && html`<${Entry} key=${row} index=${row} link=${link} known=${rows?.find(({ index }) => index === row)}
        close=${() => go("journal", { ...args, row: undefined })} />`}
    </div>
  <//>`;
}
