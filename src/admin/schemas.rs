//! The schemas of the admin API's bodies, for the OpenAPI document. Bodies that scenario files also have are described by
//! the schema of those files.

mod happening;
mod journal;
mod judged;
mod listed;
mod scenarios;
mod server;
mod shape;
mod try_it;

use super::route::SentBody;
use crate::contract::{Operation, examples};
use crate::scenario::NEXT_MAX;
use crate::scenario::SCENARIO_SCHEMA;
use serde_json::{Map, Value, json};
use shape::COMPONENTS;

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut all = of_scenarios();
    for more in [
        server::schemas(),
        scenarios::schemas(),
        journal::schemas(),
        judged::schemas(),
        listed::schemas(),
        try_it::schemas(),
        happening::schemas(),
    ] {
        if let Value::Object(more) = more {
            all.extend(more);
        }
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
    let mut scenario: Value = invariant!(serde_json::from_str(SCENARIO_SCHEMA).ok(), Value::Null, "the schema is JSON");
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
                *reference = reference.replace("#/$defs/", COMPONENTS);
            }
            members.values_mut().for_each(refer);
        }
        Value::Array(elements) => elements.iter_mut().for_each(refer),
        _ => {}
    }
}
