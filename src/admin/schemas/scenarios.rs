//! The schemas of scenarios and overrides.

use super::shape::{any_of, closed, described, flag, list, nullable, number, object, one_of, string, text, to};
use crate::admin::scenario::RuleSource;
use crate::scenario::Facet;
use serde_json::{Value, json};

pub(super) fn schemas() -> Value {
    json!({
        "ScenarioTaken": object("The setup that is now in force.", json!({
            "rules": number("How many rules it has, `--fault` flags and built-in rules included."),
            "expectations": number("How many expectations it has."),
            "ended_overrides": list("The ids of the overrides that its rules replaced.", json!({ "type": "integer", "minimum": 0 })),
        })),
        "Scenarios": scenarios(),
        "AnyText": { "description": "The text of a scenario. It may be incomplete or no JSON at all: then the answer says what is wrong." },
        "ScenarioCheck": check(),
        "Located": object("A mistake or warning, with its place in the text.", json!({
            "line": nullable(number("The line, from 1; null without a place in the text.")),
            "column": nullable(number("The column, from 1.")),
            "end_line": nullable(number("The line of the end.")),
            "end_column": nullable(number("The column after the last character.")),
            "pointer": nullable(text("A JSON Pointer to the value; null if the text is not JSON.")),
            "place": text("The same as `FILE:LINE:COLUMN`."),
            "message": text("What is wrong, and what was expected."),
            "hint?": text("What to do."),
            "also?": object("A second place that belongs to it.", json!({
                "place": text("Where."),
                "message": text("What is there."),
            })),
        })),
        "Override": object("An override: a rule that is read before all others.", json!({
            "id": number("Its id, for PUT and DELETE."),
            "rule": described("The rule as it was sent; of a `flag` the rule that it stands for.", to("OverrideRule")),
            "struck?": number("How often it struck. Absent in the answer that sets it."),
            "left?": number("With `next`: how many of these calls have not been made."),
            "calls?": list("With `next` and users: the call numbers that it is for.", object("Calls of one user.", json!({
                "project": text("The project or clone."),
                "user": text("The user."),
                "calls": text("The call numbers, as `calls` in a rule writes them."),
            }))),
        })),
        "NewOverride": described("A rule, or a rule in the form of `--fault`.", json!({ "anyOf": [to("OverrideRule"), to("OverrideFlag")] })),
        "OverrideFlag": closed("A rule in the form of `--fault`, for all projects or one.", json!({
            "flag": text("The rule as `TARGET=EFFECT`, as in `alice=503:1-2`. TARGET is a user or `*`. Errors have their place in this text."),
            "project?": text("The project or clone to which it applies. Default: all."),
        })),
        "OverrideList": object("The overrides in force.", json!({
            "overrides": list("The newest first: the order in which they are read.", to("Override")),
        })),
    })
}

fn scenarios() -> Value {
    let rule = object(
        "A rule, override or `down` window.",
        json!({
            "rule": text("Its name; for a window, its times."),
            "place": text("Where it is: `FILE:LINE:COLUMN`, `--fault`, or `override ID`."),
            "struck": number("How often it struck since the last reset."),
            "source": one_of("Where it comes from.", &RuleSource::NAMES),
            "override": nullable(number("The id of an override; null for others.")),
            "written": nullable(described("The rule word for word; a flag as the rule that it stands for.", json!({ "type": "object" }))),
        }),
    );
    object(
        "The scenarios in force.",
        json!({
            "faults": list("The `--fault` flags.", string()),
            "scenarios": list("The scenario files, or the scenario that was PUT.", object("A scenario.", json!({
                "name": text("The file, or `PUT /__admin/scenario`."),
                "document": described("Its content, word for word.", to("Scenario")),
            }))),
            "rules": list("Overrides, rules and `down` windows in the order in which they are read. Built-in rules are left out.", rule),
            "embedded": list("The built-in rules, which are read last.", object("A built-in rule.", json!({
                "rule": text("Its name."),
                "place": text("Where it is: `FILE:LINE:COLUMN`."),
                "struck": number("How often it struck since the last reset."),
            }))),
        }),
    )
}

fn check() -> Value {
    let rate = object(
        "How often facets of the rule apply.",
        json!({
            "facets": list("The facets.", any_of(&Facet::ALL.map(Facet::name))),
            "least": part("The least part of the calls that meet its other conditions, from 0 to 1."),
            "most": part("The greatest part."),
            "text": text("The same as a sentence."),
        }),
    );
    object(
        "What is wrong with a scenario, and what it would change.",
        json!({
            "valid": flag("Whether PUT would take it."),
            "problems": list("Each mistake.", to("Located")),
            "more_problems": number("How many more there are."),
            "warnings": list("Rules that can never apply, and the like.", to("Located")),
            "rules": list("Its rules in order.", object("A rule.", json!({
                "name": text("Its name."),
                "place": text("Where it is in the text."),
                "rates": list("If it has a chance.", rate),
            }))),
            "more_rules": number("How many more there are."),
            "expectations": number("How many expectations it has."),
            "plan?": list("With `user`, `account` or `operation`: the next calls.", object("A call.", json!({
                "call": number("The call number."),
                "now": described("The outcome by what is in force.", to("Outcome")),
                "then": described("The outcome if the scenario were PUT.", to("Outcome")),
            }))),
        }),
    )
}

/// A part of one.
fn part(about: &str) -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1, "description": about })
}
