// The official Node SDK's core with credentials that are checked; tokens are requested without the SDK.

import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { ClientRequestException } from "@huaweicloud/huaweicloud-sdk-core/exception/ClientRequestException.js";
import { client, refusal } from "./client.js";
import { password, project, serving, user } from "./server.js";

const json = { "Content-Type": "application/json" };

async function post(url, path, body, headers = {}) {
  return fetch(url + path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
}

async function login(url) {
  const identity = {
    methods: ["password"],
    password: { user: { name: "developer", password: "wksmock-password", domain: { name: "wksmock" } } },
  };
  const answer = await post(url, "/v3/auth/tokens", {
    auth: { identity, scope: { project: { name: "cn-north-4" } } },
  });
  assert.equal(answer.status, 201);
  return answer.headers.get("x-subject-token");
}

async function resetWith(url, token) {
  const path = `/v2/${project}/users/${user}/random-password`;
  const answer = await fetch(url + path, { headers: { ...json, "X-Auth-Token": token } });
  return [answer.status, await answer.json()];
}

test("the SDK's signature passes required auth, and a wrong secret is a 401", () =>
  serving(["--auth", "required"], async (url) => {
    const answer = await client(url).resetRandomPassword(user, "email,phone");
    assert.equal(answer.password, password(user, 1));
    const wrong = await refusal(client(url, { secret: "another" }).resetRandomPassword(user));
    assert.ok(wrong instanceof ClientRequestException);
    assert.deepEqual([wrong.httpStatusCode, wrong.errorCode], [401, "APIGW.0301"]);
    assert.match(wrong.errorMsg, /verify aksk signature fail, canonicalRequest:GET\|\/v2\//);
    const unknown = await refusal(client(url, { access: "NOBODY" }).resetRandomPassword(user));
    assert.match(unknown.errorMsg, /Get secretKey failed,ak:NOBODY,err:ak not exist/);
  }));

test("a client without a project asks for that of its region", () =>
  serving(["--auth", "required"], async (url) => {
    const answer = await client(url, { projectId: null }).resetRandomPassword(user);
    assert.equal(answer.password, password(user, 1));
  }));

test("a token is valid until expiry or revocation", () =>
  serving(["--auth", "required", "--token-ttl", "3600"], async (url) => {
    const first = await login(url);
    assert.deepEqual(await resetWith(url, first), [200, { password: password(user, 1) }]);
    const { tokens } = await (await fetch(`${url}/__admin/tokens`)).json();
    const revoked = await fetch(`${url}/__admin/tokens/${tokens[0].id}`, { method: "DELETE" });
    assert.equal(revoked.status, 204);
    assert.equal((await resetWith(url, first))[0], 401);
    const second = await login(url);
    assert.equal((await resetWith(url, second))[0], 200);
    await post(url, "/__admin/clock", { advance_ms: 3_600_000 });
    const [status, body] = await resetWith(url, second);
    assert.equal(status, 401);
    assert.match(body.error_msg, /token expires, expires_at: /);
  }));

test("temporary keys sign requests", () =>
  serving(["--auth", "required"], async (url) => {
    const identity = { methods: ["token"], token: { duration_seconds: 900 } };
    const headers = { "X-Auth-Token": await login(url) };
    const answer = await post(url, "/v3.0/OS-CREDENTIAL/securitytokens", { auth: { identity } }, headers);
    assert.equal(answer.status, 201);
    const { access, secret, securitytoken: securityToken } = (await answer.json()).credential;
    const temporary = client(url, { access, secret, securityToken });
    assert.equal((await temporary.resetRandomPassword(user)).password, password(user, 1));
    const without = await refusal(client(url, { access, secret }).resetRandomPassword(user));
    assert.equal(without.httpStatusCode, 401);
    await post(url, "/__admin/clock", { advance_ms: 900_000 });
    assert.match((await refusal(temporary.resetRandomPassword(user))).errorMsg, /signature expired/);
  }));

test("a refusal's reason opens for permitted accounts", () =>
  serving(["--users", fileURLToPath(new URL("../../../fixtures/accounts.json", import.meta.url)), "--auth", "required"],
    async (url) => {
      const projectId = "team-a";
      const reader = { access: "READERACCESSKEY00001", secret: "readerSecretKey0000000000000000000000000001" };
      const admin = { access: "ADMINACCESSKEY000001", secret: "adminSecretKey00000000000000000000000000001" };
      const refused = await refusal(client(url, { ...reader, projectId }).resetRandomPassword(user));
      assert.deepEqual([refused.httpStatusCode, refused.errorCode], [403, "WKS.00081102"]);
      const sealed = refused.encodedAuthorizationMessage;
      const opened = await client(url, { ...admin, projectId }).decodeAuthorizationMessage(sealed);
      const decoded = JSON.parse(opened.decoded_message);
      assert.equal(decoded.context.user_profile.user_name, "reader");
      assert.equal(decoded.missing, "workspace:users:randomPassword");
      const forged = await refusal(client(url, { ...admin, projectId }).decodeAuthorizationMessage("Zm9yZ2Vk"));
      assert.deepEqual([forged.httpStatusCode, forged.errorCode], [400, "STS5.1001"]);
    }));
