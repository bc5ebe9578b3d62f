// The result of a request: how it ended, the bytes both ways, the sealed reason.

import { get } from "./api.js";
import { Badge, Code, Copy, Notice, Rule, Section, duration, html, kindOf, useAsync, useId, useState } from "./parts.js";
import { Tabs } from "./samples.js";

const ENDED = {
  answered: ["plain", "Answered", "The answer arrived completely."],
  reset: ["odd", "Connection reset", "The server reset the connection."],
  closed: ["odd", "Closed early", "The server closed the connection before the answer was complete."],
  refused: ["odd", "Connection refused", "The server did not listen: a down window is active."],
  timed_out: ["odd", "Timed out", "No answer came in time."],
};

const AUTHS = { signature: "signed with the key", token: "with a token", temporary: "signed with a temporary key",
  wrong: "with wrong credentials" };

/** The bytes of an answer's body, which is base64 where it is not text. */
function bytesOf({ body, base64 } = { body: "" }) {
  return base64 ? Uint8Array.from(atob(body), (character) => character.charCodeAt(0)) : new TextEncoder().encode(body);
}

/** Bytes as text, if they are text. */
function textOf(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** Bytes as a dump: 16 a line, with their printable characters. */
export function hex(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const pairs = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const signs = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${pairs.padEnd(47)}  ${signs}`);
  }
  return lines.join("\n");
}

function Message({ label, head, bytes, empty }) {
  const [asHex, setHex] = useState(false);
  const text = textOf(bytes);
  const isHex = asHex || text === null;
  const body = bytes.length === 0 ? "" : isHex ? hex(bytes) : text;
  const shown = `${head.trimEnd()}\n\n${body}`.trimEnd();
  return html`
    ${head || bytes.length ? html`<${Code} text=${shown} label=${label} wrap=${!isHex} />` : html`<p class="empty">${empty}</p>`}
    ${bytes.length > 0 && html`<p class="bytes hint">
      <span>${bytes.length} bytes of body${text === null ? " (not text)" : ""}</span>
      <button type="button" class="quiet" aria-pressed=${isHex} disabled=${text === null}
        onClick=${() => setHex(!asHex)}>Hex</button>
    </p>`}`;
}

function Cause({ index, link }) {
  const [entry] = useAsync(() => get(`requests/${index}`), [index]);
  if (!entry) return null;
  const causes = Object.entries(entry.decision?.causes || {});
  return html`<dl class="facts">
    ${entry.call !== null && html`<dt>Call</dt><dd>number ${entry.call} of this user</dd>`}
    ${causes.map(([facet, { rule, place }]) => html`<dt class="name">${facet}</dt><dd>by rule
      ${" "}<${Rule} rule=${rule} place=${place} href=${link("journal", { rule })} /></dd>`)}
    ${entry.decision && !causes.length && html`<dt>Cause</dt><dd>no rule: the API's own behaviour</dd>`}
    ${entry.problem && html`<dt>Problem</dt><dd>${entry.problem}</dd>`}
  </dl>`;
}

function passwordOf(bytes) {
  try {
    return JSON.parse(textOf(bytes)).password;
  } catch {
    return undefined;
  }
}

export function Answer({ sent, operation, link }) {
  const [tab, setTab] = useState("answer");
  const panel = useId();
  if (!sent?.result) {
    return html`<${Section} title="Answer"><p class="empty">
      Send the request to see its bytes, the bytes of the answer, and the rule that caused it.
    </p><//>`;
  }
  const { request, answer, ended, after_ms: after, index, reason, note } = sent.result;
  const status = answer?.status;
  const [kind, word, meaning] = ENDED[ended] || ["odd", ended, ""];
  const bytes = bytesOf(answer || undefined);
  const password = ended === "answered" && status === 200 ? passwordOf(bytes) : undefined;
  const isNotMade = operation.id !== sent.tried.operation;
  return html`<${Section} title=${isNotMade ? `Answer to ${sent.tried.operation}` : "Answer"}
      actions=${index && html`<a href=${link("journal", { row: index })}>Journal entry ${index}</a>`}>
    <p class="result" role="status">
      ${status && html`<${Badge} kind=${kindOf(status)}>${status}<//>`}
      <${Badge} kind=${kind} title=${meaning}>${word}<//>
      <span class="faint">after ${duration(after)}${request.auth === "none" ? ", without credentials"
        : `, ${AUTHS[request.auth] || request.auth}${request.account ? ` of ${request.account}` : ""}`}</span>
      ${password && html`<span class="password">New password <code>${password}</code> <${Copy} text=${password} /></span>`}
    </p>
    ${ended !== "answered" && html`<p>${meaning}</p>`}
    ${note && html`<p>${note}</p>`}
    ${answer?.cut && html`<p class="hint">The answer is longer; only its first ${answer.bytes} bytes were kept.</p>`}
    ${index && html`<${Cause} key=${index} index=${index} link=${link} />`}
    ${reason && html`<${Notice} kind="plain" problem="The sealed reason of the refusal, decoded:" />
      <${Code} text=${JSON.stringify(reason, null, 2)} label="Reason" wrap />`}
    <${Tabs} label="Bytes" tabs=${[["answer", "Answer bytes"], ["request", "Request bytes"]]} chosen=${tab}
      onChoose=${setTab} panel=${panel} />
    <div id=${panel} role="tabpanel" aria-label="Bytes">
      ${tab === "answer"
        ? html`<${Message} key="answer" label="Answer" head=${answer?.head || ""} bytes=${bytes} empty="No bytes arrived." />`
        : html`<${Message} key="request" label="Request" head=${request.head}
            bytes=${new TextEncoder().encode(request.body || "")} />`}
    </div>
  <//>`;
}
