//! Decodes the sealed reason of a refusal.

use super::parameters::{CONTENT_TYPE, X_AUTH_TOKEN};
use super::statuses::{sts, succeeded};
use crate::contract::row::{OperationRow, Piece, Subject};
use crate::contract::service::Service;

pub(super) static ROW: OperationRow = OperationRow {
    id: "DecodeAuthorizationMessage",
    service: Service::Sts,
    subject: Subject::Caller,
    changes: false,
    method: "POST",
    path: &[Piece::Literal("/v5/decode-authorization-message")],
    tag: "STS",
    summary: "Decodes the sealed reason of a refusal",
    description: "Decodes the encoded_authorization_message of an error: who was refused what, and why.",
    takes_long: false,
    identifies: false,
    action: Some("sts::decodeAuthorizationMessage"),
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    body: Some("DecodeRequest"),
    body_is_optional: false,
    answer: "DecodeResponse",
    statuses: &sts(succeeded(200, "The decoded message.")),
    assumed: &[
        "A message that this server did not seal, or that is truncated: 400, `STS5.1001`. A failure: 500 with the same \
         code.",
        "A decoded message has `context` with `user_profile`, `action`, `resource` and `project_id`, then \
         `matched_statements` and `failure`.",
        "A decoded message also has `missing` (the missing permission or project) or `policy` (the policy of a \
         temporary key that denies).",
        "A token is accepted like a signature.",
    ],
};
