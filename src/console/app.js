// The frame around the views: addresses, navigation, the token, the state of the connection.

import { get, onTokenNeeded } from "./api.js";
import { useConnection, useGeneration, useLive } from "./live.js";
import { Button, Dialog, Field, Notice, html, useAsync, useEffect, useErrorBoundary, useRef, useState } from "./parts.js";
import { render } from "./vendor/preact.js";

import Clock from "./views/clock.js";
import Clones from "./views/clones.js";
import Coverage from "./views/coverage.js";
import Health from "./views/health.js";
import Journal from "./views/journal.js";
import Metrics from "./views/metrics.js";
import Outbox from "./views/outbox.js";
import Reset from "./views/reset.js";
import Scenario from "./views/scenario.js";
import Timeline from "./views/timeline.js";
import Tokens from "./views/tokens.js";
import Try from "./views/try.js";
import Users from "./views/users.js";
import Verdict from "./views/verdict.js";

/** The views in the order of the navigation: the name in the address, the title, the group. */
const VIEWS = [
  ["try", "Try", "Call", Try],
  ["journal", "Journal", "Call", Journal],
  ["users", "Users", "Setup", Users],
  ["scenario", "Scenario", "Setup", Scenario],
  ["clones", "Clones", "Setup", Clones],
  ["timeline", "Timeline", "Results", Timeline],
  ["coverage", "Coverage", "Results", Coverage],
  ["verdict", "Verdict", "Results", Verdict],
  ["outbox", "Outbox", "Results", Outbox],
  ["clock", "Clock", "Server", Clock],
  ["tokens", "Tokens", "Server", Tokens],
  ["health", "Health", "Server", Health],
  ["metrics", "Metrics", "Server", Metrics],
  ["reset", "Reset", "Server", Reset],
];
const GROUPS = [...new Set(VIEWS.map(([, , group]) => group))];

/** The address of a view: its name, and what it shows. Empty arguments are left out. */
export function link(name, args) {
  const given = Object.entries(args || {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `#/${name}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** Goes to a view; with `replace` the address takes the place of this one in the history. */
export function go(name, args, { replace = false } = {}) {
  const to = link(name, args);
  if (!replace) {
    location.hash = to;
  } else if (location.hash !== to) {
    history.replaceState(null, "", to);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

function place() {
  const [name, query] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { name: name || "try", args: Object.fromEntries(new URLSearchParams(query || "")) };
}

function usePlace() {
  const [at, set] = useState(place);
  useEffect(() => {
    const changed = () => set(place());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return at;
}

const CONNECTIONS = {
  live: ["Live", "Events on the server appear here at once."],
  lost: ["Disconnected", "The connection to the server is lost. The console retries, and then catches up."],
  off: ["Paused", "The console does not read from the server."],
};

function Connection() {
  const state = useConnection();
  const [word, meaning] = CONNECTIONS[state];
  return html`<p class=${`connection ${state}`} role="status" title=${meaning}>${word}</p>`;
}

function Lost() {
  const state = useConnection();
  const [wasLive, setLive] = useState(false);
  useEffect(() => state === "live" && setLive(true), [state]);
  if (state !== "lost") return null;
  return html`<p class="lost" role="alert">
    ${wasLive ? "The connection to the server is lost." : "The server does not answer."} Trying again; what was missed is
    shown then.
  </p>`;
}

function Version() {
  const generation = useGeneration();
  const [version] = useAsync(() => get("version"), [generation]);
  return version && html`<p class="version">${version.version}</p>`;
}

function Nav({ current, open, close }) {
  return html`<nav id="views" class=${open ? "open" : ""} aria-label="Views">
    ${GROUPS.map((group) => html`<div key=${group} role="group" aria-label=${group}>
      <p class="group" aria-hidden="true">${group}</p>
      <ul>
        ${VIEWS.filter(([, , own]) => own === group).map(([name, title]) => html`<li key=${name}>
          <a href=${link(name)} aria-current=${name === current ? "page" : undefined} onClick=${close}>${title}</a>
        </li>`)}
      </ul>
    </div>`)}
    <div class="foot"><${Connection} /><${Version} /></div>
  </nav>`;
}

/** Asks for the admin token, once for all requests that wait for it. */
function TokenPrompt() {
  const [asking, set] = useState(null);
  const [text, setText] = useState("");
  useEffect(() => onTokenNeeded((refused) => new Promise((resolve) => set({ refused, resolve }))), []);
  if (!asking) return null;
  const give = (event) => {
    event.preventDefault();
    const given = text.trim();
    if (!given) return;
    set(null);
    setText("");
    asking.resolve(given);
  };
  return html`<${Dialog} title="Admin token">
    <form onSubmit=${give}>
      ${asking.refused && html`<${Notice} problem=${"The server did not accept this token."} />`}
      <p>This server was started with <code>--admin-token</code>. The token is kept in this tab until you close it.</p>
      <${Field} label="Token">
        <input type="password" autocomplete="off" autofocus value=${text} onInput=${(e) => setText(e.target.value)} />
      <//>
      <p class="actions"><${Button} kind="primary" type="submit">Continue<//></p>
    </form>
  <//>`;
}

function Current({ name, args }) {
  const [failure, retry] = useErrorBoundary();
  const generation = useGeneration();
  useEffect(() => failure && retry(), [name]);
  const known = VIEWS.find(([own]) => own === name);
  if (failure) return html`<${Notice} problem=${failure} again=${retry} />`;
  if (!known) {
    return html`<${Notice} problem=${`There is no view “${name}”.`} />`;
  }
  const View = known[3];
  return html`<${View} key=${`${name} ${generation}`} args=${args} go=${go} link=${link} />`;
}

function App() {
  const { name, args } = usePlace();
  const [open, setOpen] = useState(false);
  const main = useRef(null);
  const title = VIEWS.find(([own]) => own === name)?.[1] ?? "Unknown";
  const shown = useRef(name);
  useEffect(() => {
    document.title = `${title} · wksmock`;
    if (shown.current !== name) main.current.querySelector("h1")?.focus();
    shown.current = name;
  }, [name]);
  useLive([], () => {});
  const skip = (event) => {
    event.preventDefault();
    main.current.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <a class="brand" href=${link("try")}><img src="icon.svg" alt="" width="22" height="22" />wksmock</a>
      <button type="button" class="menu" aria-expanded=${open} aria-controls="views" onClick=${() => setOpen(!open)}>
        ${title}<span aria-hidden="true"> ▾</span><span class="unseen">, views</span>
      </button>
    </header>
    <${Nav} current=${name} open=${open} close=${() => setOpen(false)} />
    <main id="main" tabindex="-1" ref=${main}><${Lost} /><${Current} name=${name} args=${args} /></main>
    <${TokenPrompt} />
  `;
}

render(html`<${App} />`, document.getElementById("app"));
