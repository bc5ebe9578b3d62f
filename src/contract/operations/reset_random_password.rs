//! Resets a desktop user's password to a random one.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{WORKSPACE, user_path};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::notification::NOTIFICATION_TYPE;
use crate::contract::row::{Form, Mandatory, OperationRow, Parameter, Place, Subject};
use crate::contract::schemas::object;
use serde_json::json;

/// Longest password that the documented answer allows, in characters.
const PASSWORD_CHARS_MAX: usize = 20;

static ANSWER: DocumentedBody = documented_body! {
    name: "RandomPasswordResponse",
    schema: || {
        object(&json!({
            "password": {
                "type": "string",
                "minLength": 0,
                "maxLength": PASSWORD_CHARS_MAX,
                "description": "The new password.",
            },
        }))
    },
    example: || json!({ "password": "xxcsafxxA%" }),
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "ResetRandomPassword",
    subject: Subject::User,
    changes: true,
    method: "GET",
    path: &user_path("/random-password"),
    summary: "Resets a desktop user's password to a random one",
    description: "Although it is a GET, it has a side effect: every successful call changes the user's password and \
                  sends the requested notification.",
    action: Some("workspace:users:randomPassword"),
    parameters: &[
        PROJECT_ID,
        USER_ID,
        Parameter {
            name: NOTIFICATION_TYPE,
            place: Place::Query,
            mandatory: Mandatory::No,
            chars: 0..=255,
            form: Form::NotificationTypes,
            description: "Where to send the new password: `email`, `phone`, or both, separated by a comma. Required \
                          for users in user activation mode, who receive passwords only this way.",
        },
        CONTENT_TYPE,
        X_AUTH_TOKEN,
    ],
    answer: Some(&ANSWER),
    statuses: &documented(succeeded(200, "The new password.")),
    assumed: &[
        "A reset of a user in user activation mode without `notification_type` is refused: 400.",
        "Values of `notification_type` other than `email`, `phone` and both, or duplicates, return 400.",
        "Locked and disabled users are reset like any other.",
        "A password has a lower-case letter, an upper-case letter, a digit and one of `!#$%*?^_`; it never contains \
         the user name.",
        "A user's resource name is `workspace:<region>:<domain id>:user:<user id>`.",
        "A token for a project other than the one in the path is refused: 403.",
        "`Content-Type` is optional in a signed request without a body (unless `--auth off`), and in every request \
         with `--fidelity observed`.",
        "The signature of a request without a body is accepted with the SHA-256 of an empty body and with the text of \
         `X-Sdk-Content-Sha256`.",
        "Signatures are accepted with repeated query parameters in sorted order and in the order sent.",
        "Signatures are accepted with a raw `+` in a query value read as a plus sign or as a space.",
    ],
    ..WORKSPACE
};
