// Calls of the emulated API that change users: rules and faults strike them like all others.

import { post } from "../../api.js";
import { Badge, Code, html, kindOf } from "../../parts.js";

/** Sends one call through the server, and reads its status. Empty members of `call` are left out. */
export async function act(operation, call) {
  const given = Object.entries({ operation, ...call }).filter(([, value]) => value);
  const result = await post("try", Object.fromEntries(given));
  const status = Number(result.answer?.head.split(" ")[1]) || null;
  return { ...result, operation, status, ok: result.ended === "answered" && status >= 200 && status < 300 };
}

const ENDS = {
  reset: "The connection was reset.",
  closed: "The connection was closed before the answer was complete.",
  timed_out: "The answer did not come in time.",
};

/** What a call came to. The password of a reset is not in it. */
export function Came({ result, link }) {
  if (!result) return null;
  const { operation, status, ok, ended, answer, index, reason } = result;
  return html`<div class=${`notice ${ok ? "good" : "warn"}`} role="status">
    <p>${operation}: ${status ? html`<${Badge} kind=${kindOf(status)}>${status}<//>` : "no answer."} ${ENDS[ended]}${" "}
      ${index && html`<a href=${link("journal", { row: index })}>Journal entry ${index}</a>`}</p>
    ${!ok && answer?.body && !answer.base64 && html`<${Code} label="Body of the answer" text=${answer.body} wrap />`}
    ${reason && html`<${Code} label="Sealed reason" text=${JSON.stringify(reason, null, 2)} wrap />`}
  </div>`;
}
