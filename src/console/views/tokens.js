// Tokens: to come.

import { Page, html } from "../parts.js";

export default function Tokens() {
  return html`<${Page} title="Tokens"><p>This view is on its way.</p><//>`;
}
