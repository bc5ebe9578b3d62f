// The JavaScript in the README does what the README says.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { password, serving, user } from "./server.js";

test("the SDK example prints the password", () =>
  serving(["--auth", "required"], async (url) => {
    const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
    const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
    assert.equal(blocks.length, 1);
    // Beside the packages that it imports.
    const folder = await mkdtemp(fileURLToPath(new URL("./node_modules/readme-", import.meta.url)));
    try {
      const file = join(folder, "example.mjs");
      await writeFile(file, blocks[0].replace("http://127.0.0.1:7070", url));
      const { stdout } = await promisify(execFile)(process.execPath, [file]);
      assert.equal(stdout.trim(), password(user, 1));
    } finally {
      await rm(folder, { recursive: true });
    }
  }));
