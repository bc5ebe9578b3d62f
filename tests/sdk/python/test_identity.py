"""The official SDKs of Workspace, IAM and STS, unchanged, with credentials that are checked."""

import json
import urllib.request

import pytest
from conftest import ACCESS_KEY, PROJECT, ROOT, SECRET_KEY, USER, password, serving
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkiam.v3 import (
    AuthScope,
    AuthScopeProject,
    CreateTemporaryAccessKeyByTokenRequest,
    CreateTemporaryAccessKeyByTokenRequestBody,
    IamClient,
    IdentityToken,
    KeystoneCreateUserTokenByPasswordRequest,
    KeystoneCreateUserTokenByPasswordRequestBody,
    KeystoneListAuthDomainsRequest,
    KeystoneListProjectsRequest,
    KeystoneValidateTokenRequest,
    PwdAuth,
    PwdIdentity,
    PwdPassword,
    PwdPasswordUser,
    PwdPasswordUserDomain,
    TokenAuth,
    TokenAuthIdentity,
)
from huaweicloudsdksts.v1 import (
    DecodeAuthorizationMessageReq,
    DecodeAuthorizationMessageRequest,
    GetCallerIdentityRequest,
    StsClient,
)
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient

ACCOUNTS = str(ROOT / "fixtures" / "accounts.json")


def workspace(url, access=ACCESS_KEY, secret=SECRET_KEY, project=PROJECT, security_token=None):
    credentials = BasicCredentials(access, secret, project)
    if security_token:
        credentials = credentials.with_security_token(security_token)
    return WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def of_iam(url, access=ACCESS_KEY, secret=SECRET_KEY):
    credentials = GlobalCredentials(access, secret, "a-domain")
    return IamClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def of_sts(url, access=ACCESS_KEY, secret=SECRET_KEY):
    credentials = BasicCredentials(access, secret, PROJECT)
    return StsClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def reset(client):
    return client.reset_random_password(ResetRandomPasswordRequest(user_id=USER)).password


def refusal(client):
    with pytest.raises(ClientRequestException) as raised:
        reset(client)
    return raised.value


def login(url, password="wksmock-password", project="cn-north-4"):
    user = PwdPasswordUser(domain=PwdPasswordUserDomain(name="wksmock"), name="developer", password=password)
    identity = PwdIdentity(methods=["password"], password=PwdPassword(user=user))
    auth = PwdAuth(identity=identity, scope=AuthScope(project=AuthScopeProject(name=project)))
    body = KeystoneCreateUserTokenByPasswordRequestBody(auth=auth)
    request = KeystoneCreateUserTokenByPasswordRequest(nocatalog="true", body=body)
    return of_iam(url).keystone_create_user_token_by_password(request)


def with_token(url, token):
    """Resets a password without the SDK, with a token."""
    request = urllib.request.Request(f"{url}/v2/{PROJECT}/users/{USER}/random-password")
    request.add_header("Content-Type", "application/json")
    request.add_header("X-Auth-Token", token)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def admin(url, method, path, body=None):
    request = urllib.request.Request(f"{url}/__admin/{path}", method=method)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def test_signed_request_passes_required_auth():
    with serving("--auth", "required") as url:
        assert reset(workspace(url)) == password(USER, 1)
        wrong = refusal(workspace(url, secret="another"))
        assert (wrong.status_code, wrong.error_code) == (401, "APIGW.0301")
        assert "verify aksk signature fail, canonicalRequest:GET|/v2/" in wrong.error_msg
        unknown = refusal(workspace(url, access="NOBODY"))
        assert "Get secretKey failed,ak:NOBODY,err:ak not exist" in unknown.error_msg


def test_client_without_a_project_finds_its_own(monkeypatch):
    with serving("--auth", "required") as url:
        monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", url)
        monkeypatch.setenv("HUAWEICLOUD_SDK_STS_ENDPOINT", url)
        credentials = BasicCredentials(ACCESS_KEY, SECRET_KEY)
        region = Region("cn-north-4", url)
        client = WorkspaceClient.new_builder().with_credentials(credentials).with_region(region).build()
        assert reset(client) == password(USER, 1)
        credentials = GlobalCredentials(ACCESS_KEY, SECRET_KEY)
        client = IamClient.new_builder().with_credentials(credentials).with_region(region).build()
        domains = client.keystone_list_auth_domains(KeystoneListAuthDomainsRequest()).domains
        assert [domain.name for domain in domains] == ["wksmock"]
        seen = {entry["operation"] for entry in admin(url, "GET", "requests")["requests"]}
        assert seen >= {"KeystoneListProjects", "KeystoneListAuthDomains", "ResetRandomPassword"}


def test_token_is_valid_until_expiry_or_revocation():
    with serving("--auth", "required", "--token-ttl", "3600") as url:
        answer = login(url)
        token = answer.x_subject_token
        assert (answer.status_code, answer.token.user.name, answer.token.catalog) == (201, "developer", [])
        assert answer.token.project.id == PROJECT
        assert with_token(url, token) == (200, {"password": password(USER, 1)})
        request = KeystoneValidateTokenRequest(x_subject_token=token)
        assert of_iam(url).keystone_validate_token(request).token.user.name == "developer"
        status, body = with_token(url, token[:-1])
        assert (status, body["error_code"]) == (401, "APIGW.0301")
        assert "decrypt token fail" in body["error_msg"]

        [issued] = admin(url, "GET", "tokens")["tokens"]
        assert token not in json.dumps(issued)
        admin(url, "DELETE", f"tokens/{issued['id']}")
        assert with_token(url, token)[0] == 401
        with pytest.raises(ClientRequestException) as raised:
            of_iam(url).keystone_validate_token(request)
        assert raised.value.status_code == 404

        token = login(url).x_subject_token
        assert with_token(url, token)[0] == 200
        admin(url, "POST", "clock", {"advance_ms": 3_600_000})
        status, body = with_token(url, token)
        assert status == 401 and "token expires, expires_at: " in body["error_msg"]


def test_servers_of_one_seed_share_tokens():
    with serving("--seed", "9") as one, serving("--seed", "9") as other, serving("--seed", "8") as stranger:
        token = login(one).x_subject_token
        assert [with_token(url, token)[0] for url in (one, other, stranger)] == [200, 200, 401]


def test_wrong_login_is_a_keystone_error():
    with serving() as url:
        for wrong, status in ((dict(password="wrong"), 401), (dict(project="nowhere"), 404)):
            with pytest.raises(ClientRequestException) as raised:
                login(url, **wrong)
            error = raised.value
            assert (error.status_code, error.error_code) == (status, status), error


def test_temporary_keys_sign_requests():
    with serving("--auth", "required") as url:
        token = login(url).x_subject_token
        identity = TokenAuthIdentity(methods=["token"], token=IdentityToken(id=token, duration_seconds=900))
        body = CreateTemporaryAccessKeyByTokenRequestBody(auth=TokenAuth(identity=identity))
        request = CreateTemporaryAccessKeyByTokenRequest(body=body)
        key = of_iam(url).create_temporary_access_key_by_token(request).credential
        assert (len(key.access), len(key.secret)) == (20, 40)
        temporary = dict(access=key.access, secret=key.secret, security_token=key.securitytoken)
        assert reset(workspace(url, **temporary)) == password(USER, 1)
        assert refusal(workspace(url, **{**temporary, "secret": "x" * 40})).status_code == 401
        assert refusal(workspace(url, **{**temporary, "security_token": None})).status_code == 401
        assert refusal(workspace(url, **{**temporary, "security_token": "x" + key.securitytoken})).status_code == 401
        admin(url, "POST", "clock", {"advance_ms": 900_000})
        assert "signature expired" in refusal(workspace(url, **temporary)).error_msg


def test_refusal_reason_opens_for_permitted_accounts():
    with serving("--users", ACCOUNTS, "--auth", "required") as url:
        reader = dict(access="READERACCESSKEY00001", secret="readerSecretKey0000000000000000000000000001")
        refused = refusal(workspace(url, project="team-a", **reader))
        assert (refused.status_code, refused.error_code) == (403, "WKS.00081102")
        assert "workspace:users:randomPassword" in refused.error_msg
        body = DecodeAuthorizationMessageReq(encoded_message=refused.encoded_auth_msg)
        request = DecodeAuthorizationMessageRequest(body=body)
        client = of_sts(url, "ADMINACCESSKEY000001", "adminSecretKey00000000000000000000000000001")
        decoded = json.loads(client.decode_authorization_message(request).decoded_message)
        assert decoded["context"]["action"] == "workspace:users:randomPassword"
        assert decoded["context"]["user_profile"]["user_name"] == "reader"
        assert decoded["context"]["resource"].endswith(f":user:{USER}")
        assert decoded["missing"] == "workspace:users:randomPassword"
        with pytest.raises(ClientRequestException) as raised:
            body = DecodeAuthorizationMessageReq(encoded_message="Zm9yZ2Vk")
            client.decode_authorization_message(DecodeAuthorizationMessageRequest(body=body))
        assert (raised.value.status_code, raised.value.error_code) == (400, "STS5.1001")
        # An account of another project.
        other = refusal(workspace(url, project="team-b", access=reader["access"], secret=reader["secret"]))
        assert other.status_code == 403


def test_sts_identifies_the_caller():
    with serving("--auth", "required") as url:
        answer = of_sts(url).get_caller_identity(GetCallerIdentityRequest())
        assert answer.principal_urn == f"iam::{answer.account_id}:user:developer"


def test_bound_account_calls_its_clone():
    with serving("--auth", "required") as url:
        made = admin(url, "POST", "projects", {"from": PROJECT, "account": "developer"})
        assert made["account"] == "wksmock/developer"
        assert [reset(workspace(url)) for _ in range(2)] == [password(USER, 1), password(USER, 2)]
        [first, _] = admin(url, "GET", f"requests?project={made['id']}")["requests"]
        assert (first["project"], first["account"]) == (made["id"], "wksmock/developer")
        current = admin(url, "GET", f"passwords/{PROJECT}/{USER}")["current"]
        assert current is None, "nobody reset it in the project itself"
        assert admin(url, "GET", f"passwords/{made['id']}/{USER}")["current"]["call"] == 2


def test_rules_apply_to_iam_operations(tmp_path):
    scenario = tmp_path / "iam.json"
    rules = [
        {"name": "iam is down", "when": {"operation": "KeystoneListProjects", "calls": "1"}, "status": 503},
        {"name": "a token is good twice", "when": {"token_calls": "3-"}, "status": 401},
    ]
    scenario.write_text(json.dumps({"rules": rules}))
    with serving("--scenario", str(scenario)) as url:
        client = of_iam(url)
        with pytest.raises(ServerResponseException) as raised:
            client.keystone_list_projects(KeystoneListProjectsRequest(name="cn-north-4"))
        assert (raised.value.status_code, raised.value.error_code) == (503, 503)
        [project] = client.keystone_list_projects(KeystoneListProjectsRequest(name="cn-north-4")).projects
        assert project.id == PROJECT
        token = login(url).x_subject_token
        assert [with_token(url, token)[0] for _ in range(4)] == [200, 200, 401, 401]
