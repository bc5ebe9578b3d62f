// Try: sends one request, signed by the server, and shows what came back to the byte. Sample code for it stands beside.

import { get, post } from "../api.js";
import { Answer } from "../answer.js";
import { Faults } from "../faults.js";
import { BodyForm, ParameterFields, bodyOf, exampleOf, operationsOf } from "../forms.js";
import { AccountSelect, Button, Notice, Page, ProjectSelect, Section, Select, UserSelect, html, useAsync, useEffect, useRef,
  useState } from "../parts.js";
import { useUserName } from "../pickers.js";
import { Samples } from "../samples.js";
import { tail } from "./shared.js";

const FIRST = "ResetRandomPassword";
const AUTHS = [
  ["", "Automatic"],
  ["signature", "Signed with an access key"],
  ["token", "Token"],
  ["temporary", "Temporary access key"],
  ["none", "None"],
  ["wrong", "Deliberately invalid"],
];

/** The request, from the address, where parameters are named `p.NAME`. */
function requestOf(args) {
  const parameters = {};
  for (const [name, value] of Object.entries(args)) if (name.startsWith("p.")) parameters[name.slice(2)] = value;
  const { operation = FIRST, project = "", user = "", account = "", auth = "", body } = args;
  return { operation, project, user, account, auth, parameters, body };
}

function argsOf({ operation, parameters, body, ...rest }) {
  const given = Object.entries(parameters).map(([name, value]) => [`p.${name}`, value]);
  return { ...rest, operation: operation === FIRST ? "" : operation, ...Object.fromEntries(given), body };
}

/**
 * The request, kept in the address, so that a link leads to exactly this one. `arrivals` grows when somebody else
 * changes the address: the link to this view, or the way back.
 */
function useRequest(args, go, link) {
  const [request, set] = useState(() => requestOf(args));
  const [arrivals, setArrivals] = useState(0);
  const written = useRef(link("try", args));
  useEffect(() => {
    const given = link("try", args);
    if (given !== written.current) {
      set(requestOf(args));
      setArrivals((arrivals) => arrivals + 1);
    }
    written.current = given;
  }, [args]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = argsOf(request);
      if (link("try", next) === written.current) return;
      written.current = link("try", next);
      go("try", next, { replace: true });
    }, 250);
    return () => clearTimeout(timer);
  }, [request]);
  return [request, (change) => set((before) => ({ ...before, ...change })), arrivals];
}

/** Chooses the first project and its first user, so that the first click does something. */
function useFirst(request, change, arrivals) {
  useEffect(() => {
    if (request.project || request.user) return undefined;
    const control = new AbortController();
    const { signal } = control;
    (async () => {
      const { users: [user] } = await get("users", { limit: 1 }, { signal });
      if (user) return signal.aborted || change({ project: user.project, user: user.id });
      const { projects: [project] } = await get("projects", { limit: 1 }, { signal });
      return project && !signal.aborted && change({ project: project.id });
    })().catch(() => {});
    return () => control.abort();
  }, [arrivals]);
}

/** What `POST try` takes. Parameters that are empty are left out; a list has a value a line. */
function triedOf(operation, request) {
  const takes = (name) => operation.parameters.some((parameter) => parameter.name === name);
  const parameters = {};
  for (const { name, schema } of operation.parameters) {
    const value = request.parameters[name];
    if (value === undefined || value === "" || name === "project_id" || name === "user_id") continue;
    parameters[name] = schema.type === "array" ? value.split("\n").filter(Boolean) : value;
  }
  return {
    operation: operation.id,
    project: takes("project_id") ? request.project : request.project || undefined,
    user: takes("user_id") ? request.user : undefined,
    account: request.account || undefined,
    auth: request.auth || undefined,
    parameters,
    body: operation.body ? bodyOf(operation, request) : undefined,
  };
}

function Form({ request, change, operations, operation, send, isBusy, problem }) {
  const takes = (name) => operation.parameters.some((parameter) => parameter.name === name);
  const name = useUserName(request.project, request.user);
  const missing = [["project_id", "project"], ["user_id", "user"]].filter(([own, word]) => takes(own) && !request[word])
    .map(([, word]) => `a ${word}`).join(" and ");
  const choose = (id) => change({ operation: id, parameters: {}, body: undefined });
  const isReset = operation.id === FIRST;
  const submit = (event) => {
    event.preventDefault();
    send();
  };
  return html`<form onSubmit=${submit}>
    <${Section} title="Request" actions=${html`<code class="faint">${operation.method} ${operation.path}</code>`}>
      <div class="fields">
        <${Select} label="Operation" value=${operation.id} onChange=${choose} hint=${operation.summary}
          options=${operations.map(({ id }) => id)} />
        <${Select} label="Authentication" value=${request.auth} options=${AUTHS}
          hint=${request.auth ? "" : "Signed, if an account is loaded."} onChange=${(auth) => change({ auth })} />
        ${(takes("project_id") || request.auth === "token") && html`<${ProjectSelect} value=${request.project} free
          onChange=${(project) => change({ project })} hint="A loaded project or a clone; you can also try any other id." />`}
        ${takes("user_id") && html`<${UserSelect} project=${request.project} value=${request.user} free
          onChange=${(user) => change({ user })} hint=${name ? `${name}, id ${tail(request.user)}` : "Search by id or name."} />`}
        ${request.auth !== "none" && html`<${AccountSelect} value=${request.account} placeholder="The first suitable one"
          onChange=${(account) => change({ account })} hint="The calling account. Its keys stay on the server." />`}
        <${ParameterFields} operation=${operation} values=${request.parameters}
          onChange=${(parameters) => change({ parameters })} />
      </div>
      ${operation.body && html`<${BodyForm} operation=${operation} value=${request.body ?? exampleOf(operation)}
        onChange=${(body) => change({ body })} />`}
      <${Notice} problem=${problem} />
      <div class="actions">
        <${Button} kind="primary" type="submit" disabled=${isBusy || missing}>${isReset ? "Reset the password" : "Send"}<//>
        ${missing && html`<span class="hint">Choose ${missing} first.</span>`}
        ${isBusy && html`<span class="faint" role="status">Waiting for the answer …</span>`}
      </div>
    <//>
  </form>`;
}

export default function Try({ args, go, link }) {
  const [request, change, arrivals] = useRequest(args, go, link);
  const [operations, problem, again] = useAsync((signal) =>
    get("openapi.json", undefined, { signal }).then(operationsOf), []);
  const [sent, setSent] = useState(null);
  const [isBusy, setBusy] = useState(false);
  useFirst(request, change, arrivals);
  if (!operations) return html`<${Page} title="Try"><${Notice} problem=${problem} again=${again} /><//>`;
  const operation = operations.find(({ id }) => id === request.operation);
  if (!operation) {
    return html`<${Page} title="Try">
      <${Notice} problem=${`Unknown operation “${request.operation}”.`} />
      <p><a href=${link("try")}>Try ${FIRST}</a></p>
    <//>`;
  }
  const send = async () => {
    setBusy(true);
    try {
      const tried = triedOf(operation, request);
      setSent({ tried, result: await post("try", tried) });
    } catch (problem) {
      setSent({ problem });
    }
    setBusy(false);
    // On a narrow page the answer is below the form.
    if (matchMedia("(max-width: 1000px)").matches) document.getElementById("answer")?.scrollIntoView({ block: "start" });
  };
  return html`<${Page} title="Try">
    <div class="columns try">
      <div class="stack">
        <${Form} ...${{ request, change, operations, operation, send, isBusy }} problem=${sent?.problem} />
        <${Faults} operation=${operation} project=${request.project} user=${request.user} />
      </div>
      <div class="stack" id="answer">
        <${Answer} sent=${sent} operation=${operation} link=${link} />
        <${Samples} operation=${operation} request=${request} />
      </div>
    </div>
  <//>`;
}
