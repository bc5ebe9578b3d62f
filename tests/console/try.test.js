// Try: the request, the response to the byte, and the faults that a click sets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PROJECT, USER, live, serving, user, viewing } from "./harness.js";

const send = (page) => page.getByRole("button", { name: "Reset the password" }).click();
const bytes = (page, side = "Answer") => page.getByRole("region", { name: side, exact: true }).textContent();

/** Waits for the answer to the next request. */
async function sent(page) {
  const answered = page.waitForResponse((response) => response.url().endsWith("/__admin/try"));
  await send(page);
  const result = await (await answered).json();
  await page.locator(".result").waitFor();
  return result;
}

test("one click resets a password", () => serving([], async (server) => {
  await viewing(server, "", async (page) => {
    await page.waitForFunction((user) => document.querySelector("[role=combobox] ~ *") && [...document.querySelectorAll("input")]
      .some((input) => input.value === user), USER);
    const { index } = await sent(page);
    const shown = await page.locator(".password code").textContent();
    const { current } = await server.admin("GET", `passwords/${PROJECT}/${USER}`);
    assert.deepEqual(current, { call: 1, password: shown });
    assert.match(await bytes(page), new RegExp(`^HTTP/1\\.1 200 OK\\r\\n.*"password":`, "s"));
    await page.getByRole("link", { name: `Journal entry ${index}` }).click();
    await page.getByRole("heading", { name: `Entry ${index}` }).waitFor();
    await page.getByRole("button", { name: "Show the current password" }).click();
    await page.getByText(`${shown} (from call 1)`).waitFor();
  });
}));

test("each kind of authentication is sent and shown", () => serving(["--auth", "required"], async (server) => {
  await viewing(server, "#/try", async (page) => {
    await live(page);
    for (const [auth, status, head] of [
      ["signature", 200, /^Authorization: SDK-HMAC-SHA256/im],
      ["token", 200, /^X-Auth-Token: /im],
      ["temporary", 200, /^X-Security-Token: /im],
      ["none", 401, null],
      ["wrong", 401, /^Authorization: /im],
    ]) {
      await page.getByLabel("Authentication", { exact: true }).selectOption(auth);
      const { answer } = await sent(page);
      assert.match(answer.head, new RegExp(`^HTTP/1\\.1 ${status} `), auth);
      await page.locator(".result .badge").getByText(String(status), { exact: true }).waitFor();
      await page.getByRole("tab", { name: "Request bytes" }).click();
      const request = await bytes(page, "Request");
      if (head) assert.match(request, head);
      else assert.doesNotMatch(request, /^(Authorization|X-Auth-Token):/im);
      await page.getByRole("tab", { name: "Answer bytes" }).click();
    }
    // The request is in the address.
    await page.waitForURL(/auth=wrong/);
  });
}));

test("a reset, a broken chunk and binary bytes are shown as such", () => serving([
  "--fault", `${user("0001")}=reset`, "--fault", `${user("0002")}=malformed_chunk`, "--fault", `${user("0400")}=random_data`,
], async (server) => {
  await viewing(server, `#/try?project=${PROJECT}&user=${user("0001")}`, async (page) => {
    await live(page);
    assert.equal((await sent(page)).ended, "reset");
    await page.getByText("Connection reset").waitFor();
    await page.getByText("No bytes arrived.").waitFor();
    const choose = async (id) => {
      await page.getByRole("combobox", { name: "User" }).fill(id);
      await page.getByRole("option", { name: id }).click();
    };
    await choose(user("0002"));
    await page.getByLabel("notification_type").selectOption("email");
    const { answer } = await sent(page);
    assert.match(answer.head, /^transfer-encoding: chunked/im);
    const shown = await bytes(page);
    const raw = Buffer.from(answer.body, answer.base64 ? "base64" : "utf8");
    assert.ok(shown.includes(raw.toString().trim().split("\r\n")[0]), shown);
    await page.getByRole("button", { name: "Hex" }).click();
    assert.ok((await bytes(page)).includes([...raw.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")));
    await choose(user("0400"));
    assert.equal((await sent(page)).ended, "closed");
    await page.getByText("Closed early").waitFor();
  });
}));

test("two clicks make the service flap", () => serving([], async (server) => {
  await viewing(server, `#/try?project=${PROJECT}&user=${USER}`, async (page) => {
    await live(page);
    await page.getByRole("button", { name: "Fail the next 2 with 503" }).click();
    await page.getByRole("list", { name: "Active overrides" }).getByText("2 left").waitFor();
    const met = [];
    const armed = page.getByRole("list", { name: "Active overrides" });
    await armed.getByText("503 for the next 2 calls of api-test").waitFor();
    for (const left of ["1 left", "used up", "used up"]) {
      met.push((await sent(page)).answer.head.slice(9, 12));
      await armed.getByText(left).waitFor();
    }
    assert.equal(await page.locator("dd", { hasText: "by rule" }).count(), 0, "the last was the API's own");
    assert.deepEqual(met, ["503", "503", "200"]);
    assert.equal((await server.call(user("0002"), { query: "?notification_type=email" })).status, 200, "of others nothing changed");
    await page.getByRole("button", { name: "Lose the next answer" }).click();
    await armed.getByText("fault reset after the password was reset (phase after) for the next call of").waitFor();
    await page.getByRole("button", { name: "Remove override 1" }).click();
    await armed.getByText("503").waitFor({ state: "detached" });
    assert.equal((await sent(page)).ended, "reset");
    assert.equal((await server.admin("GET", `passwords/${PROJECT}/${USER}`)).current.call, 4, "the password was reset");
    await page.getByLabel("for all users").check();
    await page.getByRole("button", { name: "Fail every other call" }).click();
    await page.getByText("503 for every other call of all users").waitFor();
    await page.getByRole("button", { name: "Clear all" }).click();
    await armed.waitFor({ state: "detached" });
    assert.deepEqual((await server.admin("GET", "overrides")).overrides, []);
  });
}));

test("the link to this view selects the first user again", () => serving([], async (server) => {
  await viewing(server, `#/try?project=${PROJECT}&user=${user("0002")}`, async (page) => {
    await live(page);
    const input = page.getByRole("combobox", { name: "User" });
    const chosen = (id) => page.waitForFunction((id) => [...document.querySelectorAll("input")].some(({ value }) => value === id), id);
    await chosen(user("0002"));
    await page.getByRole("link", { name: "Try", exact: true }).click();
    await chosen(USER);
    await page.waitForURL(new RegExp(`user=${USER}`));
    await page.getByRole("link", { name: "wksmock" }).click();
    await chosen(USER);
    await page.waitForURL(new RegExp(`user=${USER}`));
    assert.match((await sent(page)).request.head, new RegExp(`/${PROJECT}/users/${USER}/`));
    // Without a user nothing is sent, and no fault is set for all by mistake.
    await input.fill("");
    await page.keyboard.press("Tab");
    await page.getByText("Choose a user first.").waitFor();
    const fault = page.getByRole("button", { name: "Fail the next 2 with 503" });
    assert.ok(await fault.isDisabled());
    assert.ok(await page.getByRole("button", { name: "Reset the password" }).isDisabled());
    await page.getByLabel("for all users").check();
    await fault.click();
    await page.getByText("503 for the next 2 calls of all users").waitFor();
  });
}));

test("a rule without its own place is named once", () => serving([], async (server) => {
  await server.admin("POST", "overrides", { when: { user: USER }, status: 503 });
  await viewing(server, `#/try?project=${PROJECT}&user=${USER}`, async (page) => {
    await live(page);
    await sent(page);
    const cause = page.locator("dd", { hasText: "by rule" });
    await cause.waitFor();
    assert.equal((await cause.innerText()).trim(), "by rule override 1");
    await page.locator(".result .badge.bad").getByText("503").waitFor();
    await page.locator(".result .badge.plain").getByText("Answered").waitFor();
  });
}));

test("other operations have their own forms, bodies and limits", () => serving([], async (server) => {
  await viewing(server, "#/try", async (page) => {
    await live(page);
    await page.getByLabel("Operation", { exact: true }).selectOption("CreateDesktopUser");
    await page.getByLabel("user_name (required)").fill("dora");
    await page.getByText("1 to 32 characters.").waitFor();
    await page.getByText("12 more fields", { exact: false }).or(page.getByText(/\d+ more fields/)).first().click();
    await page.getByLabel("active_type").selectOption("USER_ACTIVATE");
    const answered = page.waitForResponse((response) => response.url().endsWith("/__admin/try"));
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const { request, answer } = await (await answered).json();
    assert.deepEqual(JSON.parse(request.body), { user_name: "dora", user_email: "carol@example.com", active_type: "USER_ACTIVATE" });
    assert.match(answer.head, /^HTTP\/1\.1 201 /);
    await page.getByRole("button", { name: "JSON" }).click();
    await page.getByLabel("Body as JSON").fill("{");
    await page.locator(".problem").waitFor();
    await page.getByLabel("Operation", { exact: true }).selectOption("ListUsers");
    await page.getByText("5 documented parameters that this server refuses").waitFor();
    await page.getByLabel("limit", { exact: true }).fill("1");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText('"total_count":10', { exact: false }).waitFor();
    // A link leads to exactly this request.
    await page.waitForURL(/p\.limit=1/);
    await page.reload();
    assert.equal(await page.getByLabel("limit", { exact: true }).inputValue(), "1");
  });
}));

test("sample code matches this request, and can be copied", () => serving([], async (server) => {
  await viewing(server, `#/try?project=${PROJECT}&user=${user("0002")}&p.notification_type=email`, async (page) => {
    const names = page.getByRole("tablist", { name: "Language" }).getByRole("tab");
    await names.first().waitFor();
    assert.equal(await names.count(), 9);
    for (let at = 0; at < 9; at += 1) {
      await names.nth(at).click();
      const code = page.getByRole("tabpanel").first().or(page.getByRole("tabpanel")).last();
      await code.getByText(user("0002"), { exact: false }).first().waitFor();
    }
    await names.getByText("Java", { exact: false }).first().click();
    const code = page.getByRole("region", { name: /Sample code/ });
    const panel = page.locator(".code", { has: code });
    await panel.getByRole("button", { name: "Copy" }).click();
    await panel.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await code.textContent());
    const keys = page.getByRole("region", { name: "Set the keys" });
    await keys.getByText(`eval "$(wksmock env --export --url ${server.url})"`).waitFor();
    await names.getByText("curl", { exact: true }).click();
    await keys.waitFor({ state: "detached" });
  });
}));

test("the sealed reason of a refusal is opened", () => serving([], async (server) => {
  await viewing(server, `#/try?project=${PROJECT}&user=${user("0403")}`, async (page) => {
    await live(page);
    const { reason } = await sent(page);
    assert.ok(reason);
    await page.getByText("the identity policy denies workspace:users:randomPassword").first().waitFor();
  });
}));

test("ids of any text are shown as text", () => serving([], async (server) => {
  await viewing(server, "#/try", async (page) => {
    await live(page);
    for (const id of ["<img src=x onerror=alert(1)>", "密".repeat(255), "密".repeat(256), "a/b?c#d%25"]) {
      await page.getByRole("combobox", { name: "User" }).fill(id);
      await page.keyboard.press("Enter");
      const { answer, index } = await sent(page);
      assert.match(answer.head, /^HTTP\/1\.1 4\d\d /, id);
      const entry = await server.admin("GET", `requests/${index}`);
      assert.ok(entry.problem);
    }
    assert.equal(await page.locator("img").count(), 1, "the brand's alone");
  });
}));
