// Timeline, coverage, verdict and outbox: the results of calls, as they arrive.

import assert from "node:assert/strict";
import { test } from "node:test";
import { live, PROJECT, serving, USER, user, viewing } from "./harness.js";

const marks = (page) => page.locator(".tl-mark");
const FLAKY = {
  rules: [
    { name: "outage", when: { user: USER, calls: "1-2" }, status: 503 },
    { name: "slow", when: { user: USER, calls: "3" }, delay: { fixed_ms: 150 } },
    { name: "lost", when: { user: user("0002") }, fault: "reset", phase: "after" },
  ],
};

test("lanes show calls with retries, delays and gaps, linked to the journal", () => serving([], async (server) => {
  await server.admin("PUT", "scenario", FLAKY);
  for (let calls = 0; calls < 3; calls += 1) {
    await server.call();
    // Far enough from each other for separate marks, even on a busy machine.
    await server.admin("POST", "clock", { advance_ms: 200 });
  }
  await server.admin("POST", "clock", { advance_ms: 60_000 });
  await server.call(user("0002"), { query: "?notification_type=email" });
  await server.call("nobody");
  await viewing(server, "#/timeline", async (page) => {
    await live(page);
    await page.getByRole("group", { name: `${USER}, 3 calls` }).waitFor();
    assert.equal(await page.locator(".tl-retries").count(), 1);
    await page.locator(".tl-retries title").filter({ hasText: "3 tries" }).waitFor({ state: "attached" });
    assert.ok(await page.locator(".tl-held").count(), "the delay is a bar");
    await page.locator(".tl-pause text").filter({ hasText: /min|59|60/ }).first().waitFor();
    const lost = page.getByRole("link", { name: /reset, the password was reset anyway/ });
    await lost.waitFor();
    assert.equal(await lost.locator(".tl-lost").count(), 1);
    assert.equal(await page.locator(".tl-mark .tl-refused").count(), 1);

    // A further call appears without a reload.
    await server.call(user("0503"));
    await page.getByRole("group", { name: `${user("0503")}, 1 calls` }).waitFor();

    // Tab leads to one mark, arrows to the others.
    await marks(page).first().focus();
    assert.equal(await page.locator(".tl-mark[tabindex='0']").count(), 1);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Journal", level: 1 }).waitFor();
    assert.match(page.url(), /#\/journal\?row=3/);
  });
}));

test("many calls become numbered marks in a bounded window", () => serving([], async (server) => {
  for (let batch = 0; batch < 12; batch += 1) await Promise.all(Array.from({ length: 50 }, () => server.call()));
  await viewing(server, "#/timeline?calls=200", async (page) => {
    await page.getByText("200 calls in 1 lane").waitFor();
    await page.getByText("Older calls are omitted").waitFor();
    assert.ok(await marks(page).count() < 200);
    await marks(page).filter({ hasText: "×" }).first().waitFor();
    await page.getByLabel("Newest calls").selectOption("1000");
    await page.getByText("600 calls in 1 lane").waitFor();
    const { requests: [first] } = await server.admin("GET", "requests?limit=1");
    await page.getByLabel("To (ms)").fill(String(first.at_ms));
    await page.getByText(/^\s*\d+ calls? in 1 lane/).waitFor();
    await page.getByRole("button", { name: "Show everything" }).first().click();
    await page.getByText("500 calls in 1 lane").waitFor();
  });
}));

test("lanes show the chosen users", () => serving([], async (server) => {
  for (const end of ["0001", "0503", "0404"]) await server.call(user(end));
  await viewing(server, "#/timeline", async (page) => {
    await page.getByText("3 calls in 3 lanes").waitFor();
    await page.getByRole("combobox", { name: "Users" }).fill("0503");
    await page.getByRole("option", { name: user("0503") }).click();
    await page.getByText("1 call in 1 lane").waitFor();
    assert.match(page.url(), new RegExp(`user=${user("0503")}`));
    await page.getByRole("button", { name: `Remove ${user("0503")}` }).click();
    await page.getByText("3 calls in 3 lanes").waitFor();
  });
}));

test("coverage is a matrix of met, lost and never, without the console's calls", () => serving([], async (server) => {
  await server.admin("PUT", "scenario", FLAKY);
  await viewing(server, "#/coverage", async (page) => {
    await live(page);
    await page.getByText("0 of 8 documented statuses met.").waitFor();
    await server.admin("POST", "try", { operation: "ResetRandomPassword", project: PROJECT, user: user("0404") });
    for (let calls = 0; calls < 3; calls += 1) await server.call();
    await server.call(user("0002"), { query: "?notification_type=email" });
    await page.getByText("2 of 8 documented statuses met.").waitFor();
    await page.getByRole("button", { name: "ResetRandomPassword 200: met, 1 times, 1 lost" }).waitFor();
    await page.getByRole("button", { name: "ResetRandomPassword 404: never met" }).waitFor();
    await page.getByLabel("with the console's calls").check();
    await page.getByRole("button", { name: "ResetRandomPassword 404: met, 1 times" }).click();
    await page.getByRole("link", { name: user("0404") }).waitFor();
    await page.getByRole("button", { name: "ResetRandomPassword 401: never met" }).click();
    await page.getByRole("link", { name: "make the next call get it" }).click();
    await page.getByRole("heading", { name: "New override" }).waitFor();
    await page.getByRole("button", { name: "Activate" }).click();
    await page.getByRole("heading", { name: /active rule/ }).waitFor();
    assert.equal((await server.call()).status, 401);
  });
}));

test("expectations are judged again as calls arrive", () => serving([], async (server) => {
  await server.admin("PUT", "scenario", { ...FLAKY, expect: [{ name: "comes back", when: { user: USER }, calls: { min: 3 }, ends_with: 200 }] });
  await viewing(server, "#/verdict", async (page) => {
    await live(page);
    await page.getByText("Failed: 0 of 1 expectation held.").waitFor();
    await server.call();
    await page.getByText("Nearest miss").waitFor();
    await page.getByText("1 call seen").waitFor();
    await fetch(`${server.url}/nowhere`);
    await page.getByText("1 request rejected").waitFor();
    await page.getByRole("region", { name: "Rules that never struck" }).getByText("slow").waitFor();
    await server.call();
    await server.call();
    await page.getByText("Passed: 1 of 1 expectation held.").waitFor();
    await page.getByText("✓ held").waitFor();
  });
}));

test("the console's calls are judged if enabled", () => serving([], async (server) => {
  await server.admin("PUT", "scenario", { expect: [{ name: "calls", when: { user: USER }, calls: { min: 1 } }] });
  await server.admin("POST", "try", { operation: "ResetRandomPassword", project: PROJECT, user: USER });
  await viewing(server, "#/verdict", async (page) => {
    await page.getByText("Failed: 0 of 1").waitFor();
    await page.getByLabel("with the console's calls").check();
    await page.getByText("Passed: 1 of 1").waitFor();
    assert.match(page.url(), /console=true/);
  });
}));

test("messages are listed as sent, newest first, and open beside the list", () => serving([], async (server) => {
  await server.admin("PUT", "scenario", { rules: [{ name: "lost mail", when: { operation: "notification.email", calls: "2" }, status: 500 }] });
  await viewing(server, "#/outbox", async (page) => {
    await live(page);
    await page.getByText("No messages yet.").waitFor();
    await server.call(USER, { query: "?notification_type=email,phone" });
    await server.call(USER, { query: "?notification_type=email" });
    const rows = page.getByRole("region", { name: "Messages" }).locator("tbody tr");
    await rows.nth(2).waitFor();
    await rows.first().getByText("failed").waitFor();
    await rows.first().getByRole("button").click();
    const detail = page.locator(".detail");
    await detail.getByText("Message 3").waitFor();
    await detail.getByText("The password of desktop user api-test was reset").waitFor();
    await page.getByLabel("Type").selectOption("phone");
    await rows.nth(1).waitFor({ state: "detached" });
    assert.equal(await rows.count(), 1);
    await detail.getByText("Message 3").waitFor();
    await detail.getByRole("link", { name: /journal entry 2/ }).click();
    assert.match(page.url(), /#\/journal\?row=2/);
  });
}));

test("a rule met only by the console's calls is marked", () => serving([], async (server) => {
  await server.admin("POST", "overrides", { name: "mine", status: 503 });
  await server.admin("POST", "try", { operation: "ResetRandomPassword", project: PROJECT, user: USER });
  await viewing(server, "#/verdict", async (page) => {
    const row = page.getByRole("region", { name: "Rules that never struck" }).locator("tr", { hasText: "mine" });
    await row.getByText("No client call matched it (calls from this page do not count).").waitFor();
  });
}));

test("tables are cards on a narrow page, and a long timeline begins with the newest", () => serving([], async (server) => {
  await server.admin("POST", "overrides", { name: "mine", when: { user: USER }, status: 503 });
  for (let calls = 0; calls < 4; calls += 1) {
    await server.call();
    await server.admin("POST", "clock", { advance_ms: calls % 2 ? 3_600_000 : 1000 });
  }
  await viewing(server, "#/scenario", async (page) => {
    await live(page);
    const hidden = (name) => page.getByRole("region", { name, exact: true }).evaluate((table) => table.scrollWidth - table.clientWidth);
    await page.getByRole("cell").getByRole("button", { name: "Remove" }).waitFor();
    assert.equal(await hidden("Active rules"), 0);
    await page.goto(`${server.url}/__admin/#/users`);
    await page.getByRole("button", { name: "api-test", exact: true }).waitFor();
    assert.equal(await hidden("Users"), 0);
    await page.goto(`${server.url}/__admin/#/timeline`);
    await page.waitForFunction(() => {
      const scroll = document.querySelector(".tl-scroll:has(svg)");
      return scroll && scroll.scrollWidth > scroll.clientWidth && scroll.scrollLeft + scroll.clientWidth >= scroll.scrollWidth - 2;
    });
    await page.goto(`${server.url}/__admin/#/coverage?all=true`);
    await page.getByText("Scroll the table sideways").waitFor();
  }, { width: 360 });
  await viewing(server, "#/scenario", async (page) => {
    const end = page.getByRole("cell").getByRole("button", { name: "Remove" });
    const table = await page.getByRole("region", { name: "Active rules", exact: true }).boundingBox();
    const button = await end.boundingBox();
    assert.ok(button.x + button.width <= table.x + table.width, "the button is whole");
  });
}));
