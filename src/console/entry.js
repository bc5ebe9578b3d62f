// An entry of the journal, opened: what was asked, what was decided and by which rules, and what to do with it.

import { baseOf, get, path, post } from "./api.js";
import { useLive } from "./live.js";
import { Badge, Button, Code, Copy, Field, Notice, Outcome, Rule, Section, duration, html, kindOf, time, timeOfDay, useAsync, useEffect,
  useRef, useState } from "./parts.js";
import { excludes, useDocument } from "./views/fields.js";

const STATES = { in_flight: "In flight", answered: "Answered", cut: "Cut off before an answer", rejected: "Rejected before it was counted" };
/** Header fields that a client writes by itself. */
const NOT_COPIED = ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"];

const inQuotes = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const INVISIBLE = /[^\P{Cc}\n\t]|[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const octal = (text) => [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

/** A text for a shell. Invisible characters are written by printf, which every shell has. */
function quoted(value) {
  const text = String(value);
  if (text.search(INVISIBLE) < 0 || text.endsWith("\n")) return inQuotes(text);
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("%", "%%").replace(/^-/, octal).replace(INVISIBLE, octal);
  return `"$(printf ${inQuotes(escaped)})"`;
}

const isHidden = (value) => [].concat(value).some((one) => one.includes("[redacted]"));

/**
 * The request as a curl command. A header of which the journal hides the secret is left out: with it the request would
 * be refused. The comment has no sign that a shell reads where it knows no comments.
 */
function curlOf({ method, target, headers, request_body: body }, base) {
  const lines = [`curl -i${method === "GET" ? "" : ` -X ${method}`} ${quoted(base + target)}`];
  const copied = Object.entries(headers).filter(([name]) => !NOT_COPIED.includes(name));
  const hidden = copied.filter(([, value]) => isHidden(value)).map(([name]) => name);
  for (const [name, value] of copied) {
    if (!hidden.includes(name)) for (const one of [].concat(value)) lines.push(`-H ${quoted(`${name}: ${one}`)}`);
  }
  if (body?.text && body.cut_at === null && !body.text.includes("***")) lines.push(`--data-raw ${quoted(body.text)}`);
  else if (body) hidden.push("the body");
  const note = hidden.length ? `# Omitted, because the journal does not keep it: ${hidden.join(", ")}. A server with --auth required may refuse this request.\n` : "";
  return note + lines.join(" \\\n  ");
}

/** The request as the form of Try has it. */
function triedOf({ operation, project, user, account, target }) {
  const query = new URLSearchParams(target.split("?")[1] || "");
  const parameters = [...new Set(query.keys())].map((name) => [`p.${name}`, query.getAll(name).join("\n")]);
  return { operation, project, user, account, ...Object.fromEntries(parameters) };
}

/** A rule that does to further calls of this user what was done to this one. A fault may leave no place for the rest. */
function ruleOf({ operation, project, user, decision, answer }, schema) {
  const when = { ...(project && { project }), ...(user && { user }),
    ...(operation && operation !== "ResetRandomPassword" && { operation }) };
  const { status = answer?.status, delay_ms: delay, fault, phase } = decision || {};
  return {
    when,
    ...(status && !excludes(schema, { fault, status }) && { status }),
    ...(fault && { fault }),
    ...(phase === "after" && { phase }),
    ...(delay > 0 && !excludes(schema, { fault, delay }) && { delay: { fixed_ms: delay } }),
  };
}

/** A body as far as the journal keeps it, and what there is to say of it. */
function Body({ body, of }) {
  if (!body) return null;
  const { text, bytes, cut_at: cut, note } = body;
  const said = [text !== null && cut !== null && `The first ${cut} of ${bytes} bytes.`, note].filter(Boolean).join(" ");
  return html`${text && html`<${Code} label=${`Body of the ${of}`} wrap text=${text} />`}
    ${said && html`<p class="hint">${said}</p>`}`;
}

function Fact({ name, title, children }) {
  return children !== null && children !== undefined && children !== "" && html`<dt title=${title}>${name}</dt><dd>${children}</dd>`;
}

/** A secret behind a click. */
function Secret({ label, read }) {
  const [text, setText] = useState(null);
  const [problem, setProblem] = useState(null);
  const show = () => Promise.resolve(read()).then(setText, setProblem);
  if (problem) return html`<${Notice} problem=${problem} />`;
  if (text === null) return html`<${Button} kind="quiet" onClick=${show}>${label}<//>`;
  return html`<span class="actions"><code>${text}</code><${Copy} text=${text} /></span>`;
}

function Decision({ entry, link }) {
  const { decision, project, user } = entry;
  if (!decision) return null;
  const { causes, error, delay_ms: delay, fault, phase, password } = decision;
  const cause = ({ rule, place }) => html`<${Rule} rule=${rule} place=${place} href=${link("journal", { rule })} />`;
  const own = html`<span class="faint">the API's own behaviour</span>`;
  const facets = [
    ["Status", html`<${Outcome} outcome=${{ status: decision.status }} />`, causes.status, true],
    ["Delay", delay > 0 && duration(delay), causes.delay, delay > 0],
    ["Fault", fault && html`<${Outcome} outcome=${{ fault, phase }} />`, causes.fault, fault],
  ].filter(([, , , isThere]) => isThere);
  const current = async () => {
    const found = await get(`passwords/${path(project, user)}`);
    return found.current ? `${found.current.password} (from call ${found.current.call})` : "none yet";
  };
  return html`<h3>Decided</h3>
    <div class="scroll facets" tabindex="0" role="region" aria-label="Facets"><table>
      <thead><tr><th scope="col">Facet</th><th scope="col">Value</th><th scope="col">Rule</th></tr></thead>
      <tbody>${facets.map(([name, value, by]) => html`<tr key=${name}><td>${name}</td><td>${value}</td>
        <td class="text">${by ? cause(by) : own}</td></tr>`)}</tbody>
    </table></div>
    <dl class="facts">
      ${error && html`<${Fact} name="Error"><code>${error.code}</code> ${error.message}<//>`}
      ${phase === "after" && html`<${Fact} name="Phase">The password was reset, although the answer failed.<//>`}
      ${password && html`<${Fact} name="Password"><${Secret} label="Show the password of this call" read=${() => password} /><//>`}
      ${project && user && html`<${Fact} name="Now"><${Secret} label="Show the current password" read=${current} /><//>`}
    </dl>`;
}

/** The next calls of this user, each with all rules and the condition on which they failed. */
function Coming({ entry }) {
  const { project, user, operation, account, notification_type: types } = entry;
  const query = { project, user, operation, account, notification_type: types.join(), next: 10 };
  const [found, problem, again] = useAsync((signal) => get("explain", query, { signal }), []);
  useLive(["setup", "reset", "clock"], again);
  if (!found) return html`<${Notice} problem=${problem} again=${again} />`;
  return html`<ol class="calls">${found.calls.map(({ call, outcome, rules, more }) => html`<li key=${call}><details>
    <summary>Call ${call} <${Outcome} outcome=${outcome} />
      <span class="faint">${Object.values(outcome.causes).map(({ rule }) => rule)[0] || "own behaviour"}</span></summary>
    <ul class="rules">${rules.map(({ name, place, matched, failed_on: failed }) => html`<li key=${place}>
      <${Badge} kind=${matched ? "good" : "plain"}>${matched ? "matches" : `not: ${failed}`}<//>
      <span><${Rule} rule=${name} place=${place} /></span></li>`)}
      ${more > 0 && html`<li class="faint">and ${more} more rules</li>`}
      ${!rules.length && html`<li class="faint">No active rules.</li>`}
    </ul></details></li>`)}</ol>`;
}

function Override({ entry, link }) {
  const [document, problem] = useDocument();
  if (!document) return html`<${Notice} problem=${problem} />`;
  return html`<${RuleForm} rule=${ruleOf(entry, document.components.schemas.Rule)} link=${link} />`;
}

function RuleForm({ rule, link }) {
  const [text, setText] = useState(() => JSON.stringify(rule, null, 2));
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState(null);
  const add = async () => {
    try {
      setMade(await post("overrides", text));
      setProblem(null);
    } catch (problem) {
      setProblem(problem);
    }
  };
  if (made) {
    return html`<${Notice} kind="good" problem=${`Override ${made.id} is active and takes precedence over all other rules.`} />
      <p><a href=${link("scenario")}>See the active rules</a></p>`;
  }
  return html`<${Field} label="Rule" hint="It takes precedence over all other rules until you end it. Edit it as you like.">
      <textarea rows="9" spellcheck=${false} value=${text} onInput=${(event) => setText(event.target.value)} />
    <//>
    <${Notice} problem=${problem} />
    <div class="actions"><${Button} kind="primary" onClick=${add}>Add the override<//></div>`;
}

export function Entry({ index, link, close, known }) {
  const [read, problem, again] = useAsync((signal) => get(`requests/${index}`, undefined, { signal }), [index]);
  const [newer, setNewer] = useState(null);
  const [shown, show] = useState(null);
  useLive(["request"], (events) => events.forEach(({ data }) => data?.index === index && setNewer(data)));
  const head = useRef(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), []);
  const entry = newer || read || known;
  const title = html`<span ref=${head} tabindex="-1">Entry ${index}</span>`;
  const closing = html`<${Button} kind="quiet" onClick=${close}>Close<//>`;
  if (!entry) {
    return html`<${Section} kind="entry" title=${title} actions=${closing}><${Notice} problem=${problem} again=${again} /><//>`;
  }
  const { state, operation, method, target, answer, headers, at_ms: at, answer_body: answerBody } = entry;
  const toggle = (name) => () => show(shown === name ? null : name);
  const hasCalls = entry.call !== null && operation;
  return html`<${Section} kind="entry" title=${title} actions=${closing}>
    <p class="result">
      ${answer && html`<${Badge} kind=${kindOf(answer.status)}>${answer.status}<//>`}
      <span>${STATES[state]}</span>
      ${answer && html`<span class="faint">${answer.bytes} bytes after ${duration(answer.after_ms)}</span>`}
    </p>
    <div class="actions">
      <${Copy} text=${async () => curlOf(entry, await baseOf())}>Copy as curl<//>
      ${operation && html`<a class="button" href=${link("try", triedOf(entry))}>Try again</a>`}
      ${operation && html`<${Button} kind="quiet" aria-pressed=${shown === "override"} onClick=${toggle("override")}>Make this an override<//>`}
      ${hasCalls && html`<${Button} kind="quiet" aria-pressed=${shown === "coming"} onClick=${toggle("coming")}>What comes next<//>`}
    </div>
    ${shown === "override" && html`<${Override} entry=${entry} link=${link} />`}
    ${shown === "coming" && html`<${Coming} entry=${entry} />`}
    ${entry.problem && html`<${Notice} kind="warn" problem=${entry.problem} />`}
    <${Decision} entry=${entry} link=${link} />
    <h3>Request</h3>
    <dl class="facts">
      <${Fact} name="Operation">${operation || "No operation has this path"}<//>
      <${Fact} name="User">${entry.user && html`<a href=${link("journal", { user: entry.user })}><code>${entry.user}</code></a>`}<//>
      <${Fact} name="Call">${entry.call}<//>
      <${Fact} name="Account">${entry.account}<//>
      <${Fact} name="Project">${entry.project && html`<code>${entry.project}</code>`}<//>
      <${Fact} name="Arrived" title="Virtual time since the server started, and the time of day.">${time(at)}
        <span class="faint"> ${timeOfDay(entry.arrived_unix_ms)}</span><//>
      <${Fact} name="Epoch" title="Each full reset starts a new epoch, in which calls are counted from 1 again.">${entry.epoch}<//>
      <${Fact} name="Request id">${entry.request_id && html`<code>${entry.request_id}</code>`}<//>
      <${Fact} name="Notification">${entry.notification_type.join(", ")}<//>
      <${Fact} name="Sent by">${entry.by}<//>
    </dl>
    <${Code} label="Head of the request" wrap text=${[`${method} ${target}`, ...Object.entries(headers).flatMap(([name, value]) =>
      [].concat(value).map((one) => `${name}: ${one}`))].join("\n")} />
    <${Body} body=${entry.request_body} of="request" />
    ${(answer || answerBody) && html`<h3>Answer</h3>
      ${answer && html`<dl class="facts">
        <${Fact} name="Status">${answer.status}<//>
        <${Fact} name="Took" title="From arrival to the end of the answer.">${duration(answer.after_ms)}<//>
        <${Fact} name="Body">${answer.bytes} bytes<//>
      </dl>`}
      <${Body} body=${answerBody} of="answer" />`}
    <p class="hint">Secrets are shown as ***. Send the request again with Try to see all bytes.</p>
  <//>`;
}
