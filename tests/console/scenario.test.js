// Scenario: active rules, overrides by form and as JSON, and the editor of a scenario.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { live, PROJECT, serving, USER, user, viewing } from "./harness.js";

const rule = (page, name) => page.getByRole("region", { name: "Active rules" }).locator("tr", { hasText: name });
const json = (page) => page.getByLabel("The rule as JSON");
/** The input of a field; its label also has a hint. */
const field = (scope, name) => scope.locator(`.field:has(.label:text-is("${name}"))`).locator("input, select, textarea").first();
const editor = (page) => page.getByLabel("Scenario", { exact: true });

test("rules are listed in order, with live strike counts", () => serving(["--fault", `${user("0002")}=500`], async (server) => {
  await server.admin("POST", "overrides", { name: "mine", when: { user: USER, calls: "1-2" }, status: 503 });
  await viewing(server, "#/scenario", async (page) => {
    await live(page);
    await rule(page, "magic 503").waitFor();
    const names = await page.getByRole("region", { name: "Active rules" }).locator("tbody tr td:nth-child(2)").allTextContents();
    assert.equal(names[0], "mine");
    assert.match(names[1], /0002=500/);
    assert.equal(names.at(-1), "magic 503");
    await rule(page, "mine").getByText("user …6caf0001, calls 1-2").waitFor();
    await server.call();
    await rule(page, "mine").getByRole("cell", { name: "1", exact: true }).nth(1).waitFor();
    await page.getByRole("button", { name: "mine" }).click();
    await page.getByText('"status": 503').waitFor();
    await page.getByRole("link", { name: "Matched calls" }).click();
    assert.match(page.url(), /#\/journal\?rule=mine/);
  });
}));

test("an override is made by the form, changed in its place, and removed", () => serving([], async (server) => {
  await server.admin("POST", "overrides", { name: "older", when: { calls: "9" }, status: 500 });
  await viewing(server, "#/scenario?tab=override", async (page) => {
    const form = page.locator("form");
    await form.getByRole("combobox", { name: "User" }).fill(USER);
    await page.getByRole("option", { name: USER }).click();
    await field(form, "Calls").fill("1-3");
    await field(form, "Status").selectOption("");
    await field(form, "Fault").selectOption("dribble");
    await field(form, "Chunks").fill("4");
    await field(form, "Over (ms)").fill("120");
    await field(form, "Delay").selectOption("lognormal");
    await field(form, "Median (ms)").fill("20");
    await field(form, "Sigma").fill("0.5");
    await field(form, "Max (ms)").fill("200");
    await form.getByText("More about the answer").click();
    const expected = {
      when: { user: USER, calls: "1-3" }, delay: { lognormal: { median_ms: 20, sigma: 0.5, max_ms: 200 } },
      fault: { dribble: { chunks: 4, over_ms: 120 } },
    };
    assert.deepEqual(JSON.parse(await json(page).inputValue()), expected);
    await form.getByRole("button", { name: "Activate" }).click();
    await rule(page, "override 2").waitFor();
    const first = await server.admin("GET", "overrides");
    assert.deepEqual(first.overrides[0].rule, expected);

    // Written as JSON, the form follows; the override that is changed stays behind the newer one.
    await rule(page, "older").getByRole("link", { name: "Change older" }).click();
    await page.getByRole("heading", { name: "Change override 1" }).waitFor();
    await json(page).fill('{ "name": "older", "when": { "chance": 0.25, "header": { "X-A": "b" } }, "sequence": [503, 200], "then": "last" }');
    await form.getByText("More conditions").click();
    assert.equal(await field(form, "Chance").inputValue(), "0.25");
    assert.equal(await field(form, "Header").inputValue(), "X-A: b");
    assert.equal(await field(form, "Sequence").inputValue(), "503, 200");
    await page.getByRole("list", { name: "Problems" }).getByText("chance").first().waitFor();
    await json(page).fill('{ "name": "older", "sequence": [503, 200], "then": "last" }');
    await form.getByRole("button", { name: "Change the override" }).click();
    await rule(page, "older").getByText("503, 200, then last").waitFor();
    const second = await server.admin("GET", "overrides");
    assert.deepEqual(second.overrides.map(({ id }) => id), [2, 1]);

    await rule(page, "override 2").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await rule(page, "override 2").waitFor({ state: "detached" });
    assert.equal((await server.admin("GET", "overrides")).overrides.length, 1);
  });
}));

test("an override's errors appear beside its fields, the server's too", () => serving([], async (server) => {
  await viewing(server, "#/scenario?tab=override", async (page) => {
    await field(page, "Calls").fill("0-x");
    await page.locator(".field.wrong", { hasText: "Calls" }).waitFor();
    await json(page).fill('{\n  "status": 503,\n  oops\n}');
    await page.getByRole("list", { name: "Problems" }).getByRole("button", { name: /^3:/ }).waitFor();
    await page.locator(".gutter .bad", { hasText: "3" }).waitFor();
    await json(page).fill('{ "status": 599 }');
    await page.getByRole("button", { name: "Activate" }).click();
    await page.getByRole("alert").getByText("599").first().waitFor();
    assert.equal((await server.admin("GET", "overrides")).overrides.length, 0);
  }, { allow: [/422/] });
}));

test("a scenario is checked while typing, planned, activated and removed", () => serving([], async (server) => {
  await viewing(server, `#/scenario?tab=edit&user=${USER}`, async (page) => {
    await live(page);
    await page.getByText("✓ Valid:").waitFor();
    await editor(page).fill('{\n  "rules": [\n    { "name": "a", "status": 503 },\n    { "name": "b", "status": 777 }\n  ]\n}\n');
    const place = page.getByRole("list", { name: "Problems" }).getByRole("button", { name: /^4:/ });
    await place.waitFor();
    assert.equal(await page.getByRole("button", { name: "Activate" }).isDisabled(), true);
    await place.click();
    const selected = await editor(page).evaluate((area) => area.value.slice(0, area.selectionStart).split("\n").length);
    assert.equal(selected, 4);
    await editor(page).fill('{ "rules": [{ "name": "a", "when": { "chance": 0.5, "calls": "1-4" }, "status": 503 }] }');
    await page.getByText("✓ Valid:").waitFor();
    await page.getByRole("list", { name: "Effective rates" }).getByText("50 %").waitFor();
    const plan = page.getByRole("region", { name: "The next calls" });
    await plan.getByText("changes").first().waitFor();
    await page.getByRole("button", { name: "Activate" }).click();
    await page.getByText("Active: ").waitFor();
    await plan.getByText("changes").first().waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await page.getByText("The previous scenario was restored.").waitFor();
    await plan.getByText("changes").first().waitFor();
  });
}));

test("the active rules are downloaded as an equivalent file", () => serving(["--fault", `${USER}=503:1-2`], async (server) => {
  const plan = async () => (await server.admin("GET", `explain?project=${PROJECT}&user=${USER}&next=5`)).calls.map(({ outcome }) => outcome.status);
  const before = await plan();
  await server.admin("POST", "overrides", { when: { user: USER, calls: "4" }, status: 500 });
  await viewing(server, "#/scenario", async (page) => {
    const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the active rules" }).click()]);
    assert.match(saved.suggestedFilename(), /\.json$/);
    const text = readFileSync(await saved.path(), "utf8");
    await server.admin("DELETE", "overrides");
    assert.deepEqual(await plan(), before);
    await page.goto(`${server.url}/__admin/#/scenario?tab=edit`);
    await editor(page).fill(text);
    await page.getByRole("button", { name: "Activate" }).click();
    await page.getByText("Active: ").waitFor();
    assert.deepEqual(await plan(), [503, 503, 200, 500, 200]);
  });
}));
