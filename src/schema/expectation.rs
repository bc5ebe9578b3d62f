//! What an expectation may say. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use super::heading::PLAIN;
use super::scenario::{Ids, OperationId, Status, TOKEN};
use crate::contract::{NotificationType, RESET_RANDOM_PASSWORD};
use crate::scenario::NAME_CHARS;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the consumer must do, judged for each user that calls, or for each that `when` names.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = expects_something)]
pub(super) struct Expectation {
    /// The expectation's name, for reports.
    #[schemars(length(min = *NAME_CHARS.start(), max = *NAME_CHARS.end()), regex(pattern = PLAIN))]
    name: String,
    /// Whose calls are judged. Default: everyone's.
    when: Option<ExpectWhen>,
    /// How many calls are counted.
    calls: Option<Bounds>,
    /// Milliseconds of real time from the end of an answer to the next call of the user.
    gap_ms: Option<Bounds>,
    /// How the gaps must be: growing, so that none is more than 10 % shorter than the one before.
    #[schemars(extend("const" = "growing"))]
    backoff: Option<String>,
    /// What every call must bring along.
    sent: Option<Sent>,
    /// The statuses that must be met, in this order, and no others.
    #[schemars(length(min = 1))]
    statuses: Option<Vec<Status>>,
    /// The status that the last call must meet.
    ends_with: Option<Status>,
    /// Further calls, once a password was reset and the answer lost.
    after_lost: Option<AtMost>,
    /// The messages that the user is sent and that no rule has lost.
    notified: Option<Notified>,
}

/// How many messages of each type.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct Notified {
    /// E-mails. Default: any number.
    email: Option<Bounds>,
    /// Messages to the phone. Default: any number.
    phone: Option<Bounds>,
}

/// Whose calls are judged.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExpectWhen {
    /// The id of a project or a list of ids. Default: every project.
    project: Option<Ids>,
    /// The id of a user or a list of ids; each is judged, also one that never calls. Default: every user that calls.
    user: Option<Ids>,
    /// The account that calls, as domain/name or by its name alone, or a list of such. Default: whoever calls.
    account: Option<Ids>,
    /// The operation. Of those of IAM and STS, which have no project and no user, each account is judged.
    #[schemars(extend("default" = RESET_RANDOM_PASSWORD.id))]
    operation: Option<OperationId>,
}

/// Bounds, both included; one may be left out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct Bounds {
    /// The least.
    #[schemars(extend("default" = 0))]
    min: Option<u64>,
    /// The most. Default: no bound.
    max: Option<u64>,
}

/// A bound, included.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AtMost {
    /// The most.
    max: u64,
}

/// What every call must bring along.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = [
        { "required": ["header"], "properties": { "header": { "minProperties": 1 } } },
        { "required": ["notification_type"] },
    ])
)]
struct Sent {
    /// Header fields: true if it must be there, false if it must not, or the value that it must have.
    #[schemars(extend("propertyNames" = { "pattern": TOKEN }))]
    header: Option<BTreeMap<String, Presence>>,
    /// The ways of notification that must be asked for.
    notification_type: Option<Vec<Notification>>,
}

/// Whether something is there, or what it is.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Presence {
    There(bool),
    Value(String),
}

/// A way of notification.
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
