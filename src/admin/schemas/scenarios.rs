//! The schemas of what the admin API says of scenarios and overrides.

use super::super::scenario::Kind;
use super::{flag, list, nullable, number, object, one_of, text, to};
use crate::scenario::Facet;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "ScenarioTaken": object(json!({
            "rules": number(), "expectations": number(), "ended_overrides": list(number()),
        })),
        "Scenarios": object(json!({
            "faults": list(text()),
            "scenarios": list(object(json!({ "name": text(), "document": to("Scenario") }))),
            "rules": list(object(json!({
                "rule": text(),
                "place": text(),
                "struck": number(),
                "source": one_of(&Kind::NAMES),
                "override": nullable(number()),
                "written": nullable(json!({ "type": "object" })),
            }))),
            "embedded": list(object(json!({ "rule": text(), "place": text(), "struck": number() }))),
        })),
        "AnyText": { "description": "A scenario, or what is to become one: also what is not JSON." },
        "ScenarioCheck": object(json!({
            "valid": flag(),
            "problems": list(to("Located")),
            "more_problems": number(),
            "warnings": list(to("Located")),
            "rules": list(object(json!({
                "name": text(),
                "place": text(),
                "rates": list(object(json!({
                    "facets": list(one_of(&Facet::ALL.map(Facet::name))), "least": part(), "most": part(), "text": text(),
                }))),
            }))),
            "more_rules": number(),
            "expectations": number(),
            "plan?": list(object(json!({ "call": number(), "now": to("Outcome"), "then": to("Outcome") }))),
        })),
        "Located": object(json!({
            "line": nullable(number()),
            "column": nullable(number()),
            "end_line": nullable(number()),
            "end_column": nullable(number()),
            "pointer": nullable(text()),
            "place": text(),
            "message": text(),
            "hint?": text(),
            "also?": object(json!({ "place": text(), "message": text() })),
        })),
        "Override": object(json!({
            "id": number(),
            "rule": to("OverrideRule"),
            "struck?": number(),
            "left?": number(),
            "calls?": list(object(json!({ "project": text(), "user": text(), "calls": text() }))),
        })),
        "OverrideList": object(json!({ "overrides": list(to("Override")) })),
    })
}

/// A part of one.
fn part() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}
