// Journal: to come.

import { Page, html } from "../parts.js";

export default function Journal() {
  return html`<${Page} title="Journal"><p>This view is on its way.</p><//>`;
}
