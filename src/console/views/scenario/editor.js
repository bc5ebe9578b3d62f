// A text area with line numbers, and marks at the lines that have problems.

import { html, useEffect, useId, useLayoutEffect, useRef } from "../../parts.js";
import { typed } from "../shared.js";

/** The place of a line and a column, which counts characters, in a text. */
function offset(text, line, column) {
  const lines = text.split("\n");
  return lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + [...lines[line - 1] || ""].slice(0, column - 1).join("").length;
}

/** `problems` have `line` and `kind`; `goto.current` becomes a function that leads to one; `save` is for Ctrl+Enter. */
export function Editor({ label, value, onChange, problems = [], rows, goto, save }) {
  const area = useRef(null);
  const gutter = useRef(null);
  const id = useId();
  const lines = value.split("\n").length;
  const follow = () => {
    gutter.current.scrollTop = area.current.scrollTop;
  };
  useLayoutEffect(follow, [value]);
  useEffect(() => {
    if (!goto) return;
    goto.current = ({ line, column, end_line: endLine, end_column: endColumn }) => {
      const from = offset(value, line, column);
      area.current.focus();
      area.current.setSelectionRange(from, endLine ? Math.max(from, offset(value, endLine, endColumn)) : from);
      area.current.scrollTop = (line - 4) * (area.current.scrollHeight / lines);
    };
  }, [value]);
  const press = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && save?.();
  return html`<div class="editor"><label class="unseen" for=${id}>${label}</label>
    <div class="gutter" ref=${gutter} aria-hidden="true"><pre>${numbers(lines, new Map(problems.map(({ line, kind }) => [line, kind])))}</pre></div>
    <textarea id=${id} ref=${area} rows=${rows} wrap="off" spellcheck=${false} autocomplete="off" value=${value} onScroll=${follow} onKeyDown=${press}
      onInput=${typed(onChange)} /></div>`;
}

/** Numbers of lines: runs without a problem as one text, so that a long document has few elements. */
function numbers(count, wrong) {
  const pieces = [""];
  for (let line = 1; line <= count; line += 1) {
    if (wrong.has(line)) pieces.push(html`<span key=${line} class=${wrong.get(line)}>● ${line}${"\n"}</span>`, "");
    else pieces[pieces.length - 1] += `${line}\n`;
  }
  return pieces;
}

/** Problems of a text, each with a button that leads to its place. */
export const Problems = ({ problems, goto }) => problems.length > 0 && html`<ul class="problems" aria-label="Problems">${problems.map((one, index) => html`<li key=${index} class=${one.kind}>
  ${one.line ? html`<button type="button" class="link mono" onClick=${() => goto?.current(one)}>${one.line}:${one.column}</button>` : html`<code>${one.pointer || one.place}</code>`}
  <span>${one.message}${one.hint && html`<br /><span class="hint">${one.hint}</span>`}</span></li>`)}</ul>`;
