"use strict";

const assert = require("node:assert/strict");
const { after, afterEach, before, beforeEach, test } = require("node:test");
const { ExpectationError, start } = require("wksmock");
const { reset } = require("./reset.cjs");

let mock, clone;
before(async () => (mock = await start({ scenario: "outages.json" })));
after(() => mock.stop());
beforeEach(async () => (clone = await mock.clone()));
afterEach(() => clone.end());

test("passes", async () => {
  assert.equal((await reset(clone)).length, 10);
});

test("fails by its expectation after it", async () => {
  await assert.rejects(reset(clone, 1), { message: "status 503" });
});

test("has the classes of ESM", async () => {
  await reset(clone);
  const esm = await import("wksmock");
  assert.equal(esm.start, start);
  assert.equal(esm.ExpectationError, ExpectationError);
});
