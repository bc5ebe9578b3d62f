// Verdict: to come.

import { Page, html } from "../parts.js";

export default function Verdict() {
  return html`<${Page} title="Verdict"><p>This view is on its way.</p><//>`;
}
