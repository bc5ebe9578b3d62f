// Forms from the schemas in openapi.json: what a schema describes can be filled in, and stands in no other list here.

import { get } from "../api.js";
import { AccountSelect, Field, html, ProjectSelect, Select, useAsync, useEffect, UserSelect, useState } from "../parts.js";
import { Chips } from "./shared.js";

let fetched = null;

/** The document, read once for the page. */
export const useDocument = () => useAsync(() => (fetched ??= get("openapi.json").catch((failure) => {
  fetched = null;
  throw failure;
})), []);

/** A schema with the one that it refers to. */
export function resolved(document, { $ref: to, ...own }) {
  return to ? { ...resolved(document, document.components.schemas[to.split("/").pop()]), ...own } : own;
}

/** The statuses that an operation documents, if it is in the document. */
export function documented(document, operation) {
  const found = Object.values(document.paths).flatMap(Object.values).find((method) => method.operationId === operation);
  return found && Object.keys(found.responses).map(Number).filter((status) => status < 600);
}

const has = (value, names = []) => names.every((name) => value[name] !== undefined);

/** Whether a schema rules out that these members are together. */
export const excludes = ({ not }, value) => Boolean(not?.anyOf.some(({ required, properties = {} }) => has(value, required)
  && Object.entries(properties).every(([name, { enum: names, const: only }]) => (names || [only]).includes(value[name]))));

/** Whether a member has a place beside the others: what it needs is there, and nothing that excludes it. */
function applies({ dependentRequired, dependentSchemas, not }, name, value) {
  const ways = dependentSchemas?.[name]?.anyOf;
  return has(value, dependentRequired?.[name]) && (!ways || ways.some(({ required }) => has(value, required)))
    && !not?.anyOf.some(({ properties, required }) => !properties && required.includes(name) && has(value, required.filter((one) => one !== name)));
}

/** Sets a member, or takes it away where it is empty, in the order of the schema. */
export function withMember(schema, value, name, member) {
  const isEmpty = member === undefined || member === "" || (member && member.constructor === Object && !Object.keys(member).length);
  const next = { ...value, [name]: isEmpty ? undefined : member };
  return Object.fromEntries(Object.keys(schema.properties).concat(Object.keys(next))
    .filter((name) => next[name] !== undefined).map((name) => [name, next[name]]));
}

const titled = (name) => name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()).replace(/ ms$/, " (ms)");
const hinted = (schema) => schema.description?.replace(/(?<=[^.][.:;]) [A-Z1-9].*/s, "").replaceAll("`", "").replace(/[;:]$/, ".");

/** Members of an object, those in `names` or all. `pointer` is where it stands, `problems` are errors by pointer. */
export function Members({ schema, value = {}, onChange, names = Object.keys(schema.properties), pointer = "", ...rest }) {
  return names.filter((name) => value[name] !== undefined || applies(schema, name, value)).map((name) => html`<${Member} key=${name} ...${rest}
    name=${name} schema=${resolved(rest.document, schema.properties[name])} value=${value[name]} pointer=${`${pointer}/${name}`}
    onChange=${(member) => onChange(withMember(schema, value, name, member))} />`);
}

function Member(props) {
  const { document, name, schema, value, onChange, problems = {}, pointer, choices } = props;
  const field = { label: titled(name), hint: hinted(schema), problem: problems[pointer] };
  const own = { ...props, field };
  const listed = choices?.(name) || schema.enum?.filter((one) => one !== null);
  const type = [].concat(schema.type)[0];
  if (listed) {
    return html`<${Select} ...${field} value=${String(value ?? "")} options=${[["", "Not set"], ...listed.map(String)]}
      onChange=${(text) => onChange(listed.find((one) => String(one) === text))} />`;
  }
  if (PICKERS[name] && schema.anyOf) return html`<${Ids} ...${own} />`;
  if (schema.anyOf || schema.maxProperties === 1) return html`<${Choice} ...${own} />`;
  if (schema.properties) {
    return html`<fieldset class="wide"><legend>${field.label}</legend><div class="fields">
      <${Members} document=${document} schema=${schema} value=${value} onChange=${onChange} pointer=${pointer} problems=${problems} /></div></fieldset>`;
  }
  if (type === "object") return html`<${Written} ...${own} ...${PAIRS} area hint=${`${field.hint} One per line, as name: value`} />`;
  if (schema.maxItems === 2) return html`<${Ends} ...${own} />`;
  if (type === "array") return html`<${Written} ...${own} ...${LIST} />`;
  if (type === "boolean") {
    return html`<label class="check"><input type="checkbox" checked=${Boolean(value)} onChange=${(event) => onChange(event.target.checked || undefined)} />
      ${field.label}<span class="hint">${field.hint}</span></label>`;
  }
  if (type !== "string") return html`<${Field} ...${field}>${numberInput({ value, onChange, min: schema.minimum, max: schema.maximum, step: type === "integer" ? 1 : "any" })}<//>`;
  return html`<${Field} ...${field}><input type=${name === "password" ? name : "text"} autocomplete="off" spellcheck=${false} value=${value ?? ""}
    required=${props.required?.includes(name)} onInput=${(event) => onChange(event.target.value || undefined)} /><//>`;
}

/** A function and no component: a field knows the input itself. */
export const numberInput = ({ value, onChange, ...rest }) => html`<input type="number" value=${value ?? ""} ...${rest}
  onInput=${({ target }) => onChange(target.value === "" ? undefined : target.valueAsNumber)} />`;

const LIST = {
  say: (list) => list.join(", "),
  read: (text) => text.split(",").map((piece) => piece.trim()).filter(Boolean).map((piece) => (/^\d+$/.test(piece) ? Number(piece) : piece)),
};
const PAIRS = {
  say: (pairs) => Object.entries(pairs).map(([name, own]) => `${name}: ${own}`).join("\n"),
  read: (text) => Object.fromEntries([...text.matchAll(/^\s*([^:\s]+)\s*:[ \t]*(.*?)\s*$/gm)].map(([, name, own]) => [name, own])),
};

/** A value as text, which stays as it is written while it says the same. */
function Written({ field, value, onChange, say, read, area, hint }) {
  const [text, setText] = useState(value ? say(value) : "");
  const meant = (text) => {
    const given = read(text);
    return Object.keys(given).length ? given : undefined;
  };
  useEffect(() => JSON.stringify(meant(text)) !== JSON.stringify(value) && setText(value ? say(value) : ""), [JSON.stringify(value)]);
  return html`<${Field} ...${field} hint=${hint || field.hint}><${area ? "textarea" : "input"} rows="2" autocomplete="off" spellcheck=${false} value=${text}
    onInput=${(event) => (setText(event.target.value), onChange(meant(event.target.value)))} /><//>`;
}

/** Two numbers; where the schema allows null, either may be left out. */
function Ends({ field, schema, value = [], onChange }) {
  const set = (at) => (end) => {
    const ends = [0, 1].map((own) => (own === at ? end : value[own]) ?? (schema.prefixItems ? null : 0));
    onChange(ends.some((end) => end !== null) ? ends : undefined);
  };
  return html`<fieldset class="field ends"><legend>${field.label}</legend>
    <span>${["from", "to"].map((end, at) => numberInput({ value: value[at], min: 0, "aria-label": `${field.label}, ${end}`, placeholder: end, onChange: set(at) }))}</span>
    <span class="hint">${field.hint}</span>${field.problem && html`<span class="problem">${field.problem}</span>`}</fieldset>`;
}

const PICKERS = { user: UserSelect, project: ProjectSelect, account: AccountSelect };

/** One id or several, found by search. */
function Ids({ name, field, value, onChange }) {
  const ids = value === undefined ? [] : [].concat(value);
  const set = (next) => onChange(next.length > 1 ? next : next[0]);
  return html`<div class="stack"><${PICKERS[name]} key=${ids.length} ...${field} value="" placeholder="Search …" onChange=${(id) => id && !ids.includes(id) && set([...ids, id])} />
    <${Chips} of=${ids} onRemove=${set} />${field.problem && html`<span class="problem">${field.problem}</span>`}</div>`;
}

/** One of several forms: a word, or an object of one member. */
function Choice({ document, field, schema, value, onChange, pointer, problems }) {
  const forms = (schema.anyOf || [schema]).map((form) => resolved(document, form));
  const words = forms.flatMap((form) => form.oneOf || []);
  const objects = forms.flatMap((form) => Object.entries(form.properties || {})).map(([name, own]) => [name, resolved(document, own)]);
  const chosen = typeof value === "object" ? Object.keys(value)[0] : value || "";
  const own = objects.find(([name]) => name === chosen)?.[1];
  const start = (own) => (own.properties ? {} : own.maxItems === 2 ? [0, 0] : own.minimum || 0);
  const choose = (name) => {
    const found = objects.find(([own]) => own === name);
    onChange(found ? { [name]: start(found[1]) } : name || undefined);
  };
  return html`<${Select} label=${field.label} hint=${words.find((word) => word.const === chosen)?.description || hinted(own || schema)} value=${chosen} onChange=${choose}
      options=${[["", "None"], ...words.map((word) => [word.const, titled(word.const)]), ...objects.map(([name]) => [name, titled(name)])]} />
    ${field.problem && html`<p class="problem">${field.problem}</p>`}
    ${own && html`<${Member} document=${document} name=${chosen} schema=${own} value=${value[chosen]} pointer=${`${pointer}/${chosen}`} problems=${problems}
      onChange=${(next) => onChange({ [chosen]: next ?? start(own) })} />`}`;
}
