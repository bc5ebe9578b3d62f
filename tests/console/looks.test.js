// Each view with content, at both widths and in both schemes: accessible, within its window, and as pictures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accessible, CONTRAST, fits, live, picture, PROJECT, serving, USER, user, viewing } from "./harness.js";

const LATER = { name: "maintenance", when: { time_ms: [3_600_000, 7_200_000] }, status: 503 };
const SCENARIO = {
  name: "a bad day",
  rules: [
    { name: "outage", when: { user: USER, calls: "1-2" }, status: 503, headers: { "Retry-After": "1" } },
    { name: "slow", when: { user: USER, calls: "3-" }, delay: { uniform_ms: [60, 160] } },
    { name: "done, but the answer is lost", when: { user: user("0002"), calls: "*/2" }, fault: "reset", phase: "after" },
    { name: "rare failure", when: { chance: 0.1 }, status: 500 },
    LATER,
  ],
  expect: [
    { name: "comes back", when: { user: USER }, calls: { min: 3 }, ends_with: 200 },
    { name: "stops after three", when: { user: user("0503") }, calls: { max: 3 } },
  ],
};

/** The work of a server after an hour of tests. */
async function filled(server) {
  await server.admin("PUT", "scenario", SCENARIO);
  await server.admin("POST", "overrides", { name: "the next two fail", when: { user: user("0404") }, next: 2, status: 500 });
  await server.admin("POST", "projects", { from: PROJECT, id: "clone-of-a-test" });
  for (let calls = 0; calls < 4; calls += 1) {
    for (const end of ["0001", "0503", "0404"]) await server.call(user(end), { query: "?notification_type=email" });
    await server.call(user("0002"), { query: "?notification_type=email,phone" });
    if (calls === 1) await server.admin("POST", "clock", { advance_ms: 45_000 });
  }
  await server.call("nobody-of-this-name");
  await server.admin("POST", "try", { operation: "KeystoneValidateToken", auth: "token" });
}

/** Waits until only the stream of events is open, and all data is drawn. */
function quietness(page) {
  const open = new Set();
  const end = (request) => open.delete(request);
  page.on("request", (request) => request.url().includes("/events") || open.add(request));
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  return async () => {
    for (let calm = 0; calm < 3; calm = open.size ? 0 : calm + 1) await page.evaluate(() => new Promise((drawn) => setTimeout(drawn, 120)));
  };
}

const VIEWS = {
  users: `users?user=${USER}&of=${PROJECT}`,
  scenario: "scenario",
  override: "scenario?tab=override",
  draft: `scenario?tab=edit&user=${USER}`,
  timeline: "timeline",
  coverage: "coverage?cell=ResetRandomPassword%20503&all=true",
  verdict: "verdict",
  outbox: "outbox?message=2",
  clock: "clock",
  clones: "clones",
  tokens: "tokens",
  health: "health",
  metrics: "metrics",
  reset: "reset",
};

test("views are accessible and fit their window", () => serving([], async (server) => {
  await filled(server);
  for (const [width, height] of [[360, 800], [1920, 1080]]) {
    for (const scheme of ["light", "dark"]) {
      await viewing(server, "#/health", async (page) => {
        const quiet = quietness(page);
        await live(page);
        for (const [name, address] of Object.entries(VIEWS)) {
          await page.goto(`${server.url}/__admin/#/${address}`);
          await page.locator(`nav [href="#/${address.split("?")[0]}"][aria-current=page]`).waitFor({ state: "attached" });
          await page.locator("main table, main dl, main form, main svg, main .points, main .tiles").first().waitFor();
          await quiet();
          const what = `${name} at ${width} px, ${scheme}`;
          await fits(page, what);
          await accessible(page, what, scheme === "dark" ? CONTRAST : undefined);
          await picture(page, `filled-${name}-${width}-${scheme}`, { fullPage: true });
          assert.deepEqual(await page.locator("main [role=alert]").allTextContents(), [], what);
        }
      }, { width, height, scheme });
    }
  }
}));

test("empty views show the next step", () => serving([], async (server) => {
  await viewing(server, "#/timeline", async (page) => {
    for (const [view, words] of Object.entries({
      timeline: "No calls yet.", outbox: "No messages yet.", tokens: "No tokens yet.",
      verdict: "No expectations yet.", coverage: "Start your program", clock: "No active rule or down window",
    })) {
      await page.goto(`${server.url}/__admin/#/${view}`);
      await page.getByText(words).waitFor();
      await accessible(page, view);
    }
  });
}));

test("a server's refusal is shown in place, with its hint", () => serving([], async (server) => {
  await viewing(server, "#/users?project=nowhere", async (page) => {
    await page.getByRole("alert").getByText(/nowhere/).waitFor();
    await page.goto(`${server.url}/__admin/#/coverage?project=nowhere`);
    await page.getByRole("alert").getByText(/nowhere/).waitFor();
    await page.goto(`${server.url}/__admin/#/scenario?tab=override&change=77`);
    await page.getByText("Override 77 is no longer active.").waitFor();
    await page.goto(`${server.url}/__admin/#/outbox?message=77`);
    await page.getByText("Message 77 is no longer kept.").waitFor();
  }, { allow: [/404/] });
}));
