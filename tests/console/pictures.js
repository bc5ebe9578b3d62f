// Makes the pictures of the documentation: a tried request, and a journal entry with its possible actions.

import { fileURLToPath } from "node:url";
import { busy } from "./busy.js";
import { browser, live, serving, viewing } from "./harness.js";

const images = fileURLToPath(new URL("../../docs/images", import.meta.url));
const SIZE = { width: 1280, height: 800 };

await serving([], async (server) => {
  await viewing(server, "#/try", async (page) => {
    await live(page);
    await page.getByRole("button", { name: "Reset the password" }).click();
    await page.locator(".password").waitFor();
    await page.getByRole("button", { name: "Fail the next 2 with 503" }).click();
    await page.getByText("2 left").waitFor();
    await page.getByRole("tab", { name: "Java", exact: true }).click();
    await page.screenshot({ path: `${images}/console-try.png`, animations: "disabled" });
  }, SIZE);
});

await serving([], async (server) => {
  await busy(server);
  await viewing(server, "#/journal?row=1", async (page) => {
    await live(page);
    await page.locator(".entry").getByText("outage").first().waitFor();
    await page.getByRole("button", { name: "What comes next" }).click();
    await page.locator(".calls > li").first().locator("summary").click();
    await page.screenshot({ path: `${images}/console-journal.png`, animations: "disabled" });
  }, SIZE);
});

await (await browser()).close();
