//! The pieces of schemas. Each takes a description, so that none can be forgotten.

use serde_json::{Map, Value, json};

/// Where the schemas of the document are, by name.
pub(super) const COMPONENTS: &str = "#/components/schemas/";

/// An object with these members. A member whose name ends in `?` may be absent.
pub(super) fn object(about: &str, members: Value) -> Value {
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
    json!({ "type": "object", "description": about, "properties": properties, "required": required })
}

/// An object that a client sends: a member that is not listed is refused.
pub(super) fn closed(about: &str, members: Value) -> Value {
    let mut object = object(about, members);
    if let Value::Object(object) = &mut object {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    object
}

/// A page that is read by index.
pub(super) fn page(about: &str, name: &str, entry: &str) -> Value {
    object(
        about,
        json!({
            name: list("In the order that was asked for.", to(entry)),
            "next": number("The cursor of the next page; returned even if the page is empty."),
            "truncated": flag("Whether entries after `since` were dropped before they could be read."),
            "dropped": number("How many were dropped for lack of space since the server started."),
        }),
    )
}

/// A schema of the document, by name.
pub(super) fn to(schema: &str) -> Value {
    json!({ "$ref": format!("{COMPONENTS}{schema}") })
}

/// A schema with another description.
pub(super) fn described(about: &str, mut schema: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(about));
    }
    schema
}

#[expect(clippy::needless_pass_by_value, reason = "the element is made for the list")]
pub(super) fn list(about: &str, element: Value) -> Value {
    json!({ "type": "array", "description": about, "items": element })
}

/// A value or null. The description stays with the whole.
pub(super) fn nullable(mut schema: Value) -> Value {
    let about = schema.as_object_mut().and_then(|members| members.shift_remove("description"));
    let whole = json!({ "anyOf": [schema, { "type": "null" }] });
    match about {
        Some(Value::String(about)) => described(&about, whole),
        _ => whole,
    }
}

pub(super) fn one_of<T: AsRef<str>>(about: &str, names: &[T]) -> Value {
    described(about, any_of(names))
}

/// One of these names, as the element of a list.
pub(super) fn any_of<T: AsRef<str>>(names: &[T]) -> Value {
    json!({ "type": "string", "enum": names.iter().map(AsRef::as_ref).collect::<Vec<_>>() })
}

pub(super) fn text(about: &str) -> Value {
    described(about, string())
}

/// Any text, as the element of a list.
pub(super) fn string() -> Value {
    json!({ "type": "string" })
}

pub(super) fn flag(about: &str) -> Value {
    json!({ "type": "boolean", "description": about })
}

pub(super) fn number(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}
