// A rule in words, as short as a table wants it.

import { duration } from "../../parts.js";
import { tail } from "../shared.js";

const list = (value, say = String) => [].concat(value).map(say).join(", ");

const CONDITIONS = {
  user: (value) => `user ${list(value, tail)}`,
  project: (value) => `project ${list(value, tail)}`,
  operation: String,
  chance: (value) => `${Number((value * 100).toFixed(4))} % of calls`,
  time_ms: ([from, to]) => `${duration(from || 0)} to ${to === null ? "the end" : duration(to)}`,
};

const other = (name, value) => (value?.constructor === Object ? list(Object.entries(value), ([field, own]) => `${name} ${field}: ${own}`) : `${name} ${list(value)}`);

export function conditions({ when = {}, next }) {
  const said = Object.entries(when).map(([name, value]) => CONDITIONS[name]?.(value) ?? other(name, value));
  if (next) said.push(`next ${next}`);
  return said.join(", ") || "every call";
}

const EFFECTS = {
  status: String,
  sequence: (value) => `${list(value.slice(0, 8))}${value.length > 8 ? " …" : ""}`,
  then: (value) => `then ${value}`,
  fault: (value) => (value.dribble ? `dribble, ${value.dribble.chunks} pieces over ${duration(value.dribble.over_ms)}` : list(value).replaceAll("_", " ")),
  delay: ({ fixed_ms: fixed, uniform_ms: ends, lognormal: log }) => `after ${ends ? ends.map(duration).join(" to ") : log ? `about ${duration(log.median_ms)}` : duration(fixed)}`,
  phase: (value) => `${value} the reset`,
  error: (value) => list(Object.values(value)),
  headers: (value) => list(Object.entries(value), (pair) => pair.join(": ")),
};

/** A rule that is half written is not told. */
export function effects(rule) {
  try {
    return Object.keys(EFFECTS).filter((name) => rule[name] !== undefined).map((name) => EFFECTS[name](rule[name])).join(", ");
  } catch {
    return "";
  }
}
