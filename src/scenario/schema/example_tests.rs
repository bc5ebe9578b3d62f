//! The examples of both kinds of files.

use super::{OBJECTS, scenario_schema};
use crate::diagnostics::{Problems, parse, source_of};
use crate::fixture::{self, USERS_OBJECTS, loaded_of, users_schema};
use crate::limits::Limits;
use crate::scenario::{Control, Names, load_scenario};
use serde_json::{Map, Value};

const ALICE: &str = r#"{ "projects": [{ "id": "p1", "users": [{ "id": "u1", "user_name": "alice" }] }] }"#;

/// A file with an object of a kind in it.
fn file_with(kind: &str, object: &str) -> String {
    let in_rule = |fields: &str| format!(r#"{{ "rules": [{{ "name": "r", {fields} }}] }}"#);
    let in_expectation = |fields: &str| format!(r#"{{ "expect": [{{ "name": "e", {fields} }}] }}"#);
    match kind {
        "" => object.to_owned(),
        "Project" => format!(r#"{{ "projects": [{object}] }}"#),
        "User" => format!(r#"{{ "projects": [{{ "id": "p", "users": [{object}] }}] }}"#),
        "Population" => format!(r#"{{ "projects": [{{ "id": "p", "generate": {object} }}] }}"#),
        "Account" => format!(r#"{{ "projects": [], "accounts": [{object}] }}"#),
        "Rule" => format!(r#"{{ "rules": [{object}] }}"#),
        "When" => in_rule(&format!(r#""when": {object}, "status": 503"#)),
        "Error" => in_rule(&format!(r#""status": 500, "error": {object}"#)),
        "Delay" => in_rule(&format!(r#""delay": {object}"#)),
        "Lognormal" => in_rule(&format!(r#""delay": {{ "lognormal": {object} }}"#)),
        "Dribbled" => in_rule(&format!(r#""fault": {object}"#)),
        "Dribble" => in_rule(&format!(r#""fault": {{ "dribble": {object} }}"#)),
        "Down" => format!(r#"{{ "rules": [], "down": [{object}] }}"#),
        "Expectation" => format!(r#"{{ "expect": [{object}] }}"#),
        "ExpectWhen" => in_expectation(&format!(r#""when": {object}, "ends_with": 200"#)),
        "Bounds" => in_expectation(&format!(r#""calls": {object}"#)),
        "AtMost" => in_expectation(&format!(r#""after_lost": {object}"#)),
        "Sent" => in_expectation(&format!(r#""sent": {object}"#)),
        "Notified" => in_expectation(&format!(r#""notified": {object}"#)),
        other => panic!("{other}"),
    }
}

fn read(text: &str, is_scenario: bool) -> Problems {
    let (source, limits, mut problems) = (source_of(text), Limits::default(), Problems::new(9));
    let document = parse(&source, &limits).unwrap();
    if is_scenario {
        load_scenario(&document, &loaded_of(ALICE), Control::Apart, &mut Names::default(), &limits, &mut problems);
    } else {
        fixture::load_users(std::slice::from_ref(&document), 0, &limits, &mut problems);
    }
    problems
}

/// A snippet as an editor inserts it where nothing else is typed.
fn inserted(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), inserted(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().map(inserted).collect(),
        Value::String(text) => {
            let bare = text.strip_prefix('^');
            let (_, value) = bare.unwrap_or(text).strip_suffix('}').unwrap().split_once(':').unwrap();
            if bare.is_some() { serde_json::from_str(value).unwrap() } else { value.into() }
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_example_is_right_and_every_snippet_inserts_one() {
    for (schema, kinds) in [(users_schema(), &USERS_OBJECTS[..]), (scenario_schema(), &OBJECTS[..])] {
        let is_scenario = schema["title"] == scenario_schema()["title"];
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for (name, vocabulary) in kinds {
            let kind = if name.is_empty() { &schema } else { &schema["$defs"][name] };
            let examples = kind["examples"].as_array().unwrap();
            let bodies: Vec<_> =
                kind["defaultSnippets"].as_array().unwrap().iter().map(|one| inserted(&one["body"])).collect();
            assert!(!examples.is_empty() && bodies == *examples, "{name}");
            for (example, (label, text)) in examples.iter().zip(vocabulary.examples) {
                let file = file_with(name, text);
                let problems = read(&file, is_scenario);
                assert!(problems.is_empty(), "{file}: {problems:?}");
                assert!(validator.is_valid(&serde_json::from_str(&file).unwrap()), "{file}");
                assert!(example.is_object() && !label.is_empty(), "{text}");
            }
        }
    }
}
