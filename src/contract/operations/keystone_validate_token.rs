//! Shows what a token is valid for.

use super::keystone::{KEYSTONE, TOKEN_ANSWER, X_SUBJECT_TOKEN};
use super::parameters::{X_AUTH_TOKEN, query};
use super::statuses::{keystone, succeeded};
use crate::contract::row::{Form, Mandatory, OperationRow, Parameter, Piece, Place};

pub(super) static ROW: OperationRow = OperationRow {
    id: "KeystoneValidateToken",
    method: "GET",
    path: &[Piece::Literal("/v3/auth/tokens")],
    tag: "Token",
    summary: "Shows what a token is valid for",
    description: "The token to check is in the request header X-Subject-Token.",
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
    answer: Some(&TOKEN_ANSWER),
    answer_header: Some((X_SUBJECT_TOKEN, "The token.")),
    statuses: &keystone(succeeded(200, "The owner, scope and lifetime of the token.")),
    assumed: &["An expired or revoked token is treated as unknown: 404."],
    ..KEYSTONE
};
