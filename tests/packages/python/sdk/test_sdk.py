"""A program that reads all from the environment, as the vendor's samples do: no credentials, no endpoint in its code."""

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkworkspace.v2 import ResetRandomPasswordRequest, WorkspaceClient
from huaweicloudsdkworkspace.v2.region.workspace_region import WorkspaceRegion

from wksmock import Clone


def reset(user, tries=3):
    client = WorkspaceClient.new_builder().with_region(WorkspaceRegion.value_of("cn-north-4")).build()
    for left in reversed(range(tries)):
        try:
            return client.reset_random_password(ResetRandomPasswordRequest(user_id=user)).password
        except ServerResponseException:
            if left == 0:
                raise


def test_sdk_calls_the_clone_without_credentials_in_code(wksmock: Clone):
    assert reset(wksmock.user) == wksmock.password(call=1)
    (request,) = wksmock.requests()
    assert request["account"] == "wksmock/developer"


def test_sdk_meets_the_faults_of_the_clone(wksmock: Clone):
    wksmock.fault("0001=503:1-2")
    wksmock.expect({"name": "tries again", "statuses": [503, 503, 200]})
    assert reset(wksmock.user) == wksmock.password(call=3)


@pytest.mark.wksmock(scenario={"rules": [{"name": "denied", "status": 403}]})
def test_sdk_raises_the_error_of_a_rule(wksmock: Clone):
    with pytest.raises(ClientRequestException) as raised:
        reset(wksmock.user)
    assert raised.value.error_code == "WKS.00081102"
