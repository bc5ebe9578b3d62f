// Choices from long lists: the server searches, the page shows the first that fit.

import { get } from "./api.js";
import { html, useEffect, useMemo, useRef, useState } from "./vendor/preact.js";

const SHOWN = 20;
let ids = 0;

/**
 * An input that offers what a search finds. `search(text)` gives `[{ value, label, note }]`; `value` is what is chosen.
 * With `free` any text may be chosen, so that an unknown id can be tried.
 */
export function SearchSelect({ label, value, onChange, search, hint, placeholder, free = false }) {
  const id = useMemo(() => `s${++ids}`, []);
  const [text, setText] = useState(null);
  const [found, setFound] = useState([]);
  const [at, setAt] = useState(-1);
  const [problem, setProblem] = useState(null);
  const input = useRef(null);
  const isOpen = text !== null;
  useEffect(() => {
    if (!isOpen) return undefined;
    let isLate = false;
    const timer = setTimeout(async () => {
      try {
        const found = await search(text === value ? "" : text);
        if (!isLate) (setFound(found.slice(0, SHOWN)), setProblem(null), setAt(-1));
      } catch (problem) {
        if (!isLate) (setFound([]), setProblem(problem.message));
      }
    }, text === (value || "") ? 0 : 150);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [text]);
  // A closed field shows the end of a long id, by which ids of a project differ.
  const showEnd = () => {
    const element = input.current;
    if (element && document.activeElement !== element) element.scrollLeft = element.scrollWidth;
  };
  useEffect(showEnd);
  const choose = (chosen) => {
    setText(null);
    if (chosen !== value) onChange(chosen);
  };
  const leave = () => {
    if (!isOpen) return;
    const exact = found.find((one) => one.value === text.trim());
    if (text.trim() === "" || free || exact) choose(text.trim());
    else setText(null);
  };
  const press = (event) => {
    const { key } = event;
    if (key === "Escape" && isOpen) {
      event.preventDefault();
      setText(null);
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) setText(value || "");
      else if (found.length) setAt((at + (key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (key === "Enter" && isOpen) {
      event.preventDefault();
      if (at >= 0) choose(found[at].value);
      else if (free || text.trim() === "") choose(text.trim());
      else if (found.length) choose(found[0].value);
    }
  };
  const option = (one, index) => html`<li key=${one.value} id=${`${id}-${index}`} role="option"
      aria-selected=${index === at} onMouseDown=${(event) => (event.preventDefault(), choose(one.value))}>
    <span>${one.label}</span>${one.note && html`<span class="note">${one.note}</span>`}
  </li>`;
  return html`<div class="field search">
    <label class="label" for=${id}>${label}</label>
    <input id=${id} ref=${input} type="text" role="combobox" autocomplete="off" spellcheck=${false}
      aria-expanded=${isOpen} aria-controls=${`${id}-list`} aria-autocomplete="list"
      aria-activedescendant=${isOpen && at >= 0 ? `${id}-${at}` : undefined} placeholder=${placeholder}
      title=${isOpen ? undefined : value} value=${isOpen ? text : value || ""} onFocus=${(event) => event.target.select()}
      onClick=${() => isOpen || setText(value || "")} onInput=${(event) => setText(event.target.value)}
      onKeyDown=${press} onBlur=${() => (leave(), requestAnimationFrame(showEnd))} />
    <ul id=${`${id}-list`} role="listbox" aria-label=${label} hidden=${!isOpen || !found.length}>${found.map(option)}</ul>
    ${isOpen && problem && html`<span class="problem">${problem}</span>`}
    ${hint && html`<span class="hint">${hint}</span>`}
  </div>`;
}

/** The name of a user, if there is such a user with a name of its own. */
export function useUserName(project, user) {
  const [name, set] = useState("");
  useEffect(() => {
    const control = new AbortController();
    set("");
    if (user) nameOf(project, user, control.signal).then(set, () => {});
    return () => control.abort();
  }, [project, user]);
  return name;
}

/** The same without a hook. Ids hold other ids, so some are read of which one is looked for. */
export async function nameOf(project, user, signal) {
  const { users } = await get("users", { project, search: user, limit: SHOWN }, { signal });
  const found = users.find(({ id }) => id === user);
  return found && found.user_name !== user ? found.user_name : "";
}

/** A user, by id or name, of one project or of all. */
export function UserSelect({ project, label = "User", ...rest }) {
  const search = async (text) => {
    const { users } = await get("users", { project, search: text, limit: SHOWN });
    return users.map(({ id, user_name: name }) => (name && name !== id
      ? { value: id, label: name, note: id } : { value: id, label: id }));
  };
  return html`<${SearchSelect} key=${project} label=${label} search=${search} ...${rest} />`;
}

/** A project or a clone. */
export function ProjectSelect({ label = "Project", ...rest }) {
  const search = async (text) => {
    const found = [];
    const wanted = text.toLowerCase();
    let cursor;
    do {
      const page = await get("projects", { cursor });
      found.push(...page.projects.filter(({ id, name }) => `${id} ${name || ""}`.toLowerCase().includes(wanted)));
      cursor = page.next;
    } while (cursor && found.length < SHOWN);
    return found.map(({ id, name, from }) => ({ value: id, label: id, note: from ? `clone of ${from}` : name }));
  };
  return html`<${SearchSelect} label=${label} search=${search} ...${rest} />`;
}

/** An account, as `domain/name`. */
export function AccountSelect({ label = "Account", ...rest }) {
  const search = async (text) => {
    const { accounts } = await get("accounts", { search: text, limit: SHOWN });
    return accounts.map(({ account, access_key: key }) => ({ value: account, label: account, note: key }));
  };
  return html`<${SearchSelect} label=${label} search=${search} ...${rest} />`;
}
