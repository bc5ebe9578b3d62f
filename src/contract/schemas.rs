//! The pieces of which the schemas of bodies are made.

use super::bodies::{BODY_ID_CHARS, BodyField, BodyForm};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Text without control characters.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// An object that has all of these.
pub(super) fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// An object that may have these, and has some of them.
pub(super) fn some(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

pub(super) fn named() -> Value {
    object(&json!({ "id": text(), "name": text() }))
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn some_text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A body of these fields. One that may be left out may be null too.
pub(super) fn fields(fields: &[BodyField]) -> Value {
    let mut properties = serde_json::Map::new();
    for field in fields {
        let mut schema = match &field.form {
            BodyForm::Text(chars) => plain_text(chars),
            BodyForm::OneOf(names) => json!({ "type": "string", "enum": names }),
            BodyForm::Boolean => json!({ "type": "boolean" }),
            BodyForm::Ids(count) => json!({
                "type": "array",
                "items": plain_text(&BODY_ID_CHARS),
                "minItems": count.start(),
                "maxItems": count.end(),
            }),
        };
        if let Value::Object(schema) = &mut schema {
            if let Some(pattern) = field.pattern {
                schema.insert("pattern".to_owned(), json!(pattern));
            }
            if !field.mandatory {
                or_null(schema);
            }
            schema.insert("description".to_owned(), json!(field.description));
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|field| field.mandatory).map(|field| field.name).collect();
    some(&required, &properties.into())
}

/// Text of so many characters, without control characters.
fn plain_text(chars: &RangeInclusive<usize>) -> Value {
    json!({ "type": "string", "minLength": chars.start(), "maxLength": chars.end(), "pattern": PLAIN })
}

fn or_null(schema: &mut serde_json::Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(names)) = schema.get_mut("enum") {
        names.push(Value::Null);
    }
}
