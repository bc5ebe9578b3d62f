// One user: fields, the current password behind a button, messages, and what can be done.

import { get, path } from "../../api.js";
import { Ask, Badge, Button, Code, html, Notice, Section, time, useState } from "../../parts.js";
import { Close, counted, Facts, useGet } from "../shared.js";
import { act } from "./act.js";

export const STATES = {
  loaded: ["plain", "As in the users files."],
  created: ["good", "Created through the emulated API. A server reset removes it."],
  changed: ["warn", "Changed since it was loaded. A server reset undoes the change."],
};

/** Who sets the first password. */
export const ACTIVATIONS = { USER_ACTIVATE: "by the user", ADMIN_ACTIVATE: "by an administrator" };

/** Words beside a name. */
export const Marks = ({ user }) => html`<span class="marks"><${Badge} kind=${STATES[user.state]?.[0]} title=${STATES[user.state]?.[1]}>${user.state}<//>
  ${user.locked && html`<${Badge} kind="bad">locked<//>`}${user.disabled && html`<${Badge} kind="bad">disabled<//>`}</span>`;

/** The current password, once somebody wants to see it. */
function Password({ user }) {
  const [shown, show] = useState(null);
  const [problem, setProblem] = useState(null);
  const fetchIt = () => get(`passwords/${path(user.project, user.id)}`).then(show, setProblem);
  if (problem) return html`<${Notice} problem=${problem} />`;
  if (!shown) return html`<${Button} kind="quiet" onClick=${fetchIt}>Show<//>`;
  const isOld = (user.current?.call ?? null) !== (shown.current?.call ?? null);
  return html`${shown.current ? html`<${Code} label="Current password" text=${shown.current.password} />` : html`<p class="faint">Not set yet: reset it.</p>`}
    <${Button} kind="quiet" onClick=${isOld ? fetchIt : () => show(null)}>${isOld ? "Show the newest" : "Hide"}<//>`;
}

function Messages({ project, user, link }) {
  const [page, problem] = useGet("outbox", { project, user, order: "newest", limit: 5 }, ["message", "reset"]);
  if (!page) return html`<${Notice} problem=${problem} />`;
  if (!page.messages.length) return html`<p class="faint">None yet. A password reset with a notification type sends one.</p>`;
  return html`<ul class="rows">${page.messages.map((message) => html`<li key=${message.index}>
    <a href=${link("outbox", { user, project, message: message.index })}>${message.type} to ${message.to}</a>
    <span class="faint">${time(message.at_ms)}, ${message.state}</span></li>`)}</ul>`;
}

export function Person({ user, account, link, onDone, close }) {
  const [problem, setProblem] = useState(null);
  const { project, id, current, locked } = user;
  const run = (operation, more) => act(operation, { project, user: id, account, ...more }).then((result) => (setProblem(null), onDone(result)), setProblem);
  // In user activation mode a reset needs a notification.
  const notified = user.active_type === "USER_ACTIVATE" && (user.user_email ? "email" : "phone");
  return html`<${Section} kind="detail" title=${html`${user.user_name || id} <${Marks} user=${user} />`} actions=${html`<${Close} onClick=${close} />`}>
    <div class="actions">
      <${Button} kind="primary" onClick=${() => run("ResetRandomPassword", notified && { parameters: { notification_type: notified } })}>Reset password<//>
      <${Button} onClick=${() => run("ChangeUserStatus", { body: { op_type: locked ? "UNLOCK" : "LOCK" } })}>${locked ? "Unlock" : "Lock"}<//>
      <${Ask} button="Delete" title="Delete this user?" run=${() => run("DeleteUser")}>
        <p><code>${id}</code> is deleted through the emulated API. A server reset restores loaded users.</p><//>
    </div>
    ${notified && html`<p class="hint">In user activation mode: a password reset sends the password by ${notified}.</p>`}
    <${Notice} problem=${problem} />
    <${Facts} rows=${[["Id", html`<code>${id}</code>`], ["Project", html`<code>${project}</code> ${user.project_name}`], ["Activation", html`${ACTIVATIONS[user.active_type] || user.active_type} <code class="faint">${user.active_type}</code>`],
      ["E-mail", user.user_email], ["Phone", user.user_phone], ["Description", user.description], ["Always answered", user.magic_status],
      ["Calls", html`<a href=${link("journal", { user: id, project })}>${counted(user.calls, "call")}</a>${current && `, password of call ${current.call}`}`],
      ["Current password", html`<${Password} key=${`${project}/${id}`} user=${user} />`]]} />
    <h3>Messages</h3><${Messages} project=${project} user=${id} link=${link} />
    <p class="actions"><a href=${link("try", { project, user: id })}>Try a call</a><a href=${link("timeline", { project, user: id })}>Timeline</a>
      <a href=${link("scenario", { tab: "override", rule: JSON.stringify({ when: { user: id }, status: 503 }) })}>Make calls fail</a></p>
  <//>`;
}
