// Outbox: to come.

import { Page, html } from "../parts.js";

export default function Outbox() {
  return html`<${Page} title="Outbox"><p>This view is on its way.</p><//>`;
}
