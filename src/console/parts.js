// The components and hooks that views share.

import { Problem } from "./api.js";
import { html, useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useReducer, useRef, useState }
  from "./vendor/preact.js";

export { html, useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useReducer, useRef, useState };
export { AccountSelect, ProjectSelect, SearchSelect, UserSelect } from "./pickers.js";

let ids = 0;

/** An id for an element of this component. */
export function useId() {
  return useMemo(() => `e${++ids}`, []);
}

/**
 * Runs an asynchronous function when a dependency changes. Gives `[value, problem, again]`: the last value stays while
 * another is on its way, and an answer that was overtaken is dropped. The function takes an AbortSignal.
 */
export function useAsync(run, deps) {
  const [state, set] = useState([undefined, null]);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    Promise.resolve(run(control.signal)).then(
      (value) => control.signal.aborted || set([value, null]),
      (problem) => control.signal.aborted || set(([value]) => [value, problem]),
    );
    return () => control.abort();
  }, [...deps, turn]);
  const again = useCallback(() => setTurn((turn) => turn + 1), []);
  return [state[0], state[1], again];
}

/** A value once it has been the same for some time. */
export function useSettled(value, ms = 200) {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** A view: its heading, what can be done with all of it, its content. */
export function Page({ title, actions, children }) {
  return html`<div class="page">
    <div class="head"><h1 tabindex="-1">${title}</h1>${actions && html`<div class="actions">${actions}</div>`}</div>
    ${children}
  </div>`;
}

/** A part of a view under a heading of its own. */
export function Section({ title, actions, children, kind = "" }) {
  return html`<section class=${`section ${kind}`}>
    ${title && html`<div class="head"><h2>${title}</h2>${actions && html`<div class="actions">${actions}</div>`}</div>`}
    ${children}
  </section>`;
}

/** A button: kind `primary`, `danger`, `quiet` or none. */
export function Button({ kind = "", type = "button", children, ...rest }) {
  return html`<button type=${type} class=${kind} ...${rest}>${children}</button>`;
}

/** A sentence in which backquotes stand around code. */
export function prose(text) {
  return typeof text === "string" ? text.split("`").map((piece, at) => (at % 2 ? html`<code>${piece}</code>` : piece)) : text;
}

/** An input with its label and, below it, a hint. What is not one input, select or textarea is wrapped by the label. */
export function Field({ label, hint, problem, children, wide }) {
  const id = useId();
  const isOne = ["input", "select", "textarea"].includes(children?.type);
  if (isOne) Object.assign(children.props, { id, "aria-describedby": hint || problem ? `${id}-hint` : undefined });
  const name = isOne ? html`<label class="label" for=${id}>${label}</label>${children}`
    : html`<label><span class="label">${label}</span>${children}</label>`;
  return html`<div class=${`field${wide ? " wide" : ""}${problem ? " wrong" : ""}`}>
    ${name}
    ${(hint || problem) && html`<span id=${`${id}-hint`} class=${problem ? "problem" : "hint"}>${problem || prose(hint)}</span>`}
  </div>`;
}

/** A list of choices: texts, or `[value, label]`. */
export function Select({ label, value, options, onChange, hint, ...rest }) {
  return html`<${Field} label=${label} hint=${hint}>
    <select value=${value} onChange=${(event) => onChange(event.target.value)} ...${rest}>
      ${options.map((option) => {
        const [own, text] = Array.isArray(option) ? option : [option, option];
        return html`<option key=${own} value=${own} selected=${own === value}>${text}</option>`;
      })}
    </select>
  <//>`;
}

/**
 * A table. A column is `{ title, cell, kind }`: `cell(row)` gives its content, `kind` is `number`, `text` (may be long)
 * or `mono`. On a narrow page each row is a card. `keyOf(row)` tells rows apart; `isOn(row)` marks one.
 */
export function Table({ label, columns, rows, keyOf, onOpen, isOn, empty = "Nothing yet." }) {
  if (!rows.length) return html`<p class="empty">${empty}</p>`;
  const open = (row) => (event) => {
    if (!event.target.closest("a, button, input, select, label")) onOpen(row);
  };
  return html`<div class="scroll cards" tabindex="0" role="region" aria-label=${label}><table role="table">
    <thead role="rowgroup"><tr role="row">${columns.map(({ title, kind }) => html`<th key=${title} scope="col" role="columnheader"
      class=${kind}>${title}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => html`<tr role="row" key=${keyOf(row)} class=${isOn?.(row) ? "on" : ""}
      onClick=${onOpen && open(row)}>
      ${columns.map(({ title, kind, cell }) => html`<td role="cell" key=${title} class=${kind} data-title=${title}>${cell(row)}</td>`)}
    </tr>`)}</tbody>
  </table></div>`;
}

/** A word with a colour: kind `good`, `warn`, `bad`, `odd`, `plain`. */
export function Badge({ kind = "plain", title, children }) {
  return html`<span class=${`badge ${kind}`} title=${title}>${children}</span>`;
}

/** The kind of badge for a status. */
export function kindOf(status) {
  if (!status) return "odd";
  return status < 300 ? "good" : status < 500 ? "warn" : "bad";
}

/** What a call came to, as the engine decided it: status, phase, delay, fault. */
export function Outcome({ outcome }) {
  if (!outcome) return html`<span class="faint">not decided</span>`;
  const { status, delay_ms: delay, fault, phase } = outcome;
  const name = typeof fault === "object" && fault ? Object.keys(fault)[0] : fault;
  return html`<span class="outcome">
    ${status && html`<${Badge} kind=${kindOf(status)}>${status}<//>`}
    ${name && html`<${Badge} kind="odd">${name}<//>`}
    ${phase === "after" && html`<${Badge} title="The password was reset, but the answer was lost.">after<//>`}
    ${delay > 0 && html`<span class="delay">${duration(delay)}</span>`}
  </span>`;
}

/** A rule and, if that says more than its name, the place where it stands. */
export function Rule({ rule, place, href }) {
  return html`${href ? html`<a href=${href}>${rule}</a>` : rule}${place && place !== rule && html` <code class="faint">${place}</code>`}`;
}

/** Copies a text; where the browser has no clipboard for this page, by the old way. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A button that copies a text; `text` may be a function. */
export function Copy({ text, children = "Copy", kind = "quiet" }) {
  const [said, say] = useState(null);
  useEffect(() => {
    const timer = said && setTimeout(() => say(null), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const press = async () => {
    try {
      await copy(typeof text === "function" ? await text() : text);
      say("Copied");
    } catch {
      say("Not copied");
    }
  };
  return html`<${Button} kind=${kind} onClick=${press}><span aria-live="polite">${said || children}</span><//>`;
}

/** Text as it is, with a button that copies it. */
export function Code({ text, label, wrap = false }) {
  return html`<div class="code">
    <${Copy} text=${text} />
    <pre class=${wrap ? "wrap" : ""} tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>
  </div>`;
}

/** What went wrong, with the problems of a document and a button that tries again. */
export function Notice({ problem, again, kind = "bad" }) {
  if (!problem) return null;
  const text = typeof problem === "string" ? problem : problem.detail || problem.message;
  const errors = (problem instanceof Problem && problem.errors) || [];
  return html`<div class=${`notice ${kind}`} role=${kind === "bad" ? "alert" : "status"}>
    <p>${text}</p>
    ${errors.length > 0 && html`<ul>${errors.map((error) => html`<li>
      ${(error.place || error.pointer) && html`<code>${error.place || error.pointer}</code>`} ${error.message}
      ${error.hint && html`<br /><span class="hint">${error.hint}</span>`}
    </li>`)}</ul>`}
    ${again && html`<${Button} kind="quiet" onClick=${again}>Try again<//>`}
  </div>`;
}

/** A window over the page. Escape calls `close`, if it may be left. */
export function Dialog({ title, close, children }) {
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.focus?.();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    close?.();
  };
  return html`<dialog ref=${element} aria-labelledby=${id} onCancel=${cancel}>
    <h2 id=${id}>${title}</h2>${children}
  </dialog>`;
}

/**
 * A button that asks before it does something that cannot be undone. `run` may be asynchronous; a problem is shown in
 * the window, which stays open then.
 */
export function Ask({ button, title, confirm, run, children, kind = "danger" }) {
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState(null);
  const yes = async () => {
    try {
      await run();
      setOpen(false);
    } catch (problem) {
      setProblem(problem);
    }
  };
  const show = () => {
    setProblem(null);
    setOpen(true);
  };
  return html`<${Button} kind=${kind === "danger" ? "quiet danger" : kind} onClick=${show}>${button}<//>
    ${isOpen && html`<${Dialog} title=${title} close=${() => setOpen(false)}>
      ${children}<${Notice} problem=${problem} />
      <div class="actions">
        <${Button} onClick=${() => setOpen(false)}>Cancel<//><${Button} kind=${kind} onClick=${yes}>${confirm || button}<//>
      </div>
    <//>`}`;
}

/** Milliseconds for people: 240 ms, 3.2 s, 4 min 10 s. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60000)} min ${Math.floor((ms % 60000) / 1000)} s`;
}

/** Virtual time: hours, minutes, seconds and milliseconds since it began. */
export function time(ms) {
  const two = (number) => String(number).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(Math.floor(ms) % 1000).padStart(3, "0")}`;
}

/** A time of day here, by milliseconds since 1970, with its date. */
export function timeOfDay(ms) {
  const two = (number) => String(number).padStart(2, "0");
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
