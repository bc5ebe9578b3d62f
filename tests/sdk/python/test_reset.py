"""The official Python SDK resets passwords, and raises its own exceptions."""

import json
import re
import urllib.error
import urllib.request

import pytest
from conftest import ACCESS_KEY, PROJECT, SECRET_KEY, USER, USER_ACTIVATED, password, serving
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.retry.backoff_strategy import BackoffStrategies
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient

CODES = {
    400: "WKS.00211102",
    401: "APIGW.0301",
    403: "WKS.00081102",
    404: "WKS.00211902",
    405: "WKS.00000405",
    500: "WKS.00211401",
    503: "WKS.00050902",
}


def client(url):
    credentials = BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT)
    return WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def reset(sdk, user=USER, notification_type=None):
    request = ResetRandomPasswordRequest(user_id=user, notification_type=notification_type)
    return sdk.reset_random_password(request).password


def test_each_call_returns_the_password_of_the_cli(url):
    sdk = client(url)
    given = [reset(sdk, notification_type=kind) for kind in (None, "email", "phone", "email,phone")]
    assert given == [password(USER, call) for call in range(1, 5)]


def test_another_seed_gives_other_passwords():
    with serving("--seed", "7") as url:
        assert reset(client(url)) == password(USER, 1, "--seed", "7") != password(USER, 1)


@pytest.mark.parametrize("status", CODES)
def test_each_documented_status_is_an_sdk_exception(url, status):
    with pytest.raises((ClientRequestException, ServerResponseException)) as raised:
        reset(client(url), user=f"8a2c3f9579d240820179d51e6caf0{status}")
    error = raised.value
    assert isinstance(error, ClientRequestException if status < 500 else ServerResponseException)
    assert (error.status_code, error.error_code) == (status, CODES[status])
    assert error.error_msg
    assert re.fullmatch("[0-9a-f]{32}", error.request_id)
    assert bool(error.encoded_auth_msg) == (status == 403)


def test_unknown_user_is_not_found(url):
    with pytest.raises(ClientRequestException) as raised:
        reset(client(url), user="8a2c3f9579d240820179d51e6caf9999")
    assert raised.value.status_code == 404


def test_user_activated_user_needs_a_notification_type(url):
    sdk = client(url)
    with pytest.raises(ClientRequestException) as raised:
        reset(sdk, user=USER_ACTIVATED)
    assert raised.value.status_code == 400
    assert "notification_type" in raised.value.error_msg
    assert reset(sdk, user=USER_ACTIVATED, notification_type="email") == password(USER_ACTIVATED, 2)


def test_sdk_retry_survives_an_outage():
    with serving("--fault", f"{USER}=503:1-2") as url:
        sdk = client(url)
        for _ in range(2):
            with pytest.raises(ServerResponseException):
                reset(sdk)
        assert reset(sdk) == password(USER, 3)
    with serving("--fault", f"{USER}=503:1-2") as url:
        request = ResetRandomPasswordRequest(user_id=USER)
        invoker = client(url).reset_random_password_invoker(request)
        answer = invoker.with_retry(
            retry_condition=lambda _, error: isinstance(error, ServerResponseException),
            max_retries=3,
            backoff_strategy=BackoffStrategies.NONE,
        ).invoke()
        assert answer.password == password(USER, 3)


BROKEN = ["reset", "empty_response", "random_data", "truncated_body", "malformed_chunk"]


@pytest.mark.parametrize("fault", BROKEN)
def test_wire_fault_is_an_sdk_error_and_the_next_call_works(fault):
    with serving("--fault", f"{USER}={fault}:1") as url:
        sdk = client(url)
        with pytest.raises(Exception) as raised:
            reset(sdk)
        assert not isinstance(raised.value, (ClientRequestException, ServerResponseException)), raised.value
        assert reset(sdk) == password(USER, 2)


def test_blind_retry_repeats_a_lost_reset():
    with serving("--fault", f"{USER}=reset:1:after") as url:
        invoker = client(url).reset_random_password_invoker(ResetRandomPasswordRequest(user_id=USER))
        answer = invoker.with_retry(
            retry_condition=lambda _, error: error is not None,
            max_retries=2,
            backoff_strategy=BackoffStrategies.NONE,
        ).invoke()
        # The first password was set as well, but no client received it.
        assert answer.password == password(USER, 2)
        question = f"{url}/__admin/requests?user={USER}"
        with urllib.request.urlopen(question) as journal:
            first, second = json.load(journal)["requests"]
        assert (first["state"], first["decision"]["password"]) == ("cut", password(USER, 1))
        assert second["state"] == "answered"


def test_sdk_signature_passes_required_auth():
    with serving("--auth", "required") as url:
        assert reset(client(url)) == password(USER, 1)
        path = f"{url}/v2/{PROJECT}/users/{USER}/random-password"
        request = urllib.request.Request(path, headers={"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request)
        with raised.value as answer:
            body = json.load(answer)
        assert answer.code == 401
        assert body["error_code"] == "APIGW.0301"
        assert "x-auth-token not found" in body["error_msg"]
