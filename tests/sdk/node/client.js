// Clients built with the official Node SDK. It has no packages for Workspace and STS, so the requests are
// described here as its generated clients describe theirs.

import assert from "node:assert/strict";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js";
import { ClientBuilder } from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";
import { Region } from "@huaweicloud/huaweicloud-sdk-core/region/region.js";
import { project } from "./server.js";

export const accessKey = "WKSMOCKACCESSKEY0001";
export const secretKey = "wksmockSecretKey00000000000000000000000001";

class Client {
  constructor(core) {
    this.core = core;
  }

  resetRandomPassword(userId, notificationType) {
    const queryParams = {};
    if (notificationType) queryParams.notification_type = notificationType;
    return this.core.sendRequest({
      method: "GET",
      url: "/v2/{project_id}/users/{user_id}/random-password",
      contentType: "application/json",
      queryParams,
      pathParams: { user_id: userId },
      headers: {},
      data: {},
    });
  }

  decodeAuthorizationMessage(message) {
    return this.core.sendRequest({
      method: "POST",
      url: "/v5/decode-authorization-message",
      contentType: "application/json",
      queryParams: {},
      pathParams: {},
      headers: {},
      data: { encoded_message: message },
    });
  }
}

/** Makes a client of a URL; without a project it asks IAM for that of its region. */
export function client(url, { access = accessKey, secret = secretKey, securityToken, projectId = project } = {}) {
  const credentials = new BasicCredentials().withAk(access).withSk(secret);
  if (securityToken) credentials.withSecurityToken(securityToken);
  if (projectId) credentials.withProjectId(projectId);
  const builder = new ClientBuilder((core) => new Client(core), "BasicCredentials").withCredential(credentials);
  if (projectId) return builder.withEndpoint(url).build();
  credentials.withIamEndpoint(url);
  return builder.withRegion(new Region("cn-north-4", url)).build();
}

export async function refusal(answer) {
  try {
    await answer;
  } catch (error) {
    return error;
  }
  assert.fail("expected an error");
}
