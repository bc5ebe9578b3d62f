// Users: to come.

import { Page, html } from "../parts.js";

export default function Users() {
  return html`<${Page} title="Users"><p>This view is on its way.</p><//>`;
}
