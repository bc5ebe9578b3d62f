//! What an expectation may say. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use super::heading::PLAIN;
use super::scenario::{Ids, OperationId, Status, TOKEN};
use crate::contract::{NotificationType, RESET_RANDOM_PASSWORD};
use crate::scenario::NAME_CHARS;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the consumer must do, judged for each user with calls, or for each user that `when` names.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = expects_something)]
pub(super) struct Expectation {
    /// The name of the expectation, for reports.
    #[schemars(length(min = *NAME_CHARS.start(), max = *NAME_CHARS.end()), regex(pattern = PLAIN))]
    name: String,
    /// Which calls to judge. Default: all.
    when: Option<ExpectWhen>,
    /// The number of counted calls.
    calls: Option<Bounds>,
    /// Milliseconds of real time from the end of an answer to the user's next call.
    gap_ms: Option<Bounds>,
    /// `growing`: no gap may be more than 10 % shorter than the previous gap.
    #[schemars(extend("const" = "growing"))]
    backoff: Option<String>,
    /// What every call must contain.
    sent: Option<Sent>,
    /// The statuses that the calls must get: exactly these, in this order.
    #[schemars(length(min = 1))]
    statuses: Option<Vec<Status>>,
    /// The status that the last call must get.
    ends_with: Option<Status>,
    /// Further calls after a reset whose answer was lost.
    after_lost: Option<AtMost>,
    /// The messages sent to the user, without those that a rule lost.
    notified: Option<Notified>,
}

/// The number of messages of each type.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct Notified {
    /// E-mails. Default: any number.
    email: Option<Bounds>,
    /// Text messages. Default: any number.
    phone: Option<Bounds>,
}

/// Which calls to judge.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExpectWhen {
    /// The id of a project or a list of ids. Default: every project.
    project: Option<Ids>,
    /// A user or a list of users, each by id, `user_name` or the end of the id; each is judged, even without calls. Default:
    /// every user with calls.
    user: Option<Ids>,
    /// The calling account, as domain/name or name, or a list of these. Default: any caller.
    account: Option<Ids>,
    /// The operation. Operations of IAM and STS have neither project nor user and are judged for each account.
    #[schemars(extend("default" = RESET_RANDOM_PASSWORD.id))]
    operation: Option<OperationId>,
}

/// Inclusive bounds; one may be omitted.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct Bounds {
    /// The minimum.
    #[schemars(extend("default" = 0))]
    min: Option<u64>,
    /// The maximum. Default: no bound.
    max: Option<u64>,
}

/// An inclusive bound.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AtMost {
    /// The maximum.
    max: u64,
}

/// What every call must contain.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = [
        { "required": ["header"], "properties": { "header": { "minProperties": 1 } } },
        { "required": ["notification_type"] },
    ])
)]
struct Sent {
    /// Header fields: true if the field must be present, false if it must be absent, or its value.
    #[schemars(extend("propertyNames" = { "pattern": TOKEN }))]
    header: Option<BTreeMap<String, Presence>>,
    /// The notification types that must be requested.
    notification_type: Option<Vec<Notification>>,
}

/// Whether a field is present, or its value.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Presence {
    There(bool),
    Value(String),
}

/// A notification type.
#[derive(JsonSchema)]
#[schemars(transparent, extend("enum" = NotificationType::ALL.map(NotificationType::name)))]
struct Notification(String);

/// An expectation that expects nothing could not fail.
fn expects_something(schema: &mut Schema) {
    let fields = schema.get("properties").and_then(Value::as_object);
    let names = fields.into_iter().flat_map(|fields| fields.keys());
    let judged = names.filter(|name| !["name", "when"].contains(&name.as_str()));
    let one_of: Vec<_> = judged.map(|name| json!({ "required": [name] })).collect();
    schema.insert("anyOf".to_owned(), one_of.into());
}
