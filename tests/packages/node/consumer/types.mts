import { type AdminError, ExpectationError, type Scenario, start } from "wksmock";

const scenario: Scenario = {
  rules: [
    { name: "outage", when: { user: "0001", calls: "1-2" }, status: 503, headers: { "Retry-After": "1" } },
    { name: "slow", delay: { lognormal: { median_ms: 80, sigma: 0.6, max_ms: 5000 } } },
    { name: "pieces", fault: { dribble: { chunks: 3, over_ms: 10 } } },
  ],
  expect: [{ name: "stops", calls: { max: 3 }, gap_ms: { min: 1000 }, sent: { header: { "X-Trace": true } } }],
};

export async function all(): Promise<string> {
  await using mock = await start({ seed: 7n, scenario: new URL("outages.json", "file:///"), users: ["a.json"], args: ["--auth", "required"], tls: true });
  await using clone = await mock.clone({ scenario, from: mock.project });
  await clone.override({ when: { user: clone.user }, next: 2, fault: "reset", phase: "after" });
  await clone.fault("0001=503:1-2");
  await clone.expect({ ends_with: 200 });
  await clone.expect('{ "calls": { "max": 3 } }');
  const status: number | undefined = (await clone.requests())[0]?.answer?.status;
  const text: string | undefined = (await clone.outbox())[0]?.text;
  const now: number = (await clone.advance(10)).now_ms;
  const current: string | undefined = await clone.password();
  const third: string = await clone.password(clone.user, 3);
  const passed: boolean = (await clone.verify(1000)).passed;
  const three: number = await mock.withClone(async () => 3);
  await mock.withClone({ scenario: "builtin:outage" }, ({ env }) => env["WKSMOCK_URL"]);
  const https: string | undefined = mock.httpsUrl ?? clone.caFile;
  await mock.stop();
  return [status, text, now, current, third, passed, three, https].join();
}

export function explain(error: unknown): string {
  if (error instanceof ExpectationError) return error.verdict.expectations.flatMap(({ misses }) => misses).join();
  return String((error as AdminError).status);
}

// @ts-expect-error: an option that does not exist.
void start({ sceanrio: scenario });
// @ts-expect-error: a field that does not exist.
void start({ scenario: { rules: [{ name: "typo", statsu: 503 }] } });
// @ts-expect-error: a fault that does not exist.
void start({ scenario: { rules: [{ name: "typo", fault: "rest" }] } });
