// Users: found on the server, and changed through the emulated API.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { live, PROJECT, serving, USER, user, viewing } from "./harness.js";

const HOSTILE = "<img src=x onerror=alert(1)>";
const LONG = "密".repeat(255);

/** Writes a users file with these users and this many generated ones. */
function file(users, count) {
  const path = join(mkdtempSync(join(tmpdir(), "wksmock-console-")), "users.json");
  writeFileSync(path, JSON.stringify({ projects: [{ id: "p1", users, generate: { count, id_prefix: "load" } }] }));
  return path;
}

const rows = (page) => page.getByRole("region", { name: "Users" }).locator("tbody tr");
const open = (page, name) => page.getByRole("button", { name, exact: true }).click();
const detail = (page) => page.locator(".detail");

test("a user is reset, locked, unlocked and deleted by calls that are journalled", () => serving([], async (server) => {
  await viewing(server, "#/users", async (page) => {
    await live(page);
    await open(page, "api-test");
    assert.match(page.url(), new RegExp(`user=${USER}&of=${PROJECT}`));
    await detail(page).getByRole("button", { name: "Show" }).click();
    await detail(page).getByText("Not set yet").waitFor();
    await detail(page).getByRole("button", { name: "Hide" }).click();
    await detail(page).getByRole("button", { name: "Reset password" }).click();
    await page.getByText("ResetRandomPassword: 200").waitFor();
    await detail(page).getByText("1 call, password of call 1").waitFor();
    const { current } = await server.admin("GET", `passwords/${PROJECT}/${USER}`);
    assert.equal(await page.getByText(current.password).count(), 0, "not before somebody asks for it");
    await detail(page).getByRole("button", { name: "Show" }).click();
    await detail(page).getByText(current.password).waitFor();

    await detail(page).getByRole("button", { name: "Lock" }).click();
    await page.getByText("ChangeUserStatus: 204").waitFor();
    await detail(page).getByText("locked").waitFor();
    await rows(page).first().getByText("changed").waitFor();
    await detail(page).getByRole("button", { name: "Unlock" }).click();
    await detail(page).getByRole("button", { name: "Lock", exact: true }).waitFor();

    await detail(page).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.equal((await server.admin("GET", `users?search=${USER}`)).users.length, 1, "not without a yes");
    await detail(page).getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText(`User ${USER} was not found`).waitFor();
    const { requests } = await server.admin("GET", "requests");
    assert.deepEqual(requests.map(({ operation, by }) => `${operation} ${by}`), ["ResetRandomPassword console",
      "ChangeUserStatus console", "ChangeUserStatus console", "DeleteUser console"]);
  });
}));

test("a user is created, and an invalid one is refused with the reason", () => serving([], async (server) => {
  await viewing(server, "#/users", async (page) => {
    await page.getByRole("button", { name: "Create a user" }).click();
    await page.getByLabel("User name").fill("carol");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("CreateDesktopUser: 400").waitFor();
    await page.getByText("WKS.").first().waitFor();
    await page.getByLabel("User email").fill("carol@example.com");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await detail(page).getByText("created").waitFor();
    await detail(page).getByRole("link", { name: "email to carol@example.com" }).click();
    await page.getByText("Desktop user carol was created").waitFor();
    assert.match(page.url(), /#\/outbox\?.*message=1/);
  });
}));

test("a rule applies to calls from this view, and its fault is shown", () => serving([], async (server) => {
  await server.admin("POST", "overrides", { when: { user: USER }, fault: "reset" });
  await viewing(server, `#/users?user=${USER}&of=${PROJECT}`, async (page) => {
    await detail(page).getByRole("button", { name: "Reset password" }).click();
    await page.getByText("The connection was reset.").waitFor();
    await page.getByRole("link", { name: "Journal entry 1" }).click();
    await page.getByRole("heading", { name: "Journal", level: 1 }).waitFor();
    assert.match(page.url(), /row=1/);
  });
}));

test("ten thousand users are searched and paged on the server", () => serving(["--users", file([], 10_000)], async (server) => {
  await viewing(server, "#/users", async (page) => {
    await rows(page).nth(49).waitFor();
    assert.equal(await rows(page).count(), 50);
    const first = await rows(page).first().textContent();
    await page.getByRole("button", { name: "Next" }).click();
    await page.waitForFunction((first) => document.querySelector("tbody tr").textContent !== first, first);
    await page.getByRole("button", { name: "Previous" }).click();
    await page.waitForFunction((first) => document.querySelector("tbody tr").textContent === first, first);
    await page.getByLabel("Search").fill("load009999");
    await rows(page).getByText("load009999").first().waitFor();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    assert.match(page.url(), /search=load009999/);
    await page.getByLabel("Search").fill("nobody at all");
    await page.getByText("No user matches. Clear a filter.").waitFor();
    await page.reload();
    assert.equal(await page.getByLabel("Search").inputValue(), "nobody at all", "the address has it");
  });
}));

test("users are listed by state, as it changes", () => serving([], async (server) => {
  await viewing(server, "#/users?state=changed", async (page) => {
    await live(page);
    await page.getByText("No user matches.").waitFor();
    await fetch(`${server.url}/v2/${PROJECT}/users/${user("0002")}/actions`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: '{"op_type":"LOCK"}',
    });
    await rows(page).getByText("api-test2").waitFor();
    assert.equal(await rows(page).count(), 1);
  });
}));

test("hostile names and ids are shown as text", () => serving(["--users", file([
  { id: HOSTILE, user_name: "<b>bold</b>", description: HOSTILE }, { id: LONG, user_name: "long" },
], 1)], async (server) => {
  await viewing(server, "#/users", async (page) => {
    await open(page, "<b>bold</b>");
    await detail(page).getByText(HOSTILE).first().waitFor();
    await detail(page).getByRole("button", { name: "Reset password" }).click();
    await detail(page).getByText("1 call, password of call 1").waitFor();
    await open(page, "long");
    await detail(page).getByText(LONG).first().waitFor();
    await detail(page).getByRole("button", { name: "Reset password" }).click();
    await detail(page).getByText("1 call, password of call 1").waitFor();
    for (const view of ["timeline", "outbox", "coverage?console=true", "verdict?console=true", `scenario?tab=edit&user=${encodeURIComponent(HOSTILE)}`]) {
      await page.goto(`${server.url}/__admin/#/${view}`);
      await page.getByRole("heading", { level: 1, name: new RegExp(view.match(/^\w+/)[0], "i") }).waitFor();
    }
    assert.equal(await page.locator("main img, main b").count(), 0);
  });
}));
