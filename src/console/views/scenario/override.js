// The form of an override, made from its schema, and the same rule as JSON beside it. Either side can be written in.

import { post, put } from "../../api.js";
import { Button, html, Notice, Section, useAsync, useEffect, useRef, useSettled, useState } from "../../parts.js";
import { documented, Members, useDocument, withMember } from "../fields.js";
import { Close, Fold } from "../shared.js";
import { Editor, Problems } from "./editor.js";
import { conditions, effects } from "./words.js";

/** Members that most rules use; all others of the schema unfold. */
const WHEN = ["user", "operation", "calls", "chance"];
const USUAL = ["status", "sequence", "then", "delay", "fault", "phase", "next", "name"];

function parsed(text) {
  try {
    const rule = JSON.parse(text);
    return rule?.constructor === Object ? rule : null;
  } catch {
    return null;
  }
}

/** Asks the server about a scenario of this rule alone. A rule of a scenario has a name, not that of an override, and no `next`. */
async function check(text, own, signal) {
  const rule = parsed(text);
  const { next, ...rest } = rule || {};
  const named = rest.name && rest.name !== own ? {} : { name: "the rule in the form" };
  const body = rule ? { rules: [{ ...rest, ...named }] } : `{"rules":[\n${text}\n]}`;
  const { problems } = await post("scenario/check", body, {}, { signal });
  return problems.map((one) => ({ ...one, kind: "bad", line: !rule && one.line - 1, end_line: one.end_line - 1, pointer: (one.pointer || "").replace("/rules/0", "") }));
}

export function Override({ start, id, onDone, close }) {
  const [document, missing] = useDocument();
  const [text, setText] = useState(JSON.stringify(start, null, 2));
  const [failure, setFailure] = useState(null);
  const [last, setLast] = useState(start);
  const goto = useRef(null);
  const settled = useSettled(text, 300);
  const [problems = []] = useAsync((signal) => check(settled, start.name, signal), [settled]);
  const rule = parsed(text);
  useEffect(() => rule && setLast(rule), [text]);
  if (!document) return html`<${Notice} problem=${missing} />`;
  const { OverrideRule: schema, When: when } = document.components.schemas;
  const shown = rule || last;
  const write = (text) => (setText(text), setFailure(null));
  const set = (next) => write(JSON.stringify(next, null, 2));
  // As it is written, so that an error has its place.
  const save = () => (id ? put(`overrides/${id}`, text) : post("overrides", text)).then(onDone, setFailure);
  const statuses = documented(document, shown.when?.operation || when.properties.operation.default);
  const common = {
    document,
    problems: Object.fromEntries(problems.map(({ pointer, message }) => [pointer, message])),
    choices: (name) => name === "status" && !shown.undocumented && (!shown.status || statuses?.includes(shown.status)) && statuses,
  };
  const others = ({ properties }, usual) => Object.keys(properties).filter((name) => name !== "when" && !usual.includes(name));
  const which = (names) => html`<div class="fields"><${Members} ...${common} schema=${when} value=${shown.when} names=${names} pointer="/when"
    onChange=${(own) => set(withMember(schema, shown, "when", own))} /></div>`;
  const what = (names) => html`<div class="fields"><${Members} ...${common} schema=${schema} value=${shown} names=${names} onChange=${set} /></div>`;
  const isEmpty = schema.anyOf.every(({ required: [name] }) => shown[name] === undefined);
  return html`<${Section} title=${id ? `Change override ${id}` : "New override"} actions=${html`<${Close} onClick=${close} />`}><div class="columns wide-left">
    <form class="stack" onSubmit=${(event) => (event.preventDefault(), save())}>
      <h3>Which calls</h3>${which(WHEN)}<${Fold} title="More conditions">${which(others(when, WHEN))}<//>
      <h3>What happens to them</h3>${what(USUAL)}<${Fold} title="More about the answer">${what(others(schema, USUAL))}<//>
      <p class="actions"><${Button} kind="primary" type="submit" disabled=${isEmpty}>${id ? "Change the override" : "Activate"}<//>
        <span class="hint">${isEmpty ? "Set a status, a sequence, a delay or a fault." : `${conditions(shown)}: ${effects(shown)}`}</span></p>
      <${Notice} problem=${failure} /></form>
    <div class="stack"><h3>As JSON</h3>
      <${Editor} label="The rule as JSON" value=${text} onChange=${write} problems=${problems.filter(({ line }) => line)} rows="16" goto=${goto} save=${save} />
      <${Problems} problems=${problems} goto=${goto} />
      <p class="hint">${rule ? "Overrides take precedence over all other rules, newest first." : "Not a JSON object yet. The form shows the last valid one."}</p></div>
  </div><//>`;
}
