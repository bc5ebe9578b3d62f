const { start } = require("wksmock");
const { reset } = require("./reset.cjs");

const started = start({ seed: 7 });
afterAll(async () => (await started).stop());

/** Gives a test a clone. */
const withClone = (options, body) => async () => (await started).withClone(options, body);

test.concurrent(
  "passes",
  withClone({ scenario: "outages.json" }, async (clone) => {
    expect(await reset(clone)).toBe(await clone.password(clone.user, 3));
  }),
);

test.concurrent(
  "fails by its expectation",
  withClone({ scenario: "outages.json" }, async (clone) => {
    await expect(reset(clone, 1)).rejects.toThrow("status 503");
  }),
);

test.concurrent(
  "fails by its own assertion",
  withClone({}, async (clone) => {
    expect(await reset(clone)).toBe("another password");
  }),
);

test.concurrent(
  "meets a fault",
  withClone({}, async (clone) => {
    await clone.fault("*=503:1");
    await clone.expect({ name: "tries again", calls: { min: 2, max: 2 }, ends_with: 200 });
    expect(await reset(clone)).toHaveLength(10);
  }),
);

test.concurrent(
  "is done but lost",
  withClone({ scenario: "builtin:done-but-lost" }, async (clone) => {
    await expect(reset(clone)).rejects.toThrow("fetch failed");
    expect(await clone.password()).toBe(await clone.password(clone.user, 1));
  }),
);
