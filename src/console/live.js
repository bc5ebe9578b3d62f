// The server's events, by one stream for the tab. It is read with fetch, which can send the token.

import { get, send } from "./api.js";
import { useEffect, useRef, useState } from "./vendor/preact.js";

const RETRY_MS = [300, 600, 1200, 2500, 5000];
/** The server sends a comment every 15 s: more silence is a connection that has died. */
const SILENCE_MS = 40000;
/** Time after which a hidden tab closes its connection, since a browser has few for each host. */
const HIDDEN_MS = 20000;

const readers = new Set();
const watchers = new Set();
let connection = "off";
let generation = 0;
let last = null;
let started = null;
let running = null;
let batch = [];

function become(next) {
  if (connection === next) return;
  connection = next;
  watchers.forEach((watcher) => watcher());
}

/** Hands out events once a frame, so that a thousand rows are drawn once. Hidden tabs have no frames. */
function hand(kind, data, id) {
  batch.push({ kind, data, id });
  if (batch.length > 1) return;
  const give = () => {
    const given = batch;
    batch = [];
    for (const { kinds, take } of readers) {
      const own = given.filter((event) => event.kind === "restart" || kinds.includes(event.kind));
      if (own.length) take(own);
    }
  };
  if (document.hidden) setTimeout(give, 100);
  else requestAnimationFrame(give);
}

/** Reads one event of the stream: lines of fields up to an empty one. */
function event(text) {
  let kind = "message", id = null;
  const data = [];
  for (const line of text.split("\n")) {
    const at = line.indexOf(":");
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "event") kind = value;
    else if (name === "id") id = Number(value);
    else if (name === "data") data.push(value);
  }
  if (id !== null) last = id;
  if (data.length) hand(kind, JSON.parse(data.join("\n")), id);
}

/** Finds where to begin: now at first, then where the stream ended, and at the start of another server. */
async function place(signal) {
  const health = await get("health", undefined, { signal });
  // Without the token, health tells no more than the status.
  const isOther = started !== null && started !== (health.started_unix_ms ?? started);
  started = health.started_unix_ms ?? started;
  if (isOther) {
    last = 0;
    generation += 1;
    watchers.forEach((watcher) => watcher());
  }
  return { since: last, isAnew: isOther || last === null };
}

async function read(signal, alive) {
  const { since, isAnew } = await place(signal);
  const response = await send("GET", "events", { query: { since }, signal });
  if (!response.ok) throw new Error(`the stream was refused: ${response.status}`);
  become("live");
  alive();
  // Data that was read before the stream began may be outdated.
  if (isAnew) hand("restart", null, null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    events.forEach(event);
  }
}

async function run(control) {
  let failures = 0;
  while (!control.signal.aborted) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    control.signal.addEventListener("abort", stop);
    let silence = null;
    const alive = () => {
      failures = 0;
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS);
    };
    try {
      silence = setTimeout(stop, SILENCE_MS);
      await read(attempt.signal, alive);
    } catch {
      // After any error, the next attempt begins where this one ended.
    }
    clearTimeout(silence);
    control.signal.removeEventListener("abort", stop);
    if (control.signal.aborted) break;
    become("lost");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]));
  }
}

function start() {
  if (running) return;
  running = new AbortController();
  run(running);
}

function stop() {
  running?.abort();
  running = null;
  become("off");
}

let hiding = null;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(stop, HIDDEN_MS);
  else start();
});

/**
 * Calls `take` with a list of events `{ kind, data, id }` of the given kinds, once a frame while there are any.
 * All receive `restart` when the stream begins, and when another server answers: they have to read their data again.
 */
export function useLive(kinds, take) {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const reader = { kinds, take: (events) => latest.current(events) };
    readers.add(reader);
    start();
    return () => readers.delete(reader);
  }, [kinds.join()]);
}

function useWatched(look) {
  const [value, set] = useState(look);
  useEffect(() => {
    const watcher = () => set(look());
    watchers.add(watcher);
    start();
    watcher();
    return () => watchers.delete(watcher);
  }, []);
  return value;
}

/** `live`, `lost` while it is tried again, or `off`. */
export const useConnection = () => useWatched(() => connection);

/** A number that grows when another server answers: what was read has to be read again. */
export const useGeneration = () => useWatched(() => generation);
