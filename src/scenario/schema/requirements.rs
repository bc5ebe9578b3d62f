//! The schema of the requirements of expectations. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::contract::NotificationType;
use crate::scenario::{FINAL_STATUSES, HEADER_NAME_PATTERN, Shape};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::collections::BTreeMap;

/// The schema of a requirement's value.
pub(super) fn shaped(shape: Shape, generator: &mut SchemaGenerator) -> Schema {
    match shape {
        Shape::AtMost => generator.subschema_for::<AtMost>(),
        Shape::Bounds => generator.subschema_for::<Bounds>(),
        Shape::Messages => generator.subschema_for::<Notified>(),
        Shape::Sent => generator.subschema_for::<Sent>(),
        Shape::Status => generator.subschema_for::<FinalStatus>(),
        Shape::Statuses => {
            let mut list = Vec::<FinalStatus>::json_schema(generator);
            list.insert("minItems".to_owned(), 1.into());
            list
        }
        Shape::Word(word) => json_schema!({ "type": "string", "const": word }),
    }
}

/// A final HTTP status.
#[derive(JsonSchema)]
#[schemars(transparent, rename = "Status")]
pub(super) struct FinalStatus(#[schemars(range(min = *FINAL_STATUSES.start(), max = *FINAL_STATUSES.end()))] u16);

/// An inclusive bound.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AtMost {
    /// The maximum.
    max: u64,
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

/// The number of messages of each type.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
struct Notified {
    /// E-mails. Default: any number.
    email: Option<Bounds>,
    /// Text messages. Default: any number.
    phone: Option<Bounds>,
}

/// Required contents of every call.
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
    #[schemars(extend("propertyNames" = { "pattern": HEADER_NAME_PATTERN }))]
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
#[schemars(transparent, extend("enum" = NotificationType::NAMES))]
struct Notification(String);
