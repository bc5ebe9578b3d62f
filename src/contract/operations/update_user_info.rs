//! Changes a user.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{ACTIVE_TYPES, USER, USER_ID_ANSWER, WORKSPACE};
use crate::contract::bodies::{BodyField, BodyForm, DocumentedBody, RequestBody, SdkClass, documented_body, field};
use crate::contract::row::OperationRow;
use crate::contract::schemas::fields;
use serde_json::json;

/// The fields of a user that can be changed.
pub(crate) static UPDATE_FIELDS: &[BodyField] = &[
    field("user_email", BodyForm::Text(0..=64), "The e-mail address for notifications."),
    field("user_phone", BodyForm::Text(0..=20), "The phone number for text messages."),
    field("description", BodyForm::Text(0..=255), "Description."),
    field(
        "active_type",
        BodyForm::OneOf(ACTIVE_TYPES),
        "The activation mode: `USER_ACTIVATE` (the password is sent to the user) or `ADMIN_ACTIVATE` (an administrator \
         sets it).",
    ),
    field("account_expires", BodyForm::Text(0..=55), "When the account expires: a time, or `0` for never."),
    field("enable_change_password", BodyForm::Boolean, "Whether the user may change the password."),
    field(
        "next_login_change_password",
        BodyForm::Boolean,
        "Whether the user must change the password at the next login.",
    ),
    field("password_never_expired", BodyForm::Boolean, "Whether the password never expires."),
    field("disabled", BodyForm::Boolean, "Whether the account is disabled."),
    field("user_info_map", BodyForm::Text(0..=255), "Additional information."),
];

pub(super) static ROW: OperationRow = OperationRow {
    id: "UpdateUserInfo",
    method: "PUT",
    path: USER,
    changes: true,
    summary: "Changes a user",
    description: "Fields that the body omits stay as they are.",
    action: Some("workspace:users:update"),
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "UpdateUserRequest",
            schema: || fields(UPDATE_FIELDS),
            example: || json!({ "description": "moved" }),
        },
        class: SdkClass::documented("EditUserReq", UPDATE_FIELDS),
        is_optional: false,
    }),
    answer: Some(&USER_ID_ANSWER),
    statuses: &documented(succeeded(200, "The user was changed.")),
    ..WORKSPACE
};
