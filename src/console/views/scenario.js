// Scenario: to come.

import { Page, html } from "../parts.js";

export default function Scenario() {
  return html`<${Page} title="Scenario"><p>This view is on its way.</p><//>`;
}
