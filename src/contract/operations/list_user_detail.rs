//! Shows a user.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{USER, WORKSPACE, user_example, user_schema};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::row::OperationRow;
use crate::contract::schemas::{object, text, time};
use serde_json::json;

static ANSWER: DocumentedBody = documented_body! {
    name: "UserDetailResponse",
    schema: || {
        object(&json!({ "user_detail": user_schema(json!({
            "account_expires": { "type": "integer", "format": "int64" }, "user_expired": { "type": "boolean" },
            "account_type": { "type": "integer" }, "full_name": text(),
            "group_names": { "type": "array", "items": text() }, "when_created": time(),
        })) }))
    },
    example: || {
        json!({ "user_detail": user_example(json!({
            "account_expires": 0, "user_expired": false, "account_type": 0, "full_name": "api-test",
        })) })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "ListUserDetail",
    method: "GET",
    path: USER,
    summary: "Shows a user",
    description: "Some fields have different names and types than in the list.",
    action: Some("workspace:users:get"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    answer: Some(&ANSWER),
    statuses: &documented(succeeded(200, "The user.")),
    assumed: &["Only created users have `when_created`, in virtual time."],
    ..WORKSPACE
};
