// Journal: rows as they arrive, filters in the address, and actions on an entry.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { PROJECT, USER, live, relayed, serve, serving, user, viewing } from "./harness.js";

const run = promisify(execFile);
const rows = (page) => page.locator(".list tbody tr");
const row = (page, index) => rows(page).filter({ has: page.getByRole("link", { name: String(index), exact: true }) });
/** Waits until the list has just these entries, newest first. */
const shows = (page, indices) => page.waitForFunction((wanted) =>
  [...document.querySelectorAll(".list tbody tr a")].map((link) => link.textContent).join() === wanted, indices.join());

/** Makes calls, this many at once. */
async function calls(server, count, id = (at) => user(["0001", "0503", "0403"][at % 3]), at = 16) {
  let next = 0;
  await Promise.all(Array.from({ length: at }, async () => {
    for (let own = next++; own < count; own = next++) await (await server.call(id(own)))?.arrayBuffer();
  }));
}

test("rows appear as calls arrive, refused and malformed ones too", () => serving([], async (server) => {
  await viewing(server, "#/journal", async (page) => {
    await live(page);
    await page.getByText("No requests yet.").waitFor();
    await server.call(USER);
    await row(page, 1).getByText("200").waitFor();
    await server.call(user("0503"));
    await row(page, 2).getByText("503", { exact: true }).waitFor();
    await row(page, 2).getByText("magic 503").waitFor();
    await server.call(USER, { query: "?notification_type=sms" });
    await row(page, 3).getByText("notification_type").waitFor();
    await fetch(`${server.url}/v2/nothing`);
    await row(page, 4).getByText("GET /v2/nothing", { exact: true }).waitFor();
    await server.admin("POST", "reset");
    await page.getByText("No requests yet.").waitFor();
  });
}));

test("a call in flight is shown, and then its end", () => serving(["--fault", `${USER}=hang`], async (server) => {
  await viewing(server, "#/journal", async (page) => {
    await live(page);
    const control = new AbortController();
    const call = fetch(`${server.url}/v2/${PROJECT}/users/${USER}/random-password`,
      { headers: { "Content-Type": "application/json" }, signal: control.signal }).catch(() => null);
    await row(page, 1).getByText("in flight").waitFor();
    control.abort();
    await call;
    await row(page, 1).getByText("cut").waitFor();
  });
}));

test("a thousand calls in a second leave 200 ordered rows and a responsive page", () => serving([], async (server) => {
  await viewing(server, "#/journal", async (page) => {
    await live(page);
    await page.evaluate(() => {
      Object.assign(globalThis, { longest: 0, most: 0 });
      let before = performance.now();
      const frame = (now) => {
        globalThis.longest = Math.max(globalThis.longest, now - before);
        globalThis.most = Math.max(globalThis.most, document.querySelectorAll(".list tbody tr").length);
        before = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await calls(server, 1000, undefined, 32);
    await row(page, 1000).waitFor();
    const shown = (await page.locator(".list tbody tr a").allTextContents()).map(Number);
    assert.deepEqual(shown, Array.from({ length: 200 }, (_, at) => 1000 - at));
    await page.waitForFunction(() => !document.querySelector(".list tbody").textContent.includes("in flight"));
    const [longest, most] = await page.evaluate(() => [globalThis.longest, globalThis.most]);
    assert.equal(most, 200, "never more rows than the window has");
    // A page that hangs; a frame normally takes some 20 ms, and up to a second on a busy machine.
    assert.ok(longest < 10_000, `a frame took ${longest} ms`);
    await page.getByRole("link", { name: "Older" }).click();
    await row(page, 800).waitFor();
    assert.equal(await rows(page).count(), 200);
    await server.call();
    await page.getByRole("button", { name: "Newest" }).click();
    await row(page, 1001).waitFor();
  });
}));

test("a held list stands still and counts new rows", () => serving([], async (server) => {
  await viewing(server, "#/journal", async (page) => {
    await live(page);
    await server.call();
    await shows(page, [1]);
    await page.getByRole("button", { name: "Pause" }).click();
    await calls(server, 3);
    await page.getByRole("button", { name: "Paused, 3 new" }).waitFor();
    await shows(page, [1]);
    await page.getByRole("button", { name: "Paused" }).click();
    await shows(page, [4, 3, 2, 1]);
  });
}));

test("calls during a lost connection appear without a gap", () => serving([], async (server) => {
  const relay = await relayed(server);
  try {
    await viewing(relay, "#/journal", async (page) => {
      await live(page);
      await server.call();
      await row(page, 1).waitFor();
      relay.cut();
      await page.getByRole("alert").getByText("The connection to the server is lost.").waitFor();
      await calls(server, 150, () => USER, 8);
      await shows(page, [1]);
      relay.mend();
      await row(page, 151).waitFor();
      const shown = (await page.locator(".list tbody tr a").allTextContents()).map(Number);
      assert.deepEqual(shown, Array.from({ length: 151 }, (_, at) => 151 - at));
      assert.equal(await page.getByRole("alert").count(), 0);
    }, { allow: [/ERR_|Failed to load/] });
  } finally {
    relay.end();
  }
}));

test("filters are in the address, and new matching calls appear", () => serving([], async (server) => {
  for (const id of [USER, user("0503"), user("0403"), user("0002"), USER]) await server.call(id);
  await fetch(`${server.url}/v2/nothing`);
  await viewing(server, "#/journal", async (page) => {
    await live(page);
    await shows(page, [6, 5, 4, 3, 2, 1]);
    const status = page.getByLabel("Status", { exact: true });
    await status.fill("503");
    await status.press("Enter");
    await shows(page, [2]);
    assert.ok(page.url().endsWith("#/journal?status=503"));
    await server.call(user("0503"));
    await shows(page, [7, 2]);
    await page.goto(`${server.url}/__admin/#/journal?state=rejected`);
    await shows(page, [6]);
    assert.equal(await page.getByLabel("State").inputValue(), "rejected");
    await page.goto(`${server.url}/__admin/#/journal?rule=magic+403`);
    await shows(page, [3]);
    await page.goto(`${server.url}/__admin/#/journal?user=${USER}`);
    await shows(page, [5, 1]);
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await page.getByLabel("Text", { exact: true }).fill("NOTHING");
    await shows(page, [6]);
    await page.getByLabel("Text", { exact: true }).fill("none of it");
    await page.getByText("No request matches the filters.").waitFor();
    await page.getByLabel("Text", { exact: true }).fill("");
    await page.getByLabel("Operation").selectOption("ListUsers");
    await page.getByText("No request matches the filters.").waitFor();
  });
}));

test("an entry has its rule with file and line, and the password behind a click", () => serving([], async (server) => {
  await server.call(user("0503"));
  await server.call(USER);
  await viewing(server, "#/journal?row=1", async (page) => {
    const entry = page.locator(".entry");
    await entry.getByText("magic 503").first().waitFor();
    await entry.getByText("scenarios/magic-users.json:13:5").first().waitFor();
    await row(page, 2).click();
    await page.getByRole("heading", { name: "Entry 2" }).waitFor();
    assert.ok(page.url().includes("row=2"));
    const { current } = await server.admin("GET", `passwords/${PROJECT}/${USER}`);
    assert.ok(!(await page.locator("body").innerText()).includes(current.password));
    await entry.getByRole("button", { name: "Show the password of this call" }).click();
    await entry.getByText(current.password, { exact: true }).waitFor();
    await entry.getByRole("button", { name: "Close" }).click();
    await entry.waitFor({ state: "detached" });
    await page.goBack();
    await entry.waitFor();
  });
}));

test("a row offers curl, another try, an override and the next calls", () => serving([], async (server) => {
  await (await server.call(user("0002"), { query: "?notification_type=email,phone" })).arrayBuffer();
  await server.call(user("0503"));
  await viewing(server, "#/journal?row=1", async (page) => {
    const entry = page.locator(".entry");
    await entry.getByRole("button", { name: "Copy as curl" }).click();
    await entry.getByText("Copied").waitFor();
    const curl = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(curl.startsWith("curl -i ") && curl.includes(`'${server.url}/v2/`) && curl.includes("-H 'content-type: application/json'"), curl);
    assert.equal((await run("sh", ["-c", curl])).stdout.slice(0, 15), "HTTP/1.1 200 OK");
    const { index } = await server.admin("POST", "try", { operation: "ResetRandomPassword", project: PROJECT, user: USER });
    await page.goto(`${server.url}/__admin/#/journal?row=${index}`);
    await page.getByRole("heading", { name: `Entry ${index}` }).waitFor();
    await entry.getByRole("button", { name: "Copy as curl" }).click();
    await entry.getByText("Copied").waitFor();
    const signed = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(signed, /^# Omitted, .*: authorization\..*\ncurl -i /);
    assert.doesNotMatch(signed, /redacted/);
    assert.equal((await run("sh", ["-c", signed])).stdout.slice(0, 15), "HTTP/1.1 200 OK");
    await page.goto(`${server.url}/__admin/#/journal?row=1`);
    await page.getByRole("heading", { name: "Entry 1" }).waitFor();
    await entry.getByRole("link", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Try", level: 1 }).waitFor();
    assert.equal(await page.getByLabel("notification_type").inputValue(), "email,phone");
    assert.equal(await page.getByRole("combobox", { name: "User" }).inputValue(), user("0002"));

    await page.goto(`${server.url}/__admin/#/journal?row=2`);
    await entry.getByRole("button", { name: "What comes next" }).click();
    const coming = entry.locator(".calls > li");
    await coming.nth(9).waitFor();
    assert.equal(await coming.count(), 10);
    await coming.first().locator("summary").click();
    await coming.first().getByText("not: user").first().waitFor();
    await coming.first().getByText("matches").waitFor();

    await page.goto(`${server.url}/__admin/#/journal?row=1`);
    await entry.getByRole("button", { name: "Make this an override" }).click();
    await entry.getByLabel("Rule", { exact: false }).fill("{");
    await entry.getByRole("button", { name: "Add the override" }).click();
    await entry.getByRole("alert").waitFor();
    await entry.getByLabel("Rule", { exact: false }).fill(JSON.stringify({ when: { user: user("0002") }, status: 500 }));
    await entry.getByRole("button", { name: "Add the override" }).click();
    await entry.getByText("Override 1 is active").waitFor();
    assert.equal((await server.call(user("0002"))).status, 500);
  }, { allow: [/status of 4\d\d/] });
}));

test("an open row has bodies without secrets, fault effects and the time", () => serving([], async (server) => {
  const password = "guessed-5ec2e7";
  const user = { name: "developer", password, domain: { name: "wksmock" } };
  const login = { auth: { identity: { methods: ["password"], password: { user } } }, note: `right to left \u202e and 'quoted' \\ 100%` };
  const send = (body) => fetch(`${server.url}/v3/auth/tokens`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  await send(JSON.stringify(login));
  await send(JSON.stringify({ x: login.note }));
  await send(`["${"y".repeat(5000)}"]`);
  await server.admin("POST", "overrides", { fault: "truncated_body" });
  await server.call(USER).catch(() => null);
  await viewing(server, "#/journal?row=1", async (page) => {
    const entry = page.locator(".entry");
    const body = (of) => entry.getByRole("region", { name: `Body of the ${of}` });
    await body("request").getByText('"password":"***"').waitFor();
    await body("answer").getByText('"error"').waitFor();
    assert.ok(!(await page.locator("body").innerText()).includes(password));
    const { arrived_unix_ms: arrived } = await server.admin("GET", "requests/1");
    const time = await page.evaluate((ms) => new Date(ms).toTimeString().slice(0, 8), arrived);
    await entry.getByText(time).waitFor();
    const copied = async () => {
      await entry.getByRole("button", { name: "Copy as curl" }).click();
      await entry.getByText("Copied").waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    assert.match(await copied(), /^# Omitted, .*: the body\./);
    await page.goto(`${server.url}/__admin/#/journal?row=2`);
    await page.getByRole("heading", { name: "Entry 2" }).waitFor();
    const curl = await copied();
    assert.ok(curl.includes("--data-raw ") && !curl.includes("\u202e"), curl);
    await run("sh", ["-c", curl]);
    const { requests } = await server.admin("GET", "requests?order=newest&limit=1");
    assert.equal(requests[0].request_body.text, JSON.stringify({ x: login.note }), "the same is sent again");
    await page.goto(`${server.url}/__admin/#/journal?row=3`);
    await entry.getByText("The first 4096 of 5004 bytes.").waitFor();
    await page.goto(`${server.url}/__admin/#/journal?row=4`);
    await body("answer").getByText('{"password":"***"}').waitFor();
    await entry.getByText("Only the first 12 of these 25 bytes were sent.").waitFor();
  });
}));

test("the decision fits a narrow page", () => serving([], async (server) => {
  const name = "a rule with a name that takes some room on a narrow page";
  await server.admin("POST", "overrides", { name, status: 503, delay: { fixed_ms: 1 }, fault: { dribble: { chunks: 2, over_ms: 1 } } });
  await (await server.call(user("0503"))).arrayBuffer();
  await viewing(server, "#/journal?row=1", async (page) => {
    const facets = page.getByRole("region", { name: "Facets" });
    await facets.getByText("dribble").waitFor();
    assert.equal(await facets.evaluate((element) => element.scrollWidth - element.clientWidth), 0);
  }, { width: 360 });
}));

test("a closed field shows the end of a long id", () => serving([], async (server) => {
  await viewing(server, `#/journal?user=${USER}`, async (page) => {
    const input = page.getByRole("combobox", { name: "User" });
    const end = () => input.evaluate((element) => [element.scrollLeft > 0, element.scrollWidth - element.clientWidth - element.scrollLeft < 2]);
    await input.waitFor();
    await page.waitForFunction(() => document.querySelector('input[role="combobox"]').scrollLeft > 0);
    assert.deepEqual(await end(), [true, true]);
    assert.equal(await input.inputValue(), USER);
    await input.focus();
    await page.getByLabel("Status", { exact: true }).focus();
    await page.waitForFunction(() => document.querySelector('input[role="combobox"]').scrollLeft > 0);
  });
}));

test("an override made from a row repeats its outcome for others", () => serving([], async (server) => {
  await server.call(user("0503"));
  await viewing(server, "#/journal?row=1", async (page) => {
    const entry = page.locator(".entry");
    await entry.getByRole("button", { name: "Make this an override" }).click();
    await entry.getByRole("button", { name: "Add the override" }).click();
    await entry.getByText("Override 1 is active").waitFor();
    const { overrides } = await server.admin("GET", "overrides");
    assert.deepEqual(overrides[0].rule, { when: { project: PROJECT, user: user("0503") }, status: 503 });
  });
}));

test("hostile ids are shown as text", () => serving([], async (server) => {
  const hostile = "<img src=x onerror=alert(1)>";
  await server.call(hostile);
  await server.call("密".repeat(255));
  await fetch(`${server.url}/v2/<script>alert(1)</script>`, { headers: { "X-Note": `"><svg onload=alert(1)>` } });
  await viewing(server, "#/journal?row=1", async (page) => {
    await shows(page, [3, 2, 1]);
    await page.locator(".entry").getByText(hostile, { exact: true }).waitFor();
    await row(page, 2).click();
    await page.locator(".entry").getByText("密".repeat(255), { exact: true }).waitFor();
    await row(page, 3).click();
    await page.locator(".entry").getByText("svg onload").waitFor();
    assert.equal(await page.locator("img, svg, script[src='x']").count(), 1, "the brand's alone");
    await page.goto(`${server.url}/__admin/#/journal?user=${encodeURIComponent(hostile)}`);
    await shows(page, [1]);
  });
}));

test("the journal is cleared after confirmation", async () => {
  const server = await serve();
  try {
    await server.call();
    await viewing(server, "#/journal", async (page) => {
      await row(page, 1).waitFor();
      await page.getByRole("button", { name: "Clear", exact: true }).click();
      // The dialog takes keys once it is shown.
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await row(page, 1).waitFor();
      await page.getByRole("button", { name: "Clear", exact: true }).click();
      await page.getByRole("button", { name: "Clear the journal" }).click();
      await page.getByText("No requests yet.").waitFor();
    });
  } finally {
    await server.end();
  }
});
