import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { start } from "wksmock";
import { reset } from "./reset.cjs";

const mock = await start({ seed: 7 });
after(() => mock.stop());

describe("resets", { concurrency: true }, () => {
  test("passes", () =>
    mock.withClone({ scenario: new URL("outages.json", import.meta.url) }, async (clone) => {
      assert.equal(await reset(clone), await clone.password(clone.user, 3));
    }));

  test("fails by its expectation", () =>
    mock.withClone({ scenario: "outages.json" }, async (clone) => {
      await assert.rejects(reset(clone, 1), /status 503/);
    }));

  test("fails by its own assertion", () =>
    mock.withClone(async (clone) => assert.equal(await reset(clone), "another password")));

  test("meets a fault", () =>
    mock.withClone(async (clone) => {
      await clone.fault("*=503:1");
      await clone.override({ name: "slow", when: { calls: "2" }, delay: { fixed_ms: 5 } });
      await clone.expect({ name: "tries again", calls: { min: 2, max: 2 }, ends_with: 200 });
      await clone.expect('{ "calls": { "max": 2 } }');
      await assert.rejects(clone.expect([{ calls: 2 }]), { message: /^wksmock: expectation: expected an object, or its JSON, not \[/ });
      assert.equal((await reset(clone)).length, 10);
      assert.deepEqual((await clone.requests()).map(({ answer }) => answer.status), [503, 200]);
    }));

  test("is done but lost", () =>
    mock.withClone(
      {
        scenario: {
          rules: [{ name: "lost", fault: "reset", phase: "after" }],
          expect: [{ name: "does not repeat it", after_lost: { max: 0 } }],
        },
      },
      async (clone) => {
        assert.equal(await clone.password(), undefined);
        await assert.rejects(reset(clone), { message: "fetch failed" });
        assert.equal(await clone.password(), await clone.password(clone.user, 1));
      },
    ));
});
