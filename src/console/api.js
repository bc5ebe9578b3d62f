// Calls the admin API. Paths are relative to the page, which is served at its root.

const KEPT = "wksmock.admin-token";

let asked = null;
let askForToken = () => Promise.reject(new Error("nothing asks for a token"));

/** A refusal of the admin API, or the lack of an answer (status 0). */
export class Problem extends Error {
  constructor({ status, title, detail, errors }) {
    super(detail || title);
    Object.assign(this, { status, title, detail: detail || title, errors: errors || [] });
  }
}

/** Sets the function that asks the user for the admin token: it takes whether one was refused, and gives a promise. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

function token() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** Asks once, however many requests were refused. */
function newToken(refused) {
  asked ??= askForToken(refused).then((given) => {
    sessionStorage.setItem(KEPT, given);
    asked = null;
  });
  return asked;
}

export function address(path, query) {
  const given = Object.entries(query || {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined && one !== null && one !== "")
      .map((one) => [name, String(one)]));
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** A path made of pieces that may have any character. */
export function path(...pieces) {
  return pieces.map(encodeURIComponent).join("/");
}

/** Sends a request, and again with the token once it was asked for. Gives the whole response. */
export async function send(method, path, { query, body, type = "application/json", signal } = {}) {
  for (;;) {
    const shown = token();
    const headers = {};
    if (shown) headers.Authorization = `Bearer ${shown}`;
    if (body !== undefined) headers["Content-Type"] = type;
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    let response;
    try {
      response = await fetch(address(path, query), { method, headers, body: text, signal, cache: "no-store" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem({ status: 0, title: "The server does not answer. It may have stopped, or be starting." });
    }
    if (response.status !== 401) return response;
    // Another request may have brought the right one meanwhile.
    if (shown === token()) await newToken(Boolean(shown));
  }
}

async function call(method, path, options) {
  const response = await send(method, path, options);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("Content-Type") || "");
  let value = text;
  if (isJson) {
    try {
      value = JSON.parse(text);
    } catch {
      throw new Problem({ status: response.status, title: "The answer was cut off." });
    }
  }
  // Health answers 503 with the reason.
  if (response.ok || (path === "health" && isJson)) return value === "" ? null : value;
  throw new Problem(isJson ? value : { status: response.status, title: `The admin API answered ${response.status}.` });
}

export const get = (path, query, options) => call("GET", path, { query, ...options });
export const post = (path, body, query, options) => call("POST", path, { body, query, ...options });
export const put = (path, body, query, options) => call("PUT", path, { body, query, ...options });
export const del = (path, query, options) => call("DELETE", path, { query, ...options });

/** Where the emulated API is, seen from this page. */
export async function baseOf() {
  const { url, admin_url: admin } = await get("health");
  return admin ? url : location.origin;
}
