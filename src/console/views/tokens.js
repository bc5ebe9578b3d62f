// Tokens that were issued, by id: never the token.

import { del, path } from "../api.js";
import { Ask, html } from "../parts.js";
import { List, useGet, View } from "./shared.js";

export default function Tokens({ link }) {
  const [list, problem, again] = useGet("tokens", {}, ["request", "setup", "reset"]);
  return html`<${View} title="Tokens" problem=${problem} again=${again}><p class="hint">Revoke a token to see how a client gets another. The token itself is not shown.</p>
    ${list?.dropped > 0 && html`<p class="faint">The oldest ${list.dropped} are no longer listed.</p>`}
    ${list && html`<${List} label="Tokens" rows=${list.tokens} keyOf=${(one) => one.id}
      empty=${html`No tokens yet. <a href=${link("try", { operation: "KeystoneCreateUserTokenByPassword" })}>KeystoneCreateUserTokenByPassword</a> issues one.`} of=${[
        ["Id", "id", "mono short"], ["Account", (one) => html`<a href=${link("journal", { account: one.account })}>${one.account}</a>`], ["Scope", "scope", "text"],
        ["Issued", "issued_at", "mono"], ["Expires", "expires_at", "mono"],
        ["", (one) => html`<${Ask} button="Revoke" title="Revoke this token?" run=${() => del(`tokens/${path(one.id)}`).then(again)}>
          <p>Calls with token <code>${one.id}</code> will get a 401. This cannot be undone.</p><//>`]]} />`}
  <//>`;
}
