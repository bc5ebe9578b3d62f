// A server with content: calls of several users, faults, retries, messages, a clone, a scenario with expectations.

import { PROJECT, USER, user } from "./harness.js";

const SCENARIO = {
  name: "flaky-reset",
  description: "An outage for one user, a slow service for all, and a lost answer.",
  rules: [
    { name: "outage", when: { user: USER, calls: "1-2" }, status: 503, headers: { "Retry-After": "1" } },
    { name: "no permission", when: { user: user("0403") }, status: 403, error: { reason: "the policy denies it" } },
    { name: "answer lost", when: { user: user("0002"), calls: "2" }, fault: "reset", phase: "after" },
    { name: "slow", when: { calls: "3-" }, delay: { fixed_ms: 40 } },
    { name: "never struck", when: { user: user("0500"), calls: "7" }, status: 500 },
  ],
  expect: [
    { name: "retries the outage", when: { user: USER }, calls: { min: 3 } },
    { name: "asks at most twice after a lost answer", when: { user: user("0002") }, calls: { max: 2 } },
  ],
};

export async function busy(server) {
  await server.admin("PUT", "scenario", SCENARIO);
  await server.admin("POST", "projects", { from: PROJECT, id: "feature-branch" });
  const steps = [
    [USER, 4], [user("0002"), 3, { query: "?notification_type=email,phone" }], [user("0403"), 1], [user("0400"), 1],
    [USER, 1, { project: "feature-branch" }], [USER, 1, { query: "?notification_type=sms" }],
    ["nobody", 1],
  ];
  for (const [id, times, options] of steps) {
    for (let call = 0; call < times; call += 1) await (await server.call(id, options))?.arrayBuffer();
  }
  await fetch(`${server.url}/v2/${PROJECT}/user/x`);
  await server.admin("POST", "overrides", { name: "drill", when: { user: user("0405") }, status: 503, next: 3 });
  await fetch(`${server.url}/v3/auth/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ auth: {
      identity: { methods: ["password"], password: { user: { name: "developer", password: "wksmock-password", domain: { name: "wksmock" } } } },
      scope: { project: { id: PROJECT } },
    } }),
  });
}
