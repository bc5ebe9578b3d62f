// Clock, clones, tokens, health, metrics and reset.

import assert from "node:assert/strict";
import { test } from "node:test";
import { live, PROJECT, serving, USER, viewing } from "./harness.js";

test("the clock is moved, also to the start of a rule", () => serving(["--clock", "manual"], async (server) => {
  await server.admin("PUT", "scenario", { rules: [{ name: "maintenance", when: { time_ms: [3_600_000, null] }, status: 503 }] });
  await viewing(server, "#/clock", async (page) => {
    await page.getByText("Stands still").waitFor();
    await page.getByRole("button", { name: "+ 10 s" }).click();
    await page.getByText("00:00:10.000").waitFor();
    await page.getByLabel("Milliseconds").fill("500");
    await page.getByRole("button", { name: "Move forward by this" }).click();
    await page.getByText("00:00:10.500").waitFor();
    await page.getByLabel("Milliseconds").fill("100");
    await page.getByRole("button", { name: "Set to this" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Move there, to 01:00:00.000" }).click();
    await page.getByText("No active rule or down window").waitFor();
    assert.equal((await server.call()).status, 503);
  }, { allow: [/409|422|400/] });
}));

test("a clone is made with its own scenario, and deleted after confirmation", () => serving([], async (server) => {
  await viewing(server, "#/clones", async (page) => {
    await live(page);
    await page.getByRole("region", { name: "Projects" }).getByText(PROJECT).waitFor();
    await page.getByRole("textbox", { name: /^Id/ }).fill("mine");
    await page.getByLabel("Own scenario").fill('{ "rules": [{ "name": "x", "status": 599 }] }');
    await page.getByRole("button", { name: "Create the clone" }).click();
    await page.getByRole("alert").getByText("599").waitFor();
    await page.getByLabel("Own scenario").fill('{ "rules": [{ "name": "x", "status": 503 }] }');
    await page.getByRole("button", { name: "Create the clone" }).click();
    const row = page.getByRole("region", { name: "Projects" }).locator("tr", { hasText: "mine" });
    await row.getByText("its own").waitFor();
    assert.equal((await server.call(USER, { project: "mine" })).status, 503);
    await row.getByRole("button", { name: "End" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "End the clone" }).click();
    await row.waitFor({ state: "detached" });
    assert.equal((await server.call(USER, { project: "mine" })).status, 404);
  }, { allow: [/422/] });
}));

test("an issued token is listed and revoked", () => serving([], async (server) => {
  await viewing(server, "#/tokens", async (page) => {
    await live(page);
    await page.getByText("No tokens yet.").waitFor();
    const answer = await server.admin("POST", "try", { operation: "KeystoneValidateToken", auth: "token" });
    assert.equal(answer.answer.status, 200);
    const rows = page.getByRole("region", { name: "Tokens" }).locator("tbody tr");
    await rows.first().waitFor();
    await rows.first().getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
}));

test("health shows retained data, metrics show counts", () => serving([], async (server) => {
  await viewing(server, "#/health", async (page) => {
    await live(page);
    await page.getByText("The loaded files are active.").waitFor();
    await page.locator("dt:has-text('API') + dd").first().getByText("http://127.0.0.1:").waitFor();
    for (let calls = 0; calls < 3; calls += 1) await server.call();
    await page.locator("dt:has-text('Journal entries') + dd", { hasText: "3" }).waitFor();
    await page.getByRole("link", { name: "Metrics" }).last().click();
    await page.getByRole("region", { name: "Requests" }).locator("tr", { hasText: "status=200" }).getByRole("cell", { name: "3" }).waitFor();
    await page.locator("summary").click();
    await page.getByLabel("Filter").fill("bucket");
    await page.getByRole("region", { name: "All metrics" }).locator("tbody tr").first().waitFor();
    assert.equal(await page.getByRole("region", { name: "All metrics" }).getByText("connections_open").count(), 0);
  });
}));

test("one project or everything is reset after confirmation", () => serving([], async (server) => {
  await server.admin("POST", "projects", { from: PROJECT, id: "mine" });
  await server.call();
  await server.call(USER, { project: "mine" });
  const of = async (project) => (await server.admin("GET", `users?project=${project}&search=${USER}`)).users[0].calls;
  const calls = async () => [await of("mine"), await of(PROJECT)];
  await viewing(server, "#/reset?project=mine", async (page) => {
    await page.getByRole("button", { name: "Reset this project" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.deepEqual(await calls(), [1, 1]);
    await page.getByRole("button", { name: "Reset this project" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
    await page.getByText("Reset: mine.").waitFor();
    assert.deepEqual(await calls(), [0, 1]);
    await page.goto(`${server.url}/__admin/#/reset`);
    await page.getByRole("button", { name: "Reset everything" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
    await page.getByText("Reset: everything.").waitFor();
    assert.deepEqual(await calls(), [0, 0]);
  });
}));
