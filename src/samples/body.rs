//! The values of a request, read as the classes of the vendor's SDKs have them.

use super::literal;
use crate::contract::{ClassField, FieldKind, Form, SdkClass};
use serde_json::Value as Json;

/// The variable of the token.
pub(super) const TOKEN_VARIABLE: &str = "AUTH_TOKEN";
/// The variable of the account's password, which `wksmock env` prints.
const PASSWORD_VARIABLE: &str = "WKSMOCK_PASSWORD";

/// A value of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SampleValue {
    Text(String),
    Whole(i64),
    Flag(bool),
    /// A word of an enumeration.
    Word(String),
    /// Read from this environment variable.
    Secret(&'static str),
    List(Vec<Self>),
    Object(&'static SdkClass, Vec<(ClassField, Self)>),
}

/// A piece of a body as JSON.
#[derive(Debug, PartialEq)]
pub(super) enum JsonPiece {
    Text(String),
    /// The text in this variable, in quotes.
    Secret(&'static str),
}

impl SdkClass {
    /// Reads an object of this class; `place` is its path for errors.
    pub(super) fn read(&'static self, json: &Json, place: &str) -> Result<SampleValue, String> {
        let Json::Object(members) = json else {
            return Err(format!("{place} must be an object"));
        };
        let fields = self.fields();
        let mut values = Vec::new();
        for (name, json) in members.iter().filter(|(_, json)| !json.is_null()) {
            let place = format!("{place}.{name}");
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                let known: Vec<_> = fields.iter().map(|field| field.name).collect();
                return Err(format!("unknown field {place}; fields of {}: {}", self.name, known.join(", ")));
            };
            values.push((*field, field.kind.read(json, &place)?));
        }
        // The SDKs send tokens in the body only.
        for field in fields.iter().filter(|field| field.kind == FieldKind::Token) {
            if !values.iter().any(|(given, _)| given.name == field.name) {
                values.insert(0, (*field, SampleValue::Secret(TOKEN_VARIABLE)));
            }
        }
        Ok(SampleValue::Object(self, values))
    }
}

impl FieldKind {
    /// Reads a member of a body. The server checks lengths.
    fn read(self, json: &Json, place: &str) -> Result<SampleValue, String> {
        let text = |json: &Json| json.as_str().map(|text| SampleValue::Text(text.to_owned()));
        let word = |words: &[&str], json: &Json| {
            let word = json.as_str().filter(|word| words.contains(word));
            word.map(|word| SampleValue::Word(word.to_owned()))
        };
        let list = |read: &dyn Fn(&Json) -> Option<SampleValue>| {
            json.as_array().and_then(|items| items.iter().map(read).collect::<Option<Vec<_>>>()).map(SampleValue::List)
        };
        let secret = |variable| json.as_str().map(|_| SampleValue::Secret(variable));
        let (read, expected) = match self {
            Self::Text => (text(json), "a string".to_owned()),
            Self::Whole => (json.as_i64().map(SampleValue::Whole), "an integer".to_owned()),
            Self::Flag => (json.as_bool().map(SampleValue::Flag), "true or false".to_owned()),
            Self::Words(words) => (word(words, json), format!("one of {}", words.join(", "))),
            Self::Token => (secret(TOKEN_VARIABLE), "a string".to_owned()),
            Self::Password => (secret(PASSWORD_VARIABLE), "a string".to_owned()),
            Self::Texts => (list(&text), "a list of strings".to_owned()),
            Self::WordList(words) => (list(&|json| word(words, json)), format!("a list of {}", words.join(", "))),
            Self::Object(class) => return class.read(json, place),
            Self::Objects(class) => {
                let items = json.as_array().ok_or_else(|| format!("{place} must be a list of objects"))?;
                let items = items.iter().enumerate().map(|(at, item)| class.read(item, &format!("{place}[{at}]")));
                return items.collect::<Result<Vec<_>, _>>().map(SampleValue::List);
            }
        };
        read.ok_or_else(|| format!("{place} must be {expected}"))
    }

    /// The type of a query parameter, or why it is not supported.
    pub(super) fn of(form: &Form) -> Result<Self, String> {
        match form {
            // The SDKs use strings for enumerations in a query.
            Form::Text | Form::OneOf(_) | Form::NotificationTypes | Form::MediaType(_) | Form::Credential => {
                Ok(Self::Text)
            }
            Form::Number(_) => Ok(Self::Whole),
            Form::Boolean => Ok(Self::Flag),
            Form::Texts => Ok(Self::Texts),
            Form::Unanswered(why) => Err(format!("is not supported here: {why}")),
        }
    }

    /// Parses the value of a query parameter.
    pub(super) fn parse(self, text: &str) -> Result<SampleValue, String> {
        match self {
            Self::Whole => {
                // The SDKs use 32 bits.
                let number = text.parse::<i32>().map_err(|_| "must be a 32-bit integer".to_owned());
                number.map(|number| SampleValue::Whole(number.into()))
            }
            Self::Flag => text.parse().map(SampleValue::Flag).map_err(|_| "must be true or false".to_owned()),
            Self::Texts => {
                Ok(SampleValue::List(text.split(',').map(|item| SampleValue::Text(item.to_owned())).collect()))
            }
            _ => Ok(SampleValue::Text(text.to_owned())),
        }
    }
}

impl SampleValue {
    /// Collects the variables that the value is read from.
    pub(super) fn secrets(&self, found: &mut Vec<&'static str>) {
        match self {
            Self::Secret(variable) if !found.contains(variable) => found.push(variable),
            Self::List(items) => items.iter().for_each(|item| item.secrets(found)),
            Self::Object(_, members) => members.iter().for_each(|(_, value)| value.secrets(found)),
            _ => {}
        }
    }

    /// The value as text for a query; lists are joined by commas.
    pub(super) fn in_query(&self) -> String {
        match self {
            Self::Text(text) | Self::Word(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => items.iter().map(Self::in_query).collect::<Vec<_>>().join(","),
            Self::Secret(_) | Self::Object(..) => String::new(),
        }
    }

    /// The value as ASCII JSON, split at secrets. The first piece is text.
    pub(super) fn json(&self) -> Vec<JsonPiece> {
        let mut pieces = vec![JsonPiece::Text(String::new())];
        self.write(&mut pieces);
        pieces
    }

    fn write(&self, pieces: &mut Vec<JsonPiece>) {
        match self {
            Self::Text(text) | Self::Word(text) => add(pieces, &literal::json(text)),
            Self::Whole(number) => add(pieces, &number.to_string()),
            Self::Flag(flag) => add(pieces, &flag.to_string()),
            Self::Secret(variable) => pieces.push(JsonPiece::Secret(variable)),
            Self::List(items) => {
                let mut before = "[";
                for item in items {
                    add(pieces, before);
                    item.write(pieces);
                    before = ", ";
                }
                add(pieces, if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(_, members) => {
                let mut before = "{";
                for (field, value) in members {
                    add(pieces, &format!("{before}\"{}\": ", field.name));
                    value.write(pieces);
                    before = ", ";
                }
                add(pieces, if members.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

fn add(pieces: &mut Vec<JsonPiece>, text: &str) {
    if let Some(JsonPiece::Text(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(JsonPiece::Text(text.to_owned()));
    }
}
