// Users of all loaded projects, or of one project or clone, found on the server, and changed through the emulated API.

import { get } from "../api.js";
import { AccountSelect, Button, html, ProjectSelect, Select, useAsync, useEffect, useRef, useSettled, useState } from "../parts.js";
import { bound, Find, List, tail, useFresh, useGet, View } from "./shared.js";
import { Came } from "./users/act.js";
import { Create } from "./users/create.js";
import { ACTIVATIONS, Marks, Person, STATES } from "./users/person.js";

const PAGE = 50;
/** Maximum number of users with ids that contain an id, among which it is searched for. */
const LOOKED = 200;
const EVENTS = ["request", "setup", "reset"];

export default function Users({ args, go, link }) {
  const { search = "", state, project, cursor, user, of, account } = args;
  const [text, setText] = useState(search);
  const [result, setResult] = useState(null);
  const [creating, setCreating] = useState(false);
  const before = useRef([]);
  const settled = useSettled(text.trim());
  const set = (more) => go("users", { ...args, ...more });
  const arg = bound("users", args, go, { cursor: "" });
  useEffect(() => settled !== search && arg("search").onChange(settled), [settled]);
  useEffect(() => {
    before.current = [];
  }, [search, state, project]);
  const [page, problem, again] = useGet("users", { search, state, project, cursor, limit: PAGE }, EVENTS);
  const [person, , anew] = useFresh((signal) => user && get("users", { project: of, search: user, limit: LOOKED }, { signal })
    .then(({ users }) => ({ user, found: users.find(({ id }) => id === user) })), [user, of], EVENTS);
  const [accounts] = useAsync(() => get("accounts", { limit: 1 }), []);
  const done = (result) => {
    setResult(result);
    again();
    anew();
  };
  const created = (result, project) => {
    done(result);
    if (!result.ok) return;
    setCreating(false);
    set({ user: JSON.parse(result.answer.body).id, of: project });
  };
  const open = (one) => set({ user: one.id, of: one.project });
  const isOn = (one) => one.id === user && one.project === of;
  const turn = (cursor, seen) => {
    before.current = seen;
    set({ cursor });
  };
  return html`<${View} title="Users" problem=${problem} again=${again} actions=${html`<${Button} aria-expanded=${creating} kind=${creating ? "" : "primary"} onClick=${() => setCreating(!creating)}>
      ${creating ? "Close the form" : "Create a user"}<//>`}>
    ${creating && html`<${Create} start=${project || page?.users[0]?.project} account=${account} onDone=${created} />`}
    <${Came} result=${result} link=${link} />
    <div class="fields narrow">
      <${Find} label="Search" value=${text} placeholder="Part of an id or a name" onChange=${setText} />
      <${Select} label="State" ...${arg("state")} options=${[["", "All"], ...Object.keys(STATES)]} />
      <${ProjectSelect} ...${arg("project")} placeholder="All but clones" />
      ${accounts?.accounts.length > 0 && html`<${AccountSelect} label="Call as" ...${arg("account")} placeholder="The default" />`}
    </div>
    <div class=${user ? "beside" : ""}>
      <div class="stack">
        ${page && html`<${List} label="Users" rows=${page.users} keyOf=${(one) => `${one.project}/${one.id}`} isOn=${isOn} onOpen=${open} of=${[
          ["Name", (one) => html`<${Button} kind="link" aria-pressed=${isOn(one)} onClick=${() => open(one)}>${one.user_name || one.id}<//>`, "short"],
          ["State", (one) => html`<${Marks} user=${one} />`],
          ["Project", (one) => html`<span title=${one.project}>${one.project_name || tail(one.project)}</span>`, "short"],
          !user && ["Activation", ({ active_type: type }) => ACTIVATIONS[type] || type],
          ["Calls", "calls", "number"],
          ["Id", (one) => html`<span title=${one.id}>${one.id}</span>`, "mono short"]]}
          empty=${search || state || project ? "No user matches. Clear a filter." : "No users. Load some with --users FILE, or create one."} />`}
        ${page && (cursor || page.next) && html`<div class="actions" role="group" aria-label="Pages">
          <${Button} disabled=${!cursor} onClick=${() => turn(undefined, [])}>First<//>
          <${Button} disabled=${!before.current.length} onClick=${() => turn(before.current.at(-1), before.current.slice(0, -1))}>Previous<//>
          <${Button} disabled=${!page.next} onClick=${() => turn(page.next, [...before.current, cursor])}>Next<//></div>`}
      </div>
      ${user && person?.user === user && (person.found
        ? html`<${Person} key=${`${of}/${user}`} user=${person.found} account=${account} link=${link} onDone=${done} close=${() => set({ user: undefined, of: undefined })} />`
        : html`<p class="empty">User <code>${user}</code> was not found: deleted, or no longer in the files.</p>`)}
    </div>
  <//>`;
}
