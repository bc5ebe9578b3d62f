// The form that creates a user, from the schema of CreateDesktopUser's body.

import { Button, html, Notice, ProjectSelect, Section, useState } from "../../parts.js";
import { Members, useDocument } from "../fields.js";
import { Fold } from "../shared.js";
import { act } from "./act.js";

/** Members that most people fill in; the rest unfolds. */
const USUAL = ["user_name", "active_type", "user_email", "user_phone", "password", "description"];

export function Create({ start, account, onDone }) {
  const [document, missing] = useDocument();
  const [chosen, setProject] = useState(null);
  const [body, setBody] = useState({});
  const [problem, setProblem] = useState(null);
  const project = chosen ?? start ?? "";
  const schema = document?.components.schemas.CreateUserRequest;
  const send = async (event) => {
    event.preventDefault();
    try {
      onDone(await act("CreateDesktopUser", { project, account, body }), project);
      setProblem(null);
    } catch (failure) {
      setProblem(failure);
    }
  };
  const members = (names) => html`<${Members} document=${document} schema=${schema} required=${schema.required} value=${body} onChange=${setBody} names=${names} />`;
  return html`<${Section} title="New user"><${Notice} problem=${missing || problem} />
    ${schema && html`<form class="stack" onSubmit=${send}>
      <div class="fields"><${ProjectSelect} value=${project} onChange=${setProject} />${members(USUAL)}</div>
      <${Fold} title="More fields"><div class="fields">${members(Object.keys(schema.properties).filter((name) => !USUAL.includes(name)))}</div><//>
      <p class="actions"><${Button} kind="primary" type="submit" disabled=${!project}>Create<//><span class="hint">Sent to the emulated API as CreateDesktopUser.</span></p>
    </form>`}<//>`;
}
