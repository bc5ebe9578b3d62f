//! The schemas of the admin API's bodies, for the OpenAPI document. What stands in scenario files has the schema of those.

mod happening;
mod scenarios;
mod try_it;

use super::clock::FARTHEST_MS;
use super::{outbox, requests};
use crate::contract::{ACTIVE_TYPES, OPERATIONS, RESET_RANDOM_PASSWORD, examples};
use crate::samples::Language;
use crate::scenario::{Fault, NEXT_MAX};
use crate::schema;
use crate::state::{ClockMode, UserState};
use serde_json::{Map, Value, json};

/// What stands before the names of schemas where they are referred to.
const COMPONENTS: &str = "#/components/schemas/";

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut all = of_scenarios();
    for more in [
        requests_and_answers(),
        scenarios::schemas(),
        journal(),
        judged(),
        listed(),
        try_it::schemas(),
        happening::schemas(),
    ] {
        if let Value::Object(more) = more {
            all.extend(more);
        }
    }
    all.into()
}

/// An example of a body that is sent.
pub(super) fn body_example(schema: &str) -> Value {
    let when = json!({ "user": examples::USER });
    match schema {
        "CloneRequest" => json!({ "from": examples::PROJECT }),
        "OverrideRule" => json!({ "when": when, "status": 503 }),
        "Scenario" | "AnyText" => json!({ "rules": [{ "name": "outage", "when": when, "status": 503 }] }),
        "ClockMove" => json!({ "advance_ms": 1000 }),
        "ResetRequest" => json!({ "project": examples::PROJECT }),
        "VerifyRequest" => {
            json!({ "expect": [{ "name": "calls once", "when": when, "calls": { "max": 1 } }] })
        }
        "TryRequest" => json!({
            "operation": RESET_RANDOM_PASSWORD.id, "project": examples::PROJECT, "user": examples::USER,
        }),
        _ => Value::Null,
    }
}

/// The schema of scenario files in pieces, and that of an override: a rule that needs no name, and may have `next`.
fn of_scenarios() -> Map<String, Value> {
    let mut scenario = schema::scenario_alone();
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
            let description = "For how many next calls it is, instead of `calls`: of each user that `when` names, or else of whoever makes them.";
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

fn requests_and_answers() -> Value {
    let id = || to("Id");
    json!({
        "CloneRequest": closed(json!({ "from": text(), "id?": id(), "account?": text(), "scenario?": to("Scenario") })),
        "Clone": object(json!({ "id": text(), "from": text(), "users": number(), "account?": text() })),
        "VerifyRequest": closed(json!({ "project?": text(), "expect?": list(to("Expectation")) })),
        "ClockMove": {
            "type": "object",
            "additionalProperties": false,
            "properties": { "advance_ms": milliseconds(), "set_ms": milliseconds() },
            "oneOf": [{ "required": ["advance_ms"] }, { "required": ["set_ms"] }],
        },
        "ResetRequest": closed(json!({ "project?": text() })),
        "Reset": object(json!({ "epoch": number() })),
        "Clock": object(json!({ "now_ms": number(), "mode": one_of(&ClockMode::NAMES) })),
        "UserPassword": object(json!({
            "project": text(),
            "user": text(),
            "current?": nullable(object(json!({ "call": number(), "password": text() }))),
            "call?": number(),
            "password?": text(),
        })),
        "Health": object(json!({
            "status": one_of(&["ok", "stale", "starting", "draining"]),
            "version?": text(),
            "url?": nullable(text()),
            "admin_url?": nullable(text()),
            "seed?": number(),
            "started_unix_ms?": number(),
            "now_ms?": number(),
            "projects?": number(),
            "users?": number(),
            "clones?": number(),
            "rules?": number(),
            "overrides?": number(),
            "epoch?": number(),
            "journal?": object(json!({ "entries": number(), "bytes": number(), "dropped": number() })),
            "outbox?": object(json!({ "dropped": number() })),
            "reloads?": number(),
            "problems?": list(to("Told")),
        })),
        "Version": object(json!({
            "name": text(), "version": text(), "commit": nullable(text()), "password_scheme": number(),
        })),
        "Document": { "type": "object", "required": ["openapi", "info", "paths"] },
        "Metrics": { "type": "string" },
        "Problem": object(json!({
            "type": text(), "title": text(), "status": number(), "detail": text(), "errors?": list(to("Told")),
        })),
        "Told": object(json!({
            "place": text(),
            "message": text(),
            "hint?": text(),
            "also?": object(json!({ "place": text(), "message": text() })),
        })),
    })
}

fn journal() -> Value {
    let cause = || object(json!({ "rule": text(), "place": text() }));
    let faults: Vec<_> = Fault::all_names().collect();
    json!({
        "RequestPage": page("requests", "Entry"),
        "Entry": object(json!({
            "index": number(),
            "epoch": number(),
            "request_id": nullable(text()),
            "state": one_of(requests::STATES),
            "at_ms": number(),
            "arrived_unix_ms": number(),
            "operation": nullable(text()),
            "method": text(),
            "target": text(),
            "project": nullable(text()),
            "user": nullable(text()),
            "account": nullable(text()),
            "call": nullable(number()),
            "notification_type": list(one_of(outbox::TYPES)),
            "headers": { "type": "object", "additionalProperties": text() },
            "request_body": nullable(to("Body")),
            "decision": nullable(to("Outcome")),
            "answer": nullable(object(json!({ "status": number(), "bytes": number(), "after_ms": number() }))),
            "answer_body": nullable(to("Body")),
            "problem": nullable(text()),
            "by?": one_of(requests::BY.get(1..).unwrap_or_default()),
        })),
        "Body": object(json!({
            "text": nullable(text()), "bytes": number(), "cut_at": nullable(number()), "note": nullable(text()),
        })),
        "Outcome": object(json!({
            "status": number(),
            "phase": nullable(one_of(&["before", "after"])),
            "delay_ms": number(),
            "fault": nullable(one_of(&faults)),
            "password": nullable(text()),
            "error": nullable(object(json!({ "code": text(), "message": text() }))),
            "causes": object(json!({ "status?": cause(), "delay?": cause(), "fault?": cause() })),
        })),
        "MessagePage": page("messages", "Message"),
        "Message": object(json!({
            "index": number(),
            "at_ms": number(),
            "type": one_of(outbox::TYPES),
            "to": text(),
            "project": text(),
            "user": text(),
            "account?": text(),
            "call": number(),
            "request": number(),
            "by?": one_of(requests::BY.get(1..).unwrap_or_default()),
            "password": text(),
            "subject?": text(),
            "text": text(),
            "state": one_of(&["recorded", "queued", "sent", "failed"]),
            "attempts": number(),
            "why?": text(),
        })),
        "Explanation": object(json!({
            "at_ms": number(),
            "calls": list(object(json!({
                "call": number(),
                "outcome": to("Outcome"),
                "rules": list(object(json!({
                    "name": text(), "place": text(), "matched": flag(), "failed_on": nullable(text()), "left?": number(),
                }))),
                "more": number(),
            }))),
        })),
    })
}

fn judged() -> Value {
    let seen = object(json!({
        "project": text(),
        "user": text(),
        "operation": text(),
        "call": number(),
        "at_ms": number(),
        "status": nullable(number()),
        "decided": number(),
        "rule": nullable(text()),
        "fault": nullable(text()),
        "done": nullable(flag()),
        "state": one_of(&["answered", "lost"]),
        "gap_ms": nullable(number()),
        "took_ms": nullable(number()),
    }));
    let first = object(json!({ "index": number(), "request": text(), "at_ms": number() }));
    let repeat = object(json!({
        "project": text(), "user": text(), "call": number(), "lost": number(), "gap_ms": number(), "note": text(),
    }));
    json!({
        "Verdict": object(json!({
            "passed": flag(),
            "expectations": list(object(json!({
                "name": text(),
                "place": text(),
                "passed": flag(),
                "expected": list(text()),
                "seen": list(seen),
                "more_seen": number(),
                "nearest": nullable(text()),
                "misses": list(text()),
                "more_misses": number(),
                "judged_nothing": nullable(text()),
            }))),
            "never_struck": list(object(json!({ "rule": text(), "place": text(), "why": nullable(text()) }))),
            "more_never_struck": number(),
            "rejected": object(json!({
                "count": number(),
                "by": list(object(json!({
                    "status": number(), "problem": text(), "times": number(), "first": first,
                }))),
                "other": number(),
            })),
            "recovery": object(json!({ "users": number(), "recovered": number() })),
            "silent_repeats": list(repeat),
            "more_silent_repeats": number(),
        })),
        "Coverage": object(json!({
            "documented": number(),
            "met": number(),
            "operations": list(object(json!({
                "operation": text(),
                "counts": flag(),
                "statuses": list(object(json!({
                    "status": number(),
                    "met": flag(),
                    "count": number(),
                    "lost": number(),
                    "users": list(object(json!({ "project": text(), "user": text() }))),
                    "more_users": number(),
                }))),
            }))),
        })),
    })
}

fn listed() -> Value {
    let ids: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    json!({
        "UserPage": object(json!({
            "users": list(object(json!({
                "project": text(),
                "project_name": nullable(text()),
                "id": text(),
                "user_name": nullable(text()),
                "user_email": nullable(text()),
                "user_phone": nullable(text()),
                "description": nullable(text()),
                "active_type": one_of(ACTIVE_TYPES),
                "disabled": flag(),
                "locked": flag(),
                "state": one_of(&UserState::NAMES),
                "calls": number(),
                "current": nullable(object(json!({ "call": nullable(number()) }))),
                "magic_status": nullable(number()),
            }))),
            "next": nullable(number()),
        })),
        "AccountPage": object(json!({
            "accounts": list(object(json!({
                "domain": text(),
                "name": text(),
                "account": text(),
                "access_key": nullable(text()),
                "projects": list(text()),
                "all_projects": flag(),
                "permissions": nullable(list(text())),
            }))),
            "next": nullable(number()),
        })),
        "ProjectPage": object(json!({
            "projects": list(object(json!({
                "id": text(), "name": nullable(text()), "users": number(), "from": nullable(text()), "account": nullable(text()), "own_scenario": flag(),
            }))),
            "next": nullable(number()),
        })),
        "TokenList": object(json!({
            "tokens": list(object(json!({
                "id": text(), "account": text(), "scope": text(), "issued_at": text(), "expires_at": text(),
            }))),
            "dropped": number(),
        })),
        "SampleList": object(json!({
            "samples": list(object(json!({
                "language": one_of(&Language::NAMES), "title": text(), "code": text(), "note": text(),
            }))),
        })),
        "ErrorCodeList": object(json!({
            "error_codes": list(object(json!({
                "code": text(),
                "status": number(),
                "from": one_of(&["service", "gateway", "keystone"]),
                "message": text(),
                "when": text(),
                "operations": list(one_of(&ids)),
                "provoke": text(),
            }))),
        })),
    })
}

/// A page that is read by index.
fn page(name: &str, entry: &str) -> Value {
    object(json!({ name: list(to(entry)), "next": number(), "truncated": flag(), "dropped": number() }))
}

/// An object of these members. One whose name ends in `?` may be missing.
fn object(members: Value) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    if let Value::Object(members) = members {
        for (name, schema) in members {
            let bare = name.trim_end_matches('?').to_owned();
            if bare == name {
                required.push(name);
            }
            properties.insert(bare, schema);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// The same, of a body that is sent: what it does not have is refused.
fn closed(members: Value) -> Value {
    let mut object = object(members);
    if let Value::Object(object) = &mut object {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    object
}

fn to(schema: &str) -> Value {
    json!({ "$ref": format!("{COMPONENTS}{schema}") })
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this")]
fn list(element: Value) -> Value {
    json!({ "type": "array", "items": element })
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this")]
fn nullable(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn one_of<T: AsRef<str>>(names: &[T]) -> Value {
    json!({ "type": "string", "enum": names.iter().map(AsRef::as_ref).collect::<Vec<_>>() })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn milliseconds() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": FARTHEST_MS })
}
