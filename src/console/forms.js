// Forms made from openapi.json: an operation's parameters and its body.

import { Button, Field, Section, Select, html, useState } from "./parts.js";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"];

/** The operations of the emulated API, with references resolved. */
export function operationsOf(document) {
  const resolve = (value) => {
    if (!value?.$ref) return value;
    const found = value.$ref.slice(2).split("/").reduce((at, name) => at?.[name], document);
    return resolve(found);
  };
  const all = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const row = item[method];
      if (!row || row.tags?.includes("admin")) continue;
      const content = resolve(row.requestBody)?.content?.["application/json"];
      all.push({
        id: row.operationId,
        summary: row.summary,
        method: method.toUpperCase(),
        path,
        parameters: (row.parameters || []).map(resolve),
        body: content && {
          schema: resolve(content.schema),
          example: content.example ?? resolve(Object.values(content.examples || {})[0])?.value,
          required: resolve(row.requestBody).required,
        },
      });
    }
  }
  return all;
}

/** The text with which a body begins. */
export function exampleOf(operation) {
  return operation.body ? JSON.stringify(operation.body.example ?? {}, null, 2) : undefined;
}

/** The body of a request as a value; null for empty text. */
export function bodyOf(operation, request) {
  const text = request.body ?? exampleOf(operation);
  return text.trim() === "" ? null : JSON.parse(text);
}

function limitsOf({ minLength, maxLength, minimum, maximum, default: usual }) {
  const said = [];
  if (maxLength !== undefined) said.push(minLength > 0 ? `${minLength} to ${maxLength} characters` : `At most ${maxLength} characters`);
  if (maximum !== undefined) said.push(`${minimum} to ${maximum}`);
  if (usual !== undefined) said.push(`Default: ${usual}`);
  return said.length ? `${said.join(". ")}.` : "";
}

const typeOf = (schema) => (Array.isArray(schema.type) ? schema.type.find((type) => type !== "null") : schema.type);

/** One value: a choice, a list with a value a line, or text. An empty one is not sent. */
function ValueField({ name, schema, description, required, value, onChange }) {
  const type = typeOf(schema);
  const label = required ? `${name} (required)` : name;
  const hint = [description, schema.enum ? "" : limitsOf(schema)].filter(Boolean).join(" ");
  const choices = schema.enum?.filter((one) => one !== null) || (type === "boolean" ? ["true", "false"] : null);
  if (choices) {
    const options = [["", "Not sent"], ...choices.map((one) => [String(one), String(one)])];
    return html`<${Select} label=${label} hint=${hint} value=${value ?? ""} options=${options} onChange=${onChange} />`;
  }
  const input = type === "array"
    ? html`<textarea rows="2" value=${value ?? ""} placeholder="One per line" onInput=${(e) => onChange(e.target.value)} />`
    : html`<input type="text" inputmode=${type === "integer" ? "numeric" : undefined} value=${value ?? ""} autocomplete="off"
        spellcheck=${false} placeholder=${required ? "" : "Not sent"} onInput=${(e) => onChange(e.target.value)} />`;
  return html`<${Field} label=${label} hint=${hint}>${input}<//>`;
}

/** Fields for the parameters, but for project and user. Those that are documented and not answered are folded away. */
export function ParameterFields({ operation, values, onChange }) {
  const own = operation.parameters.filter(({ name }) =>
    name !== "project_id" && name !== "user_id" && name !== "Content-Type");
  const field = ({ name, schema, description, required }) => html`<${ValueField} key=${name} ...${{ name, schema, description,
    required }} value=${values[name]} onChange=${(value) => onChange({ ...values, [name]: value })} />`;
  const isAnswered = ({ schema }) => schema.maxLength !== 0;
  const rest = own.filter((parameter) => !isAnswered(parameter));
  return html`${own.filter(isAnswered).map(field)}
    ${rest.length > 0 && html`<details class="wide" key="rest">
      <summary>${rest.length} documented parameters that this server refuses</summary>
      <div class="fields">${rest.map(field)}</div>
    </details>`}`;
}

function parsed(text) {
  try {
    return [text.trim() === "" ? {} : JSON.parse(text), null];
  } catch (error) {
    return [null, error.message];
  }
}

/** A value of the form as JSON has it. */
function typed(schema, text) {
  const type = typeOf(schema);
  if (type === "boolean") return text === "true";
  if (type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (type === "array") return text.split("\n");
  return text;
}

const shown = (value) => (value === undefined || value === null ? "" : Array.isArray(value) ? value.join("\n") : String(value));

/** The body: a field for each member where all are plain, or JSON as text. */
export function BodyForm({ operation, value, onChange }) {
  const { schema, required } = operation.body;
  const members = Object.entries(schema.properties || {});
  const isPlain = members.every(([, member]) => ["string", "boolean", "integer", "array"].includes(typeOf(member)) &&
    (typeOf(member) !== "array" || typeOf(member.items || {}) === "string"));
  const [asText, setText] = useState(false);
  const [body, wrong] = parsed(value);
  const isText = !isPlain || asText || wrong !== null;
  const set = (name, member) => (text) => {
    const next = { ...body };
    if (text === "") delete next[name];
    else next[name] = typed(member, text);
    onChange(JSON.stringify(next, null, 2));
  };
  const field = ([name, member]) => html`<${ValueField} key=${name} name=${name} schema=${member}
    description=${member.description} required=${schema.required?.includes(name)} value=${shown(body[name])}
    onChange=${set(name, member)} />`;
  // Those of the example first: the others are rarely needed.
  const isFirst = ([name]) => schema.required?.includes(name) || name in (operation.body.example || {}) || members.length < 5;
  const first = members.filter(isFirst);
  const rest = members.filter((member) => !isFirst(member));
  const toggle = isPlain && html`<${Button} kind="quiet" aria-pressed=${isText} onClick=${() => setText(!asText)}
    disabled=${wrong !== null}>JSON<//>`;
  return html`<${Section} title=${required ? "Body" : "Body (optional)"} kind="inner" actions=${toggle}>
    ${isText
      ? html`<${Field} label="Body as JSON" problem=${wrong} wide hint=${required ? "" : "Leave it empty to send none."}>
          <textarea rows=${Math.min(18, value.split("\n").length + 1)} spellcheck=${false} value=${value}
            onInput=${(e) => onChange(e.target.value)} />
        <//>`
      : html`<div class="fields">${first.map(field)}
          ${rest.length > 0 && html`<details class="wide" key="rest"><summary>${rest.length} more fields</summary>
            <div class="fields">${rest.map(field)}</div>
          </details>`}
        </div>`}
  <//>`;
}
