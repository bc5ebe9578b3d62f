"use strict";

// Finds the program.

const { accessSync, closeSync, constants, openSync, readSync, statSync } = require("node:fs");
const path = require("node:path");
const { optionalDependencies } = require("../package.json");

/** The package that has the program for this platform, if there is one. */
const packageName = `@wksmock/${process.platform}-${process.arch}`;

/**
 * Returns the path of the program: `given`, else that of WKSMOCK_BINARY, of the platform's package, or on PATH.
 */
function findBinary(given) {
  if (given) return checked(String(given), "the option `binary`");
  if (process.env.WKSMOCK_BINARY) return checked(process.env.WKSMOCK_BINARY, "WKSMOCK_BINARY");
  const found = inPackage() ?? onPath();
  if (found) return found;
  throw new Error(missing());
}

function checked(file, from) {
  if (isProgram(file)) return path.resolve(file);
  throw new Error(`wksmock: ${from} is ${JSON.stringify(file)}, which is not an executable file. Set it to the path of the wksmock program.`);
}

function inPackage() {
  try {
    return require.resolve(`${packageName}/bin/wksmock`);
  } catch {
    return undefined;
  }
}

/** The program on PATH. A script is the command of a package such as this one, which would search again. */
function onPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, "wksmock")).find((file) => isProgram(file) && !isScript(file));
}

function isScript(file) {
  const begin = Buffer.alloc(2);
  const opened = openSync(file, "r");
  try {
    readSync(opened, begin);
  } finally {
    closeSync(opened);
  }
  return begin.toString("latin1") === "#!";
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function missing() {
  const supported = Object.keys(optionalDependencies).map((name) => name.replace("@wksmock/", ""));
  const platform = `${process.platform}-${process.arch}`;
  const own = "build the program from its source, and set WKSMOCK_BINARY to its path";
  if (!supported.includes(platform)) {
    return `wksmock: no program for ${platform}. There are packages for ${supported.join(", ")}; for this platform, ${own}.`;
  }
  return [
    `wksmock: no program for ${platform}: the optional package ${packageName} is not installed. Likely causes:`,
    "- The lock file or node_modules is from another platform: delete both, and run npm install.",
    "- Optional packages were left out (--no-optional, --omit=optional, or omit in .npmrc): run npm install --include=optional.",
    `Or ${own}.`,
  ].join("\n");
}

module.exports = { findBinary };
