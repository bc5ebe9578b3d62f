// Health: to come.

import { Page, html } from "../parts.js";

export default function Health() {
  return html`<${Page} title="Health"><p>This view is on its way.</p><//>`;
}
