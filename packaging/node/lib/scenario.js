"use strict";

// Scenarios for clones: a file, a built-in scenario or a value.

const { readFile } = require("node:fs/promises");
const { fileURLToPath } = require("node:url");

const BUILTIN = "builtin:";
/** How the server names a scenario that came with a clone, and other parts of a request body. */
const PLACE = /^(?:body|POST \/__admin\/projects \([^)]*\)):(\d+):(\d+)$/;
const PLACES = /POST \/__admin\/projects \([^)]*\):\d+:\d+/g;

/** Returns the path of a path or a file URL. */
function pathOf(file) {
  return typeof file === "string" ? file : fileURLToPath(file.href);
}

/** Whether a value is a path or a URL, not a scenario itself or its JSON. */
function isPath(value) {
  return typeof value === "string" ? !value.trimStart().startsWith("{") : typeof value?.href === "string";
}

/** Reads a scenario: `show` prints a built-in one. Returns its JSON, and its name if it has lines that a user knows. */
async function readScenario(scenario, show) {
  if (!isPath(scenario)) return { text: typeof scenario === "string" ? scenario : JSON.stringify(scenario), name: undefined };
  const name = pathOf(scenario);
  if (name.startsWith(BUILTIN)) return { text: await show(name.slice(BUILTIN.length)), name };
  try {
    const text = await readFile(name, "utf8");
    return { text: text.replace(/^\uFEFF/, ""), name };
  } catch (error) {
    throw new Error(`wksmock: cannot read the scenario ${JSON.stringify(name)}: ${error.message}`, { cause: error });
  }
}

/** Names a place in the file, if it is in one: `prefix` comes before the file in the body that was sent. */
function placeIn(name, prefix, place) {
  const [, line, column] = PLACE.exec(place) ?? [];
  if (line === undefined) return place;
  if (name === undefined) return undefined;
  return `${name}:${line}:${line === "1" ? column - prefix.length : column}`;
}

/** A text with each place in the scenario of a clone named by `placeOf`. */
function placesIn(text, placeOf) {
  return text.replaceAll(PLACES, placeOf);
}

module.exports = { isPath, pathOf, placeIn, placesIn, readScenario };
