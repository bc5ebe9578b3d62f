// Coverage: to come.

import { Page, html } from "../parts.js";

export default function Coverage() {
  return html`<${Page} title="Coverage"><p>This view is on its way.</p><//>`;
}
