// Try: to come.

import { Page, html } from "../parts.js";

export default function Try() {
  return html`<${Page} title="Try"><p>This view is on its way.</p><//>`;
}
