//! Shows what a token is valid for.

use super::parameters::{X_AUTH_TOKEN, query};
use super::statuses::{keystone, succeeded};
use crate::contract::row::{Form, Mandatory, OperationRow, Parameter, Piece, Place, Subject};
use crate::contract::service::Service;

/// The header field with the token to check, and with a new token.
pub(crate) const X_SUBJECT_TOKEN: &str = "X-Subject-Token";

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneValidateToken",
    service: Service::Keystone,
    subject: Subject::Caller,
    changes: false,
    method: "GET",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Shows what a token is valid for",
    description: "The token to check is in the request header X-Subject-Token.",
    takes_long: false,
    identifies: false,
    action: None,
    parameters: &[
        X_AUTH_TOKEN,
        Parameter {
            name: X_SUBJECT_TOKEN,
            place: Place::Header,
            mandatory: Mandatory::Always,
            chars: 1..=40_000,
            form: Form::Text,
            description: "The token to check.",
        },
        query("nocatalog", Form::Text, "If present and not empty, the catalog is empty."),
    ],
    body: None,
    body_is_optional: false,
    answer: "TokenResponse",
    statuses: &keystone(succeeded(200, "The owner, scope and lifetime of the token.")),
    assumed: &["An expired or revoked token is treated as unknown: 404."],
};
