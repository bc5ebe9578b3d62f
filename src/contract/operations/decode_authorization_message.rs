//! Decodes the sealed reason of a refusal.

use super::parameters::{CONTENT_TYPE, X_AUTH_TOKEN};
use super::statuses::{sts, succeeded};
use crate::contract::bodies::{
    ClassField, DocumentedBody, FieldKind, RequestBody, SdkClass, documented_body, sdk_classes,
};
use crate::contract::errors::SEALED_CHARS_MAX;
use crate::contract::row::{OperationRow, Piece};
use crate::contract::schemas::object;
use crate::contract::service::Service;
use serde_json::json;

static ANSWER: DocumentedBody = documented_body! {
    name: "DecodeResponse",
    schema: || object(&json!({ "decoded_message": { "type": "string", "description": "A JSON document." } })),
    example: || json!({ "decoded_message": "{}" }),
};

sdk_classes! {
    REQUEST = "DecodeAuthorizationMessageReq" { needed encoded_message: Text }
}

pub(super) static ROW: OperationRow = OperationRow {
    id: "DecodeAuthorizationMessage",
    service: Service::Sts,
    method: "POST",
    path: &[Piece::Literal("/v5/decode-authorization-message")],
    tag: "STS",
    summary: "Decodes the sealed reason of a refusal",
    description: "Decodes the encoded_authorization_message of an error: who was refused what, and why.",
    action: Some("sts::decodeAuthorizationMessage"),
    parameters: &[CONTENT_TYPE, X_AUTH_TOKEN],
    request: Some(RequestBody {
        body: documented_body! {
            name: "DecodeRequest",
            schema: || {
                object(&json!({
                    "encoded_message": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": SEALED_CHARS_MAX,
                        "pattern": "^[A-Za-z0-9+/]+={0,2}$",
                        "description": "The encoded_authorization_message of an error.",
                    },
                }))
            },
            example: || json!({ "encoded_message": "c2VhbGVk" }),
        },
        class: REQUEST,
        is_optional: false,
    }),
    answer: Some(&ANSWER),
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
    ..OperationRow::DRAFT
};
