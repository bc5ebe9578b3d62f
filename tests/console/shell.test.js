// The frame around the views: the redirect to the page, the token, the keyboard, the connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { live, serve, serving, viewing } from "./harness.js";

test("a browser at the root is redirected to the page", () => serving([], async (server) => {
  await viewing(server, "../", async (page) => {
    assert.equal(new URL(page.url()).pathname, "/__admin/");
    assert.equal(await page.title(), "Try · wksmock");
    await live(page);
  });
  assert.deepEqual((await server.admin("GET", "requests")).requests, [], "the journal is of consumers");
}));

test("assets are revalidated and not sent again", () => serving([], async (server) => {
  await viewing(server, "", async (page) => {
    const statuses = {};
    page.on("response", (answer) => (statuses[new URL(answer.url()).pathname] = answer.status()));
    const again = await page.request.get(`${server.url}/__admin/app.js`);
    const fresh = await page.request.get(`${server.url}/__admin/app.js`, { headers: { "If-None-Match": again.headers().etag } });
    assert.deepEqual([again.status(), fresh.status(), (await fresh.body()).length], [200, 304, 0]);
    await page.reload();
    await page.getByRole("heading", { name: "Try", level: 1 }).waitFor();
    assert.ok("/__admin/app.js" in statuses);
  });
}));

test("every view has an address and a link, and an unknown one is reported", () => serving([], async (server) => {
  await viewing(server, "#/journal?user=nobody", async (page) => {
    const links = page.getByRole("navigation", { name: "Views" }).getByRole("link");
    const names = await links.allTextContents();
    assert.deepEqual(names, ["Try", "Journal", "Users", "Scenario", "Clones", "Timeline", "Coverage", "Verdict", "Outbox",
      "Clock", "Tokens", "Health", "Metrics", "Reset"]);
    for (const name of names) {
      await links.getByText(name, { exact: true }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      await page.waitForFunction((title) => document.title === title, `${name} · wksmock`);
      assert.equal(await page.locator("nav [aria-current=page]").textContent(), name);
    }
    await page.goBack();
    await page.getByRole("heading", { name: "Metrics", level: 1 }).waitFor();
    await page.goto(`${server.url}/__admin/#/nothing`);
    await page.getByText("There is no view “nothing”.").waitFor();
  });
}));

test("the token is asked for once and kept in the tab", () => serving(["--admin-token", "s3cret"], async (server) => {
  const refused = [/401/];
  await viewing(server, "#/journal", async (page) => {
    const dialog = page.getByRole("dialog", { name: "Admin token" });
    await dialog.waitFor();
    await dialog.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await dialog.getByText("did not accept").waitFor();
    await dialog.getByLabel("Token").fill("s3cret");
    await dialog.getByRole("button", { name: "Continue" }).click();
    await live(page);
    await server.call();
    await page.getByRole("link", { name: "1", exact: true }).waitFor();
    await page.reload();
    await live(page);
    assert.equal(await dialog.count(), 0);
    assert.equal(await page.evaluate(() => localStorage.length), 0, "nothing of it outlives the tab");
  }, { allow: refused });
}));

test("the page works by keyboard alone", () => serving([], async (server) => {
  await viewing(server, "#/try", async (page) => {
    await live(page);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.getByRole("button", { name: "Reset the password" }).waitFor();
    // From the content: the operation, the authentication, the project, the user …
    const seen = [];
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press("Tab");
      const [label, isVisible] = await page.evaluate(() => {
        const own = document.activeElement;
        const style = getComputedStyle(own);
        return [own.labels?.[0]?.textContent ?? own.textContent,
          style.outlineStyle !== "none"];
      });
      assert.ok(isVisible, `the focus on ${label} cannot be seen`);
      seen.push(label.trim());
      if (label.trim() === "Reset the password") break;
    }
    assert.deepEqual(seen.slice(0, 4), ["Operation", "Authentication", "Project", "User"]);
    await page.keyboard.press("Enter");
    await page.locator(".password").waitFor();
    await page.getByRole("tab", { name: "Answer bytes" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("[role=tab]:focus").textContent(), "Request bytes");
  });
}));

test("a narrow page has the views behind a button", () => serving([], async (server) => {
  await viewing(server, "#/try", async (page) => {
    const menu = page.getByRole("button", { name: /views/ });
    assert.equal(await page.getByRole("link", { name: "Outbox" }).isVisible(), false);
    await menu.click();
    await page.getByRole("link", { name: "Journal" }).click();
    await page.getByRole("heading", { name: "Journal", level: 1 }).waitFor();
    assert.equal(await menu.getAttribute("aria-expanded"), "false");
  }, { width: 360 });
}));

test("a lost connection is reported, and a restarted server noticed", async () => {
  const first = await serve();
  let second;
  try {
    await first.call();
    await viewing(first, "#/journal", async (page) => {
      await live(page);
      await page.getByRole("link", { name: "1", exact: true }).waitFor();
      await first.end();
      await page.getByRole("alert").getByText("The connection to the server is lost.").waitFor();
      second = await serve([], { port: first.port });
      await second.call("8a2c3f9579d240820179d51e6caf0503");
      await live(page);
      await page.getByRole("row").getByText("503", { exact: true }).waitFor();
      assert.equal(await page.getByRole("row").count(), 2, "of the server before, nothing is left");
      assert.equal(await page.getByRole("alert").count(), 0);
    }, { allow: [/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|ERR_FAILED|Failed to load resource/] });
  } finally {
    await second?.end();
  }
});
