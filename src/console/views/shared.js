// Shared by the views, beside parts.js: reads that keep themselves fresh, facts, columns, words.

import { get } from "../api.js";
import { useLive } from "../live.js";
import { Button, Field, html, Notice, Page, Table, useAsync, useEffect, useRef } from "../parts.js";

/** Time between two reads. One that takes longer is not cut off by the next. */
const PAUSE_MS = 600;

/** Reads as `useAsync` does, and again after events of these kinds. */
export function useFresh(read, deps, kinds) {
  const state = useRef({}).current;
  const later = () => {
    state.due = true;
    if (!state.busy) state.timer ??= setTimeout(() => ((state.timer = null), again()), PAUSE_MS);
  };
  const [value, problem, again] = useAsync(async (signal) => {
    Object.assign(state, { busy: true, due: false });
    try {
      return await read(signal);
    } finally {
      if (!signal.aborted) state.busy = false;
      if (!signal.aborted && state.due) later();
    }
  }, deps);
  useLive(kinds, later);
  useEffect(() => () => clearTimeout(state.timer), []);
  return [value, problem, again];
}

/** A resource of the admin API, kept fresh. */
export const useGet = (path, query, kinds) => useFresh((signal) => get(path, query, { signal }), [path, JSON.stringify(query)], kinds);

/** `1 call`, `2 calls`. */
export const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** The end of an id, by which people tell ids apart. */
export const tail = (id) => ([...id].length > 20 ? `…${[...id].slice(-8).join("")}` : id);

/** Names and values; those without a value are left out. */
export const Facts = ({ rows }) => html`<dl class="facts">${rows.filter(([, value]) => value || value === 0)
  .map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl>`;

/** A table. A column is `[title, cell, kind]`; a cell is a function of the row, or the name of a member. */
export const List = ({ of, more, ...rest }) => html`<${Table} ...${rest} columns=${of.filter(Boolean).map(([title, cell, kind]) =>
    ({ title, kind, cell: typeof cell === "string" ? (row) => row[cell] : cell }))} />
  ${more > 0 && html`<p class="faint">and ${more.toLocaleString("en")} more</p>`}`;

/** A handler that takes what was typed. */
export const typed = (set) => ({ target }) => set(target.value);

export const Find = ({ label = "Filter", value, onChange, ...rest }) => html`<${Field} label=${label}><input type="search" value=${value} onInput=${typed(onChange)} ...${rest} /><//>`;

export const Toggle = ({ label, value, onChange }) => html`<label><input type="checkbox" checked=${Boolean(value)}
  onChange=${({ target }) => onChange(target.checked || "")} />${label}</label>`;

/** Members of an address as properties of an input; those in `over` are set with each. */
export const bound = (view, args, go, over) => (name) => ({
  value: args[name] || "",
  onChange: (value) => go(view, { ...args, ...over, [name]: value }, { replace: true }),
});

/** A view, with the error of its last read. */
export const View = ({ problem, again, children, ...rest }) => html`<${Page} ...${rest}><${Notice} problem=${problem} again=${again} />${children}<//>`;

export const Said = ({ kind = "good", children }) => html`<div class=${`notice ${kind}`} role="status"><p>${children}</p></div>`;

export const Fold = ({ title, children, ...rest }) => html`<details ...${rest}><summary>${title}</summary>${children}</details>`;

export const Close = ({ onClick }) => html`<${Button} kind="quiet" onClick=${onClick}>Close<//>`;

/** Takes things off a list, each by its name. */
export const Chips = ({ of, onRemove }) => of.length > 0 && html`<ul class="picked">${of.map((one) => html`<li key=${one}><span>${one}</span>
  <${Button} kind="quiet" aria-label=${`Remove ${one}`} onClick=${() => onRemove(of.filter((other) => other !== one))}>×<//></li>`)}</ul>`;
