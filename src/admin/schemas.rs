//! The schemas of the admin API's bodies, for the OpenAPI document.
//!
//! `schemas/bodies.json` has what the types describe: `answers.rs` those that are serialised, `requests.rs` the bodies of
//! requests. Both are read by tests alone. Bodies that scenario files also have are described by the schema of those files.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod requests;

use super::events::KINDS;
use super::route::SentBody;
use crate::contract::{Operation, examples};
use crate::packed::Packed;
use crate::scenario::{NEXT_MAX, SCENARIO_SCHEMA};
use serde_json::{Map, Value, json};

/// Where the schemas of the document are, by name.
const COMPONENTS: &str = "#/components/schemas";
/// The schemas of answers and of bodies, as a test makes them.
const BODIES: Packed = packed!("src/admin/schemas/bodies.json");

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut all = of_scenarios();
    let bodies: Option<Map<String, Value>> = serde_json::from_str(&BODIES.text()).ok();
    all.extend(invariant!(bodies, Map::new(), "the schemas are JSON"));
    let texts = json!({
        "Document": {
            "type": "object",
            "description": "An OpenAPI 3.1 document of the emulated API and of the admin API.",
            "required": ["openapi", "info", "paths"],
        },
        "Metrics": { "type": "string", "description": "OpenMetrics text, for Prometheus." },
        "Events": {
            "type": "string",
            "description": "Server-sent events. The name of an event is its kind; its id is for `since` or `Last-Event-ID` when a \
                reader connects again. Its data is an object: for `request` an Entry, for `message` a Message, for `setup` a \
                Change, for `clock` a Clock, for `reset` a ResetEvent, for `truncated` a TruncatedEvent.",
        },
        "EventKind": { "type": "string", "description": "The kind of an event.", "enum": KINDS },
    });
    if let Value::Object(texts) = texts {
        all.extend(texts);
    }
    all.into()
}

impl SentBody {
    /// A body of this kind.
    pub(super) fn example(self) -> Value {
        let when = json!({ "user": examples::USER });
        match self {
            Self::AnyText | Self::Scenario => {
                json!({ "rules": [{ "name": "outage", "when": when, "status": 503 }] })
            }
            Self::ClockMove => json!({ "advance_ms": 1000 }),
            Self::CloneRequest => json!({ "from": examples::PROJECT }),
            Self::NewOverride => json!({ "when": when, "status": 503 }),
            Self::ResetRequest => json!({ "project": examples::PROJECT }),
            Self::TryRequest => json!({
                "operation": Operation::ResetRandomPassword.id, "project": examples::PROJECT, "user": examples::USER,
            }),
            Self::VerifyRequest => json!({ "expect": [{ "name": "calls once", "when": when, "calls": { "max": 1 } }] }),
        }
    }
}

/// The schema of scenario files in pieces, and that of an override: a rule that needs no name, and may have `next`.
fn of_scenarios() -> Map<String, Value> {
    let mut scenario: Value =
        invariant!(serde_json::from_str(&SCENARIO_SCHEMA.text()).ok(), Value::Null, "the schema is JSON");
    drop_suggestions(&mut scenario);
    refer(&mut scenario);
    let mut all = Map::new();
    let Value::Object(file) = &mut scenario else { return all };
    file.shift_remove("$schema");
    let pieces = file.shift_remove("$defs");
    if let Some(Value::Object(rule)) = pieces.as_ref().and_then(|pieces| pieces.get("Rule")) {
        let mut rule = rule.clone();
        rule.shift_remove("required");
        rule.insert("description".to_owned(), json!("A rule that is read before all others."));
        if let Some(Value::Object(fields)) = rule.get_mut("properties") {
            let description = "For how many next calls it is in force, instead of `calls`: of each user that `when` names, or of whoever calls next.";
            let next = json!({ "type": "integer", "minimum": 1, "maximum": NEXT_MAX, "description": description });
            fields.insert("next".to_owned(), next);
        }
        all.insert("OverrideRule".to_owned(), rule.into());
    }
    if let Some(Value::Object(pieces)) = pieces {
        all.extend(pieces);
    }
    all.insert("Scenario".to_owned(), scenario);
    all
}

/// Drops the id of a schema, and what it suggests to editors.
fn drop_suggestions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !["$id", "examples", "defaultSnippets"].contains(&name.as_str()));
            members.values_mut().for_each(drop_suggestions);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_suggestions),
        _ => {}
    }
}

/// Has references lead to the document's components.
fn refer(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = reference.replace("#/$defs", COMPONENTS);
            }
            members.values_mut().for_each(refer);
        }
        Value::Array(elements) => elements.iter_mut().for_each(refer),
        _ => {}
    }
}
