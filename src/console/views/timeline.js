// Timeline: to come.

import { Page, html } from "../parts.js";

export default function Timeline() {
  return html`<${Page} title="Timeline"><p>This view is on its way.</p><//>`;
}
