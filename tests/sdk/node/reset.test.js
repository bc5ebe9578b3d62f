// The official Node SDK's core resets passwords, and throws its own exceptions.

import assert from "node:assert/strict";
import test from "node:test";
import { ClientRequestException } from "@huaweicloud/huaweicloud-sdk-core/exception/ClientRequestException.js";
import { ServerResponseException } from "@huaweicloud/huaweicloud-sdk-core/exception/ServerResponseException.js";
import { client, refusal } from "./client.js";
import { password, serving, user, userActivated } from "./server.js";

const codes = {
  400: "WKS.00211102",
  401: "APIGW.0301",
  403: "WKS.00081102",
  404: "WKS.00211902",
  405: "WKS.00000405",
  500: "WKS.00211401",
  503: "WKS.00050902",
};

test("each call returns the password of the command line", () =>
  serving([], async (url) => {
    const workspace = client(url);
    const kinds = [undefined, "email", "phone", "email,phone"];
    for (const [index, kind] of kinds.entries()) {
      const answer = await workspace.resetRandomPassword(user, kind);
      assert.equal(answer.httpStatusCode, 200);
      assert.equal(answer.password, password(user, index + 1));
    }
  }));

test("each documented status is the SDK's own exception", () =>
  serving([], async (url) => {
    const workspace = client(url);
    for (const [status, code] of Object.entries(codes)) {
      const error = await refusal(workspace.resetRandomPassword(`8a2c3f9579d240820179d51e6caf0${status}`));
      const kind = status < 500 ? ClientRequestException : ServerResponseException;
      assert.ok(error instanceof kind, `${status}: ${error}`);
      assert.equal(error.httpStatusCode, Number(status));
      assert.equal(error.errorCode, code);
      assert.ok(error.errorMsg);
      assert.match(error.requestId, /^[0-9a-f]{32}$/);
      assert.equal(Boolean(error.encodedAuthorizationMessage), status === "403");
    }
  }));

test("a user-activated user needs a notification type", () =>
  serving([], async (url) => {
    const workspace = client(url);
    const error = await refusal(workspace.resetRandomPassword(userActivated));
    assert.equal(error.httpStatusCode, 400);
    assert.match(error.errorMsg, /notification_type/);
    const answer = await workspace.resetRandomPassword(userActivated, "phone");
    assert.equal(answer.password, password(userActivated, 2));
  }));

test("an outage ends", () =>
  serving(["--fault", `${user}=503:1-2`], async (url) => {
    const workspace = client(url);
    for (let call = 1; call <= 2; call += 1) {
      const error = await refusal(workspace.resetRandomPassword(user));
      assert.equal(error.httpStatusCode, 503);
    }
    const answer = await workspace.resetRandomPassword(user);
    assert.equal(answer.password, password(user, 3));
  }));
