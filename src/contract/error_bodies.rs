//! The bodies of errors.

use super::bodies::{DocumentedBody, documented_body};
use super::errors::{CODE_CHARS_MAX, ERROR_CODES, INVALID_PARAMETER, KEYSTONE_NOT_FOUND, MESSAGE_CHARS_MAX};
use super::schemas::{object, some};
use serde_json::{Value, json};

pub(super) static BASE_ERROR: DocumentedBody = documented_body! {
    name: "BaseResponse",
    schema: base_schema,
    example: || json!({ "error_code": INVALID_PARAMETER.code, "error_msg": INVALID_PARAMETER.message }),
};

pub(super) static KEYSTONE_ERROR: DocumentedBody = documented_body! {
    name: "KeystoneResponse",
    schema: || {
        object(&json!({ "error": object(&json!({
            "code": { "type": "integer", "description": "The HTTP status." },
            "message": { "type": "string", "description": "The error message." },
            "title": { "type": "string", "description": "The name of the status." },
        })) }))
    },
    example: || {
        let (code, message) = (KEYSTONE_NOT_FOUND.status, KEYSTONE_NOT_FOUND.message);
        json!({ "error": { "code": code, "message": message, "title": "Not Found" } })
    },
};

#[cfg(feature = "console")]
fn base_schema() -> Value {
    let mut codes: Vec<_> = ERROR_CODES.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    some(
        &["error_code", "error_msg"],
        &json!({
            "error_code": {
                "type": "string",
                "minLength": 0,
                "maxLength": CODE_CHARS_MAX,
                "description": "The error code.",
                "examples": codes,
            },
            "error_msg": {
                "type": "string",
                "minLength": 0,
                "maxLength": MESSAGE_CHARS_MAX,
                "description": "The error message.",
            },
            "encoded_authorization_message": {
                "type": "string",
                "readOnly": true,
                "description": "The sealed reason of a refusal.",
            },
        }),
    )
}
