//! An example of each body, for the OpenAPI document. Those of requests work with the users that the server has when it
//! is given none.

use super::errors::{INVALID_PARAMETER, KEYSTONE_NOT_FOUND};
use serde_json::{Value, json};

/// The project of the examples.
pub(crate) const PROJECT: &str = "0bec5db98280d2d02fd6c00c2de791ce";
/// The user of the examples.
pub(crate) const USER: &str = "8a2c3f9579d240820179d51e6caf0001";

/// An example of a body, by the name of its schema.
pub(crate) fn example(schema: &str) -> Value {
    let times = ["2020-01-04T09:08:49.965000Z", "2020-01-03T09:08:49.965000Z"];
    let domain_id = "d78cbac186b744899480f25bd022f468";
    let domain = json!({ "id": domain_id, "name": "wksmock" });
    match schema {
        "RandomPasswordResponse" => json!({ "password": "xxcsafxxA%" }),
        "TokenRequest" => json!({ "auth": {
            "identity": {
                "methods": ["password"],
                "password": { "user": {
                    "name": "developer", "password": "wksmock-password", "domain": { "name": "wksmock" },
                } },
            },
            "scope": { "project": { "name": "cn-north-4" } },
        } }),
        "TokenResponse" => json!({ "token": {
            "methods": ["password"],
            "expires_at": times[0],
            "issued_at": times[1],
            "catalog": [],
            "roles": [{ "id": "0", "name": "te_admin" }],
            "user": { "id": "7116d09f88fa41908676fdd4b039e95b", "name": "developer", "domain": domain, "password_expires_at": "" },
            "project": { "id": PROJECT, "name": "cn-north-4", "domain": domain },
        } }),
        "ProjectList" => json!({ "projects": [{ "id": PROJECT, "name": "cn-north-4" }], "links": {} }),
        "DomainList" => json!({ "domains": [domain], "links": {} }),
        "TemporaryKeyRequest" => {
            json!({ "auth": { "identity": { "methods": ["token"], "token": { "duration_seconds": 900 } } } })
        }
        "TemporaryKeyResponse" => json!({ "credential": {
            "access": "NZFAT5VNWEJDGZ4PZ2LQ", "secret": "…", "securitytoken": "…", "expires_at": times[0],
        } }),
        "CallerIdentity" => json!({
            "account_id": "d78cbac186b744899480f25bd022f468",
            "principal_id": "7116d09f88fa41908676fdd4b039e95b",
            "principal_urn": "iam::d78cbac186b744899480f25bd022f468:user:developer",
        }),
        "DecodeRequest" => json!({ "encoded_message": "c2VhbGVk" }),
        "DecodeResponse" => json!({ "decoded_message": "{}" }),
        "ListUsersResponse" => json!({ "total_count": 1, "users": [user(json!({
            "account_expires": "0", "account_expired": false, "enable_change_password": true,
        }))] }),
        "UserDetailResponse" => json!({ "user_detail": user(json!({
            "account_expires": 0, "user_expired": false, "enable_change_password": true, "account_type": 0,
            "full_name": "api-test",
        })) }),
        "CreateUserRequest" => json!({ "user_name": "carol", "user_email": "carol@example.com" }),
        "UpdateUserRequest" => json!({ "description": "moved" }),
        "UserActionRequest" => json!({ "op_type": "LOCK" }),
        "SendEmailRequest" => json!({ "template_id": "welcome" }),
        "IamUserList" => json!({ "users": [{
            "id": "7116d09f88fa41908676fdd4b039e95b", "name": "developer", "domain_id": domain_id, "enabled": true,
            "description": "", "links": {}, "password_expires_at": null,
        }], "links": {} }),
        "RegionList" => json!({ "regions": [{
            "id": "cn-north-4", "description": "", "parent_region_id": null, "type": "public",
            "locales": { "en-us": "cn-north-4", "zh-cn": "cn-north-4" }, "links": {},
        }], "links": {} }),
        "UserId" => json!({ "id": USER }),
        "Nothing" => json!({}),
        "BaseResponse" => json!({ "error_code": INVALID_PARAMETER.code, "error_msg": INVALID_PARAMETER.message }),
        "KeystoneResponse" => {
            let (code, message) = (KEYSTONE_NOT_FOUND.status, KEYSTONE_NOT_FOUND.message);
            json!({ "error": { "code": code, "message": message, "title": "Not Found" } })
        }
        _ => Value::Null,
    }
}

/// A user, with more than lists and details have in common.
fn user(more: Value) -> Value {
    let mut user = json!({
        "id": USER, "user_name": "api-test", "user_email": "test@huawei.com", "active_type": "ADMIN_ACTIVATE",
        "next_login_change_password": true, "password_never_expired": false, "disabled": false, "locked": false,
        "is_pre_user": false, "total_desktops": 0,
    });
    if let (Value::Object(user), Value::Object(more)) = (&mut user, more) {
        user.extend(more);
    }
    user
}
