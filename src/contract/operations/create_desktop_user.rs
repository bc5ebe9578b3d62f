//! Creates a user.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{ACTIVE_TYPES, USER_ID_ANSWER, USERS, WORKSPACE};
use crate::contract::bodies::{BodyField, BodyForm, DocumentedBody, RequestBody, SdkClass, documented_body, field};
use crate::contract::row::{OperationRow, Subject};
use crate::contract::schemas::fields;
use serde_json::json;
use std::ops::RangeInclusive;

/// Characters of a password that a new user is given.
const INITIAL_PASSWORD_CHARS: RangeInclusive<usize> = 8..=32;

/// The fields of a new user.
pub(crate) static CREATE_FIELDS: &[BodyField] = &[
    field("user_name", BodyForm::Text(1..=32), "The login name: letters, digits, `.`, `_` and `-`.")
        .needed()
        .like("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9-])?$"),
    field("user_email", BodyForm::Text(0..=64), "The e-mail address for notifications."),
    field("user_phone", BodyForm::Text(0..=20), "The phone number for text messages."),
    field(
        "active_type",
        BodyForm::OneOf(ACTIVE_TYPES),
        "The activation mode: `USER_ACTIVATE` (the password is sent to the user) or `ADMIN_ACTIVATE` (an administrator \
         sets it). Default: USER_ACTIVATE.",
    ),
    field("password", BodyForm::Text(INITIAL_PASSWORD_CHARS), "The initial password, required with ADMIN_ACTIVATE."),
    field(
        "account_expires",
        BodyForm::Text(0..=55),
        "When the account expires: a time, or `0` for never. Default: `0`.",
    ),
    field("enable_change_password", BodyForm::Boolean, "Whether the user may change the password. Default: true."),
    field(
        "next_login_change_password",
        BodyForm::Boolean,
        "Whether the user must change the password at the next login. Default: true.",
    ),
    field("group_ids", BodyForm::Ids(1..=5), "The ids of the user's groups."),
    field("description", BodyForm::Text(0..=255), "Description."),
    field("alias_name", BodyForm::Text(0..=55), "An alias of the user."),
    field("domain", BodyForm::Text(0..=255), "The domain of the user."),
    field("enterprise_project_id", BodyForm::Text(0..=255), "The enterprise project of the user."),
    field("user_info_map", BodyForm::Text(0..=255), "Additional information."),
];

pub(super) static ROW: OperationRow = OperationRow {
    id: "CreateDesktopUser",
    method: "POST",
    path: USERS,
    subject: Subject::Project,
    changes: true,
    // Whether somebody has the name already, is a look at all.
    takes_long: true,
    summary: "Creates a user",
    description: "A user in user activation mode needs an address, to which the login credentials are sent.",
    action: Some("workspace:users:create"),
    parameters: &[PROJECT_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "CreateUserRequest",
            schema: || fields(CREATE_FIELDS),
            example: || json!({ "user_name": "carol", "user_email": "carol@example.com" }),
        },
        class: SdkClass::documented("CreateUserRequest", CREATE_FIELDS),
        is_optional: false,
    }),
    answer: Some(&USER_ID_ANSWER),
    statuses: &documented(succeeded(201, "The user was created.")),
    assumed: &[
        "A name that is already used in the project, ignoring case, returns 400, `WKS.00211102`; exceeding the user \
         limit does the same.",
        "A password needs three of lower-case letters, upper-case letters, digits and special characters (else \
         `WKS.00170101`), and must not contain the user name (else `WKS.00170103`).",
        "A user in user activation mode is sent a password, the same one at each of the user's addresses.",
    ],
    ..WORKSPACE
};
