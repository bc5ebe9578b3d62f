//! The schemas of `try`.

use super::shape::{any_of, closed, described, flag, nullable, number, object, one_of, string, text};
use crate::admin::TrialEnd;
use crate::contract::Operation;
use crate::state::Credentials;
use serde_json::{Value, json};

/// A request that is tried, and how it ended.
pub(super) fn schemas() -> Value {
    let ids: Vec<_> = Operation::all().map(|operation| operation.id).collect();
    let simple = || json!([string(), { "type": ["number", "boolean"] }]);
    let value = json!({ "anyOf": [
        string(), { "type": ["number", "boolean", "null"] }, { "type": "array", "items": { "anyOf": simple() } },
    ] });
    json!({
        "TryRequest": closed("The request to send.", json!({
            "operation": one_of("The operationId.", &ids),
            "project?": text("The project of the path, or of the token's scope."),
            "user?": text("The user of the path, if the operation has one."),
            "account?": text("The account that calls, as `domain/name` or by its name alone. Default: one that may."),
            "auth?": one_of(
                "The credentials: a `signature` with the access key, a `token`, a `temporary` access key, `none`, or `wrong` ones. \
                 Default: `signature` if the account has an access key.",
                &Credentials::NAMES,
            ),
            "parameters?": described(
                "Further parameters by name: a value, a list of values to send it several times, or null to leave a header out.",
                json!({ "type": "object", "additionalProperties": value }),
            ),
            "body?": described("The body as JSON; null sends none. Default: none, except for a login or a temporary access key, where the server writes it.", json!({})),
            "timeout_ms?": described(
                "How long to wait for the answer. Default and maximum: `try_time_ms`.",
                json!({ "type": "integer", "minimum": 1 }),
            ),
        })),
        "Tried": object("The request that was sent, and how it ended.", json!({
            "request": object("What was sent.", json!({
                "auth": described("The credentials that were sent.", any_of(&Credentials::NAMES)),
                "account": nullable(text("The account that called; null without credentials.")),
                "head": text("Request line and header fields, secrets redacted."),
                "body": text("The body, secrets redacted."),
            })),
            "answer": nullable(object("What came back; null if no byte did.", json!({
                "status": nullable(number("The status; null if the bytes are not HTTP.")),
                "head": text("Status line and header fields."),
                "body": text("The body; if `base64`, in that encoding."),
                "base64": flag("Whether the body is not UTF-8 text."),
                "bytes": number("How many bytes came."),
                "cut": flag("Whether the answer is longer than is shown."),
            }))),
            "ended": one_of(
                "`answered`: the answer is complete. `reset`: the connection was reset. `closed`: it was closed early. \
                 `timed_out`: the time was up. `refused`: it was not accepted.",
                &TrialEnd::NAMES,
            ),
            "note": nullable(text("What is odd about the framing of the answer.")),
            "after_ms": number("Milliseconds from connecting to the end."),
            "index": nullable(number("The index of its journal entry; null if it was not journaled.")),
            "reason": nullable(described("The reason that the error had sealed in `encoded_authorization_message`, opened.", json!({}))),
        })),
    })
}
