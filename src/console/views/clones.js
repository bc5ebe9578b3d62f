// Clones: to come.

import { Page, html } from "../parts.js";

export default function Clones() {
  return html`<${Page} title="Clones"><p>This view is on its way.</p><//>`;
}
