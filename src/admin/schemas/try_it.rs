//! The schemas of `try`.

use super::super::Ended;
use super::{closed, flag, nullable, number, object, one_of, text};
use crate::contract::OPERATIONS;
use crate::state::Credentials;
use serde_json::{Value, json};

/// A request that is tried, and what came of it.
pub(super) fn schemas() -> Value {
    let ids: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let simple = || json!([text(), { "type": ["number", "boolean"] }]);
    let value = json!({ "anyOf": [
        text(), { "type": ["number", "boolean", "null"] }, { "type": "array", "items": { "anyOf": simple() } },
    ] });
    json!({
        "TryRequest": closed(json!({
            "operation": one_of(&ids),
            "project?": text(),
            "user?": text(),
            "account?": text(),
            "auth?": one_of(&Credentials::NAMES),
            "parameters?": { "type": "object", "additionalProperties": value },
            "body?": {},
            "timeout_ms?": { "type": "integer", "minimum": 1 },
        })),
        "Tried": object(json!({
            "request": object(json!({
                "auth": one_of(&Credentials::NAMES), "account": nullable(text()), "head": text(), "body": text(),
            })),
            "answer": nullable(object(json!({
                "status": nullable(number()),
                "head": text(),
                "body": text(),
                "base64": flag(),
                "bytes": number(),
                "cut": flag(),
            }))),
            "ended": one_of(&Ended::NAMES),
            "note": nullable(text()),
            "after_ms": number(),
            "index": nullable(number()),
            "reason": nullable(json!({})),
        })),
    })
}
