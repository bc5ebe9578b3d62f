// Clock: to come.

import { Page, html } from "../parts.js";

export default function Clock() {
  return html`<${Page} title="Clock"><p>This view is on its way.</p><//>`;
}
