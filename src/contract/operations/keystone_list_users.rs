//! Lists the IAM users of the caller's domain.

use super::keystone::KEYSTONE;
use super::parameters::{X_AUTH_TOKEN, query};
use super::statuses::{keystone, refused, succeeded};
use crate::contract::bodies::{DocumentedBody, documented_body};
use crate::contract::errors::{BODY_TOO_LARGE, METHOD_NOT_ALLOWED};
use crate::contract::examples::{ACCOUNT_ID, DOMAIN_ID};
use crate::contract::row::{Form, OperationRow, Piece, Status};
use crate::contract::schemas::{object, text};
use serde_json::json;

const LIST_ACCOUNTS_STATUSES: [Status; 9] = {
    let [success, malformed, unauthorized, forbidden, not_found, failed, unavailable] =
        keystone(succeeded(200, "The users."));
    let not_allowed = refused(&METHOD_NOT_ALLOWED, "The method is not allowed.");
    let too_large = refused(&BODY_TOO_LARGE, "The body is too large.");
    [success, malformed, unauthorized, forbidden, not_found, not_allowed, too_large, failed, unavailable]
};

static ANSWER: DocumentedBody = documented_body! {
    name: "IamUserList",
    schema: || {
        object(&json!({
            "users": { "type": "array", "items": object(&json!({
                "id": text(), "name": text(), "domain_id": text(), "enabled": { "type": "boolean" },
                "description": text(), "links": { "type": "object" }, "password_expires_at": { "type": "null" },
            })) },
            "links": { "type": "object" },
        }))
    },
    example: || {
        json!({ "users": [{
            "id": ACCOUNT_ID, "name": "developer", "domain_id": DOMAIN_ID, "enabled": true,
            "description": "", "links": {}, "password_expires_at": null,
        }], "links": {} })
    },
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListUsers",
    method: "GET",
    path: &[Piece::Literal("/v3/users")],
    tag: "IAM User",
    summary: "Lists the IAM users of the caller's domain",
    description: "The Terraform provider looks up the user by name when it logs in with a password.",
    takes_long: true,
    parameters: &[
        X_AUTH_TOKEN,
        query("domain_id", Form::Text, "Only users of this domain."),
        query("enabled", Form::Boolean, "Only users that are enabled, or that are not."),
        query("name", Form::Text, "Only users with this name."),
        query(
            "password_expires_at",
            Form::Unanswered("passwords of accounts do not expire"),
            "Documented, but not supported here: a value that is not empty is refused with 400.",
        ),
    ],
    answer: Some(&ANSWER),
    statuses: &LIST_ACCOUNTS_STATUSES,
    assumed: &[
        "The users are the accounts of the users files, without descriptions and all enabled.",
        "Every account may list the users of its own domain; without credentials, all are listed.",
        "A list has at most 5,000 users.",
        "`password_expires_at`: 400.",
    ],
    ..KEYSTONE
};
