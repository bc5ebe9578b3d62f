#!/usr/bin/env node
"use strict";

// Runs the program in place of this script: with its arguments, signals and exit code.

const { spawn } = require("node:child_process");
const { findBinary } = require("../lib/binary.js");

/** How often the parent is looked for. */
const PARENT_LOOK_MS = 200;

function main(args) {
  let binary;
  try {
    binary = findBinary();
  } catch (error) {
    return failed(error.message);
  }
  const env = { ...process.env };
  // When this script is killed, the server ends too.
  if (args[0] === "serve") env.WKSMOCK_EXIT_WITH_PARENT ??= "true";
  const program = spawn(binary, args, { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    process.on(signal, () => {
      if (!isFromTerminal(signal)) program.kill(signal);
    });
  }
  if (process.env.npm_command) followParent(() => program.kill("SIGTERM"));
  program.on("error", (error) => failed(`wksmock: ${binary} does not start: ${error.message}`));
  program.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Calls `end` when the parent has ended: a signal ends npx and its shell, but does not reach what they have started. */
function followParent(end) {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    end();
  }, PARENT_LOOK_MS);
  look.unref();
}

/** Whether a signal is probably from a terminal, which sends it to the program too. A second signal would end it at once. */
function isFromTerminal(signal) {
  return signal !== "SIGTERM" && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
}

function failed(message) {
  process.stderr.write(`${message}\n`);
  // The code of shells for a command that was not found.
  process.exitCode = 127;
}

main(process.argv.slice(2));
