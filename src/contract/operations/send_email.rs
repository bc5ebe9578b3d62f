//! Sends a user's activation message again.

use super::parameters::{CONTENT_TYPE, PROJECT_ID, USER_ID, X_AUTH_TOKEN};
use super::statuses::{documented, succeeded};
use super::workspace::{WORKSPACE, user_path};
use crate::contract::bodies::{BodyField, BodyForm, DocumentedBody, RequestBody, SdkClass, documented_body, field};
use crate::contract::row::OperationRow;
use crate::contract::schemas::fields;
use serde_json::json;

/// The templates of the message.
pub(crate) static SEND_FIELDS: &[BodyField] = &[
    field("template_id", BodyForm::Text(0..=255), "The template of an e-mail."),
    field("phone_template_id", BodyForm::Text(0..=255), "The template of a text message."),
];

pub(super) static ROW: OperationRow = OperationRow {
    id: "SendEmail",
    method: "POST",
    path: &user_path("/resend-email"),
    changes: true,
    summary: "Sends a user's activation message again",
    description: "The message goes to each address of the user. The body may be omitted.",
    parameters: &[PROJECT_ID, USER_ID, CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "SendEmailRequest",
            schema: || fields(SEND_FIELDS),
            example: || json!({ "template_id": "welcome" }),
        },
        class: SdkClass::documented("ResendEmailReq", SEND_FIELDS),
        is_optional: true,
    }),
    statuses: &documented(succeeded(204, "The message was sent.")),
    assumed: &[
        "Success is a 204. The required action is unknown, so any account with access to the project may call it.",
        "The message has the user's current password; a user without a password gets a new one.",
        "For a user without an address it is refused: 400, `WKS.00211102`.",
        "There are no templates: `template_id` and `phone_template_id` are ignored.",
    ],
    ..WORKSPACE
};
