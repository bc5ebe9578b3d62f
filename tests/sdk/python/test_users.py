"""The official SDK's operations on users, and the reset of each kind of user."""

import pytest
from conftest import ACCESS_KEY, PROJECT, SECRET_KEY, USER, USER_ACTIVATED, password, serving
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkworkspace.v2 import (
    ChangeUserStatusRequest,
    CreateDesktopUserRequest,
    CreateUserRequest,
    DeleteUserRequest,
    EditUserReq,
    ListUserDetailRequest,
    ListUsersRequest,
    OperateUserReq,
    ResetRandomPasswordRequest,
    UpdateUserInfoRequest,
    WorkspaceClient,
)


@pytest.fixture
def client():
    with serving("--auth", "required") as url:
        credentials = BasicCredentials(ACCESS_KEY, SECRET_KEY, PROJECT)
        yield WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def names(client, **query):
    listed = client.list_users(ListUsersRequest(**query))
    return listed.total_count, [user.user_name for user in listed.users]


def detail(client, user_id):
    return client.list_user_detail(ListUserDetailRequest(user_id=user_id)).user_detail


def create(client, **fields):
    return client.create_desktop_user(CreateDesktopUserRequest(body=CreateUserRequest(**fields))).id


def act(client, user_id, action):
    body = OperateUserReq(op_type=action)
    return client.change_user_status(ChangeUserStatusRequest(user_id=user_id, body=body))


def reset(client, user_id, **query):
    return client.reset_random_password(ResetRandomPasswordRequest(user_id=user_id, **query)).password


def refused(call, *arguments, **more):
    with pytest.raises(ClientRequestException) as raised:
        call(*arguments, **more)
    return raised.value.status_code, raised.value.error_code


def test_users_are_listed_in_pages_and_by_filters(client):
    total, all_names = names(client)
    assert total == len(all_names) == 9
    pages = [names(client, limit="4", offset=str(offset)) for offset in (0, 4, 8)]
    assert [total for total, _ in pages] == [9, 9, 9]
    assert sum((page for _, page in pages), []) == all_names
    assert names(client, user_name="api-test", active_type="USER_ACTIVATE") == (1, ["api-test2"])


def test_user_detail_is_shown(client):
    shown = detail(client, USER)
    assert (shown.user_name, shown.user_email, shown.locked) == ("api-test", "api-test@example.com", False)
    assert (shown.account_expires, shown.user_expired, shown.total_desktops) == (0, False, 0)
    [listed] = client.list_users(ListUsersRequest(user_name="api-test2")).users
    assert (listed.account_expires, listed.enable_change_password) == ("0", True)
    assert refused(detail, client, "nobody") == (404, "WKS.00211902")


def test_user_is_created_changed_and_deleted(client):
    user_id = create(client, user_name="carol", user_email="carol@example.com")
    assert detail(client, user_id).active_type == "USER_ACTIVATE"
    assert refused(reset, client, user_id) == (400, "WKS.00211102")
    assert reset(client, user_id, notification_type="email")
    body = EditUserReq(description="moved", active_type="ADMIN_ACTIVATE")
    assert client.update_user_info(UpdateUserInfoRequest(user_id=user_id, body=body)).id == user_id
    shown = detail(client, user_id)
    assert (shown.description, shown.active_type, shown.user_email) == ("moved", "ADMIN_ACTIVATE", "carol@example.com")
    assert reset(client, user_id)
    act(client, user_id, "LOCK")
    assert detail(client, user_id).locked is True
    assert reset(client, user_id), "a locked user is reset all the same"
    act(client, user_id, "UNLOCK")
    assert detail(client, user_id).locked is False
    client.delete_user(DeleteUserRequest(user_id=user_id))
    assert refused(reset, client, user_id) == (404, "WKS.00211902")
    assert names(client, user_name="carol") == (0, [])


def test_administrators_password_must_be_strong(client):
    fields = dict(user_name="dave", active_type="ADMIN_ACTIVATE")
    assert refused(create, client, **fields) == (400, "WKS.00211102")
    assert refused(create, client, **fields, password="password") == (400, "WKS.00170101")
    assert refused(create, client, **fields, password="Dave2026") == (400, "WKS.00170103")
    user_id = create(client, **fields, password="Tr0ub4dor")
    assert reset(client, user_id)
    assert refused(act, client, user_id, "RESET_PWD") == (400, "WKS.00211102"), "nothing could be sent to him"


def test_each_kind_of_user_is_reset(client):
    assert reset(client, USER) == password(USER, 1)
    assert refused(reset, client, USER_ACTIVATED) == (400, "WKS.00211102")
    assert reset(client, USER_ACTIVATED, notification_type="phone") == password(USER_ACTIVATED, 2)
    act(client, USER, "RESET_PWD")
    assert reset(client, USER) == password(USER, 2), "it is no reset of this kind"
    client.delete_user(DeleteUserRequest(user_id=USER))
    assert refused(reset, client, USER) == (404, "WKS.00211902")
