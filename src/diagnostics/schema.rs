//! JSON Schemas of the files that users write, for editors.
//!
//! The readers decide what a file may be; a schema says as much of it as JSON Schema can. Names, bounds and patterns are
//! those of the readers and of the contract's tables, and tests hold that both agree.

use super::{FORMAT, Vocabulary};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The fields that both kinds of files may begin with.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "schemas are made of it")]
pub(crate) struct Heading {
    /// The schema of the file, for editors: a path from the file, or a URL.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// The version of the file format.
    #[schemars(extend("const" = FORMAT, "default" = FORMAT))]
    format: Option<u64>,
    /// The seed of all random draws. `--seed` takes precedence; files that are loaded together must have the same seed.
    #[schemars(range(max = u64::MAX), extend("default" = 0))]
    seed: Option<u64>,
}

/// The schema of a type, in draft 2020-12.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(tidy));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The keywords that come first, for readers.
const FIRST: [&str; 6] = ["$schema", "$id", "title", "description", "$ref", "type"];

/// Makes a schema say what the readers do: a field that is not given is left out, never `null`. Formats such as
/// `uint64`, which no standard has, are left out. Descriptions lose the ends of the lines that they are written in, and
/// end with the default.
fn tidy(schema: &mut Schema) {
    schema.remove("format");
    let default = match schema.get("default") {
        Some(Value::String(name)) => format!(" Default: {name}."),
        Some(value) => format!(" Default: {value}."),
        None => String::new(),
    };
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ") + &default;
    }
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        for field in fields.values_mut().filter_map(Value::as_object_mut) {
            never_null(field);
        }
    }
    for_readers(schema);
}

/// Puts the keywords first that a reader looks for.
pub(crate) fn for_readers(schema: &mut Schema) {
    if let Some(fields) = schema.as_object_mut() {
        let mut rest = std::mem::take(fields);
        fields.extend(FIRST.iter().filter_map(|name| rest.shift_remove_entry(*name)));
        fields.extend(rest);
    }
}

/// Removes null from the values of a field.
pub(crate) fn never_null(field: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = field.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_mut_slice() {
            let only = only.take();
            field.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = field.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(only)] = choices.as_mut_slice() {
            let only = std::mem::take(only);
            field.remove("anyOf");
            field.extend(only);
        }
    }
}

/// Adds an id to a schema, and to each kind of object in it what editors suggest. Kinds have their names in the schema; the
/// file itself has none.
pub(crate) fn with_examples(mut schema: Value, id: &str, kinds: &[(&str, &Vocabulary)]) -> Value {
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
pub(crate) mod tests {
    //! Helpers that compare a reader with its schema.

    use super::*;
    use crate::diagnostics::{Document, Problems, parse, source_of};
    use std::collections::BTreeSet;

    /// The verdict of a reader on a document.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Reading {
        Right,
        Wrong,
    }

    /// Reads a text; `load` is the reader.
    pub(crate) fn verdict(text: &str, load: impl Fn(&Document<'_>, &mut Problems)) -> (Reading, String) {
        let source = source_of(text);
        let mut problems = Problems::new(9);
        let document = parse(&source, &crate::limits::Limits::default()).unwrap();
        load(&document, &mut problems);
        let told = format!("{problems:?}");
        let verdict = if problems.is_empty() { Reading::Right } else { Reading::Wrong };
        (verdict, told)
    }

    /// Every document that differs from this one in one place.
    pub(crate) fn variants(value: &Value) -> Vec<Value> {
        let mut variants: Vec<_> = ["null", "true", "-1", "0", "1.5", "1000000000", "\"\"", "\"x\"", "[]", "{}"]
            .map(|text| serde_json::from_str(text).unwrap())
            .into();
        match value {
            Value::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    let with = |element| {
                        let mut elements = elements.clone();
                        elements[at] = element;
                        Value::from(elements)
                    };
                    variants.extend(self::variants(element).into_iter().map(with));
                    variants.push([&elements[..at], &elements[at + 1..]].concat().into());
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let with = |value| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), value);
                        Value::from(fields)
                    };
                    variants.extend(self::variants(value).into_iter().map(with));
                    let mut without = fields.clone();
                    without.shift_remove(name);
                    variants.push(without.into());
                }
                let mut more = fields.clone();
                more.insert("unknown".to_owned(), "x".into());
                variants.push(more.into());
            }
            _ => {}
        }
        variants
    }

    /// The fields of each kind of object, by its name in the schema.
    fn objects(schema: &Value) -> Vec<(String, BTreeSet<String>)> {
        let kinds = schema["$defs"].as_object().unwrap().iter();
        let kinds = kinds.map(|(name, kind)| (name.as_str(), kind)).chain([("", schema)]);
        let objects = kinds.filter(|(_, kind)| kind["type"] == "object");
        objects
            .map(|(name, kind)| {
                assert_eq!(kind["additionalProperties"], false, "{name}");
                let fields = kind["properties"].as_object().unwrap();
                for (field, described) in fields {
                    assert!(described["description"].is_string(), "{name}.{field} has no description");
                }
                (name.to_owned(), fields.keys().cloned().collect())
            })
            .collect()
    }

    /// Holds the fields of a schema's objects against what the readers know.
    pub(crate) fn assert_known(schema: &Value, read: &[(&str, &Vocabulary)]) {
        let objects = objects(schema);
        for (name, fields) in &objects {
            let vocabulary = read.iter().find(|(object, _)| object == name);
            let (_, vocabulary) = vocabulary.unwrap_or_else(|| panic!("nobody reads {name}"));
            let known: BTreeSet<_> = vocabulary.known.iter().map(|field| (*field).to_owned()).collect();
            assert_eq!(*fields, known, "{name}");
        }
        for (name, _) in read {
            assert!(objects.iter().any(|(object, _)| object == name), "the schema has no {name}");
        }
    }
}
