//! Lists the IAM users of the caller's domain.

use super::parameters::{X_AUTH_TOKEN, query};
use super::statuses::{keystone, refused, succeeded};
use crate::contract::errors::{BODY_TOO_LARGE, METHOD_NOT_ALLOWED};
use crate::contract::row::{Form, OperationRow, Piece, Status, Subject};
use crate::contract::service::Service;

const LIST_ACCOUNTS_STATUSES: [Status; 9] = {
    let [success, malformed, unauthorized, forbidden, not_found, failed, unavailable] =
        keystone(succeeded(200, "The users."));
    let not_allowed = refused(&METHOD_NOT_ALLOWED, "The method is not allowed.");
    let too_large = refused(&BODY_TOO_LARGE, "The body is too large.");
    [success, malformed, unauthorized, forbidden, not_found, not_allowed, too_large, failed, unavailable]
};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneListUsers",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/users")],
    tag: "IAM User",
    summary: "Lists the IAM users of the caller's domain",
    description: "The Terraform provider looks up the user by name when it logs in with a password.",
    takes_long: true,
    identifies: false,
    action: None,
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
    body: None,
    body_is_optional: false,
    answer: "IamUserList",
    statuses: &LIST_ACCOUNTS_STATUSES,
    assumed: &[
        "The users are the accounts of the users files, without descriptions and all enabled.",
        "Every account may list the users of its own domain; without credentials, all are listed.",
        "A list has at most 5,000 users.",
        "`password_expires_at`: 400.",
    ],
};
