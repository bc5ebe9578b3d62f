import { afterAll, describe, expect, test } from "vitest";
import { type MockServer, start } from "wksmock";
import { reset } from "./reset.cjs";

const mock: MockServer = await start({ seed: 7 });
afterAll(() => mock.stop());

describe.concurrent("resets", () => {
  test("passes", async () => {
    await using clone = await mock.clone({ scenario: "outages.json" });
    expect(await reset(clone)).toBe(await clone.password(clone.user, 3));
  });

  test("fails by its expectation", async () => {
    await using clone = await mock.clone({ scenario: "outages.json" });
    await expect(reset(clone, 1)).rejects.toThrow("status 503");
  });

  test("fails by its own assertion", () =>
    mock.withClone(async (clone) => expect(await reset(clone)).toBe("another password")));

  test("meets a fault", async () => {
    await using clone = await mock.clone();
    await clone.fault("*=503:1");
    await clone.expect({ name: "tries again", calls: { min: 2, max: 2 }, ends_with: 200 });
    expect(await reset(clone)).toHaveLength(10);
  });

  test("is done but lost", async () => {
    await using clone = await mock.clone({ scenario: "builtin:done-but-lost" });
    await expect(reset(clone)).rejects.toThrow("fetch failed");
    expect(await clone.password()).toBe(await clone.password(clone.user, 1));
  });
});
