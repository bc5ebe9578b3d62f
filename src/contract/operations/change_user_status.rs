//! Locks or unlocks a user, or sends the user a new password.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{WORKSPACE, user_path};
use crate::contract::bodies::{BodyField, BodyForm, DocumentedBody, RequestBody, SdkClass, documented_body, field};
use crate::contract::row::OperationRow;
use crate::contract::schemas::fields;
use serde_json::json;

/// The actions that change the state of a user.
const OP_TYPES: &[&str] = &["LOCK", "UNLOCK", "RESET_PWD"];

/// The field that names the action.
pub(crate) static ACTION_FIELDS: &[BodyField] = &[field(
    "op_type",
    BodyForm::OneOf(OP_TYPES),
    "The action: lock the user, unlock the user, or send a new password.",
)
.needed()];

pub(super) static ROW: OperationRow = OperationRow {
    id: "ChangeUserStatus",
    method: "POST",
    path: &user_path("/actions"),
    changes: true,
    summary: "Locks or unlocks a user, or sends the user a new password",
    description: "RESET_PWD sends the new password only to the user.",
    action: Some("workspace:users:operate"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "UserActionRequest",
            schema: || fields(ACTION_FIELDS),
            example: || json!({ "op_type": "LOCK" }),
        },
        class: SdkClass::documented("OperateUserReq", ACTION_FIELDS),
        is_optional: false,
    }),
    statuses: &documented(succeeded(204, "The action was carried out.")),
    assumed: &[
        "RESET_PWD sends a message to each address of the user. For a user without an address it is refused: 400, \
         `WKS.00211102`.",
        "Locking a locked user, or unlocking an unlocked one, is a no-op: 204.",
    ],
    ..WORKSPACE
};
