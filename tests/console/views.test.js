// Try and the journal at both widths and in both colours: they fit, axe finds nothing serious, and a picture is kept for review
// below target/console-screenshots. The other views are in looks.test.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, CONTRAST, fits, live, picture, serving, settled, viewing } from "./harness.js";
import { busy } from "./busy.js";

const VIEWS = [
  ["try", "try", async (page) => {
    await page.getByRole("button", { name: "Reset the password" }).click();
    await page.locator(".password").waitFor();
  }],
  ["try-body", "try?operation=CreateDesktopUser"],
  ["journal", "journal"],
  ["journal-entry", "journal?row=6", (page) => page.getByRole("button", { name: "What comes next" }).click()],
];
const SIZES = [[360, 800], [1920, 1080]];

for (const [width, height] of SIZES) {
  for (const scheme of ["light", "dark"]) {
    test(`Try and the journal fit ${width} px and can be read, ${scheme}`, () => serving([], async (server) => {
      await busy(server);
      const wrong = [];
      for (const [name, address, prepare] of VIEWS) {
        const what = `${name}-${width}-${scheme}`;
        await viewing(server, `#/${address}`, async (page) => {
          await live(page);
          await prepare?.(page);
          await settled(page);
          await picture(page, what, { fullPage: true });
          await fits(page, what);
          await accessible(page, what, scheme === "dark" ? CONTRAST : undefined);
        }, { width, height, scheme }).catch((error) => wrong.push(`${what}: ${error.message}`));
      }
      assert.deepEqual(wrong, []);
    }));
  }
}
