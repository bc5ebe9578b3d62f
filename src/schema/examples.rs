//! Examples and snippets, which editors suggest, of what the readers' vocabularies have.

use crate::diagnostics::Vocabulary;
use serde_json::{Map, Value, json};

/// Adds an id to a schema, and to each kind of object in it what editors suggest.
pub(super) fn with_examples(mut schema: Value, id: &str, kinds: &[(&str, &Vocabulary)]) -> Value {
    for (name, vocabulary) in kinds {
        let kind = if name.is_empty() { Some(&mut schema) } else { schema.pointer_mut(&format!("/$defs/{name}")) };
        if let Some(Value::Object(kind)) = kind {
            describe(kind, vocabulary);
        }
    }
    if let Value::Object(members) = &mut schema {
        // Behind the name of the draft.
        members.shift_insert(1, "$id".to_owned(), json!(id));
    }
    schema
}

fn describe(kind: &mut Map<String, Value>, vocabulary: &Vocabulary) {
    let examples: Vec<(&str, Value)> = vocabulary.examples.iter().map(|(label, text)| (*label, parsed(text))).collect();
    if let Some(Value::Object(fields)) = kind.get_mut("properties") {
        for (name, field) in fields {
            let values = examples.iter().filter_map(|(_, example)| example.get(name));
            // Objects are kinds of their own.
            let mut values: Vec<_> = values.filter(|value| !value.is_object()).cloned().collect();
            values.dedup();
            if let (Value::Object(field), false) = (field, values.is_empty()) {
                field.insert("examples".to_owned(), values.into());
            }
        }
    }
    let snippets = examples.iter().map(|(label, example)| json!({ "label": label, "body": snippet(example, &mut 0) }));
    kind.insert("defaultSnippets".to_owned(), snippets.collect());
    kind.insert("examples".to_owned(), examples.into_iter().map(|(_, example)| example).collect());
}

/// An example is a constant, and tests read every one.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// An example in which each value is a place to type another. What begins with `^` is inserted without quotes.
fn snippet(example: &Value, place: &mut usize) -> Value {
    match example {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), snippet(value, place))).collect::<Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().map(|element| snippet(element, place)).collect(),
        value => {
            *place += 1;
            match value {
                Value::String(text) => format!("${{{place}:{text}}}"),
                other => format!("^${{{place}:{other}}}"),
            }
            .into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IN_SCENARIO, IN_USERS, scenario, users};
    use super::*;
    use crate::diagnostics::{Problems, parse, source_of};
    use crate::fixture::{self, loaded_of};
    use crate::limits::Limits;
    use crate::scenario::{Control, Names, load};

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
            load(&document, &loaded_of(ALICE), Control::Apart, &mut Names::default(), &limits, &mut problems);
        } else {
            fixture::load(std::slice::from_ref(&document), 0, &limits, &mut problems);
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
        for (schema, kinds) in [(users(), &IN_USERS[..]), (scenario(), &IN_SCENARIO[..])] {
            let is_scenario = schema["title"] == scenario()["title"];
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
}
