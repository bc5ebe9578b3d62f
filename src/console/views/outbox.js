// Messages that went out: newest first, with one in full beside them.

import { get } from "../api.js";
import { Badge, Button, Code, html, ProjectSelect, Section, Select, time, useAsync, UserSelect } from "../parts.js";
import { bound, Close, Facts, List, tail, useGet, View } from "./shared.js";

const KINDS = { recorded: "plain", queued: "warn", sent: "good", failed: "bad" };
const State = ({ state }) => html`<${Badge} kind=${KINDS[state]}>${state}<//>`;

export default function Outbox({ args, go, link }) {
  const { project, user, type, before, message } = args;
  const [page, problem, again] = useGet("outbox", { project, user, type, before, order: "newest", limit: 50 }, ["message", "reset"]);
  const isIt = (one) => String(one.index) === message;
  const listed = page?.messages.find(isIt);
  const isAway = Boolean(message && page && !listed);
  const [other] = useAsync(async (signal) => isAway && (await get("outbox", { since: message - 1, limit: 1 }, { signal })).messages, [message, isAway]);
  const open = listed || (isAway && other && other.find(isIt));
  const set = (more) => go("outbox", { ...args, ...more });
  const arg = bound("outbox", args, go, { before: "" });
  return html`<${View} title="Outbox" problem=${problem} again=${again}>
    <div class="fields narrow"><${ProjectSelect} ...${arg("project")} placeholder="All" />
      <${UserSelect} ...${arg("user")} project=${project} placeholder="All" />
      <${Select} label="Type" ...${arg("type")} options=${[["", "All"], "email", "phone"]} /></div>
    ${page?.dropped > 0 && html`<p class="faint">The oldest ${page.dropped} were dropped because the outbox was full.</p>`}
    <div class=${open ? "beside" : ""}>
      ${page && html`<div class="stack"><${List} label="Messages" rows=${page.messages} keyOf=${(one) => one.index} isOn=${isIt} onOpen=${(one) => set({ message: one.index })}
        empty=${project || user || type ? "No message matches. Clear a filter." : html`No messages yet. <a href=${link("try", { "p.notification_type": "email" })}>Reset a password</a> with a notification type.`} of=${[
          ["At", (one) => time(one.at_ms), "mono"], ["Type", "type"],
          ["To", (one) => html`<${Button} kind="link" aria-pressed=${isIt(one)} onClick=${() => set({ message: one.index })}>${one.to}<//>`, "text"],
          ["User", (one) => html`<span title=${one.user}>${tail(one.user)}</span>`, "mono"], ["State", State]]} />
        ${(before || page.next > 0) && html`<div class="actions"><${Button} disabled=${!before} onClick=${() => set({ before: "" })}>Newest<//>
          <${Button} disabled=${!page.next} onClick=${() => set({ before: page.next })}>Older<//></div>`}</div>`}
      ${open && html`<${Detail} one=${open} link=${link} close=${() => set({ message: "" })} />`}
    </div>
    ${isAway && other && !open && html`<p class="empty">Message ${message} is no longer kept.</p>`}
  <//>`;
}

const Detail = ({ one, link, close }) => html`<${Section} kind="detail" title=${`Message ${one.index}`} actions=${html`<${Close} onClick=${close} />`}>
  <${Facts} rows=${[["To", `${one.to} (${one.type})`], ["State", html`<${State} ...${one} /> ${one.attempts > 0 && `after ${one.attempts} attempts`}`], ["Why", one.why],
    ["At", time(one.at_ms)], ["User", html`<a href=${link("users", { user: one.user, of: one.project })}><code>${one.user}</code></a>`], ["Account", one.account],
    ["Sent by", html`<a href=${link("journal", { row: one.request })}>call ${one.call}, journal entry ${one.request}</a>`], ["Subject", one.subject]]} />
  <${Code} label="Message text" text=${one.text} wrap /><//>`;
