//! The values of a request, and the classes of the vendor's SDKs for its body.

use super::literal;
use crate::contract::{ACTION_FIELDS, BodyField, BodyForm, CREATE_FIELDS, Form, SEND_FIELDS, UPDATE_FIELDS};
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
    Object(&'static Class, Vec<(ClassField, Self)>),
}

/// A piece of a body as JSON.
#[derive(Debug, PartialEq)]
pub(super) enum JsonPiece {
    Text(String),
    /// The text in this variable, in quotes.
    Secret(&'static str),
}

/// A class of the vendor's SDKs.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: &'static str,
    fields: Fields,
}

impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[derive(Debug)]
enum Fields {
    /// The fields of the contract.
    Documented(&'static [BodyField]),
    Listed(&'static [ClassField]),
}

/// A field of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ClassField {
    pub(super) name: &'static str,
    pub(super) kind: FieldKind,
    pub(super) mandatory: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FieldKind {
    Text,
    Whole,
    Flag,
    Words(&'static [&'static str]),
    Secret(&'static str),
    Texts,
    /// A list of these words.
    WordList(&'static [&'static str]),
    Object(&'static Class),
    Objects(&'static Class),
}

/// The class for the body of a schema.
pub(super) fn class_of(schema: &str) -> Option<&'static Class> {
    match schema {
        "CreateUserRequest" => Some(&CREATE),
        "UpdateUserRequest" => Some(&UPDATE),
        "UserActionRequest" => Some(&ACTION),
        "SendEmailRequest" => Some(&SEND),
        "TokenRequest" => Some(&LOGIN),
        "TemporaryKeyRequest" => Some(&TEMPORARY_KEY),
        "DecodeRequest" => Some(&DECODE),
        _ => None,
    }
}

static CREATE: Class = documented("CreateUserRequest", CREATE_FIELDS);
static UPDATE: Class = documented("EditUserReq", UPDATE_FIELDS);
static ACTION: Class = documented("OperateUserReq", ACTION_FIELDS);
static SEND: Class = documented("ResendEmailReq", SEND_FIELDS);

static LOGIN: Class =
    listed("KeystoneCreateUserTokenByPasswordRequestBody", &[needed("auth", FieldKind::Object(&LOGIN_AUTH))]);
static LOGIN_AUTH: Class = listed(
    "PwdAuth",
    &[needed("identity", FieldKind::Object(&LOGIN_IDENTITY)), needed("scope", FieldKind::Object(&SCOPE))],
);
static LOGIN_IDENTITY: Class = listed(
    "PwdIdentity",
    &[needed("methods", FieldKind::WordList(&["password"])), needed("password", FieldKind::Object(&LOGIN_PASSWORD))],
);
static LOGIN_PASSWORD: Class = listed("PwdPassword", &[needed("user", FieldKind::Object(&LOGIN_USER))]);
static LOGIN_USER: Class = listed(
    "PwdPasswordUser",
    &[
        needed("domain", FieldKind::Object(&LOGIN_DOMAIN)),
        needed("name", FieldKind::Text),
        needed("password", FieldKind::Secret(PASSWORD_VARIABLE)),
    ],
);
static LOGIN_DOMAIN: Class = listed("PwdPasswordUserDomain", &[needed("name", FieldKind::Text)]);
static SCOPE: Class = listed(
    "AuthScope",
    &[optional("domain", FieldKind::Object(&SCOPE_DOMAIN)), optional("project", FieldKind::Object(&SCOPE_PROJECT))],
);
static SCOPE_DOMAIN: Class = listed("AuthScopeDomain", NAMED);
static SCOPE_PROJECT: Class = listed("AuthScopeProject", NAMED);
const NAMED: &[ClassField] = &[optional("id", FieldKind::Text), optional("name", FieldKind::Text)];

static TEMPORARY_KEY: Class =
    listed("CreateTemporaryAccessKeyByTokenRequestBody", &[needed("auth", FieldKind::Object(&TOKEN_AUTH))]);
static TOKEN_AUTH: Class = listed("TokenAuth", &[needed("identity", FieldKind::Object(&TOKEN_IDENTITY))]);
static TOKEN_IDENTITY: Class = listed(
    "TokenAuthIdentity",
    &[
        needed("methods", FieldKind::WordList(&["token"])),
        optional("token", FieldKind::Object(&TOKEN)),
        optional("policy", FieldKind::Object(&POLICY)),
    ],
);
static TOKEN: Class = listed(
    "IdentityToken",
    &[optional("id", FieldKind::Secret(TOKEN_VARIABLE)), optional("duration_seconds", FieldKind::Whole)],
);
static POLICY: Class =
    listed("ServicePolicy", &[needed("Version", FieldKind::Text), needed("Statement", FieldKind::Objects(&STATEMENT))]);
static STATEMENT: Class = listed(
    "ServiceStatement",
    &[
        needed("Action", FieldKind::Texts),
        needed("Effect", FieldKind::Words(&["Allow", "Deny"])),
        optional("Resource", FieldKind::Texts),
    ],
);

static DECODE: Class = listed("DecodeAuthorizationMessageReq", &[needed("encoded_message", FieldKind::Text)]);

const fn documented(name: &'static str, fields: &'static [BodyField]) -> Class {
    Class { name, fields: Fields::Documented(fields) }
}

const fn listed(name: &'static str, fields: &'static [ClassField]) -> Class {
    Class { name, fields: Fields::Listed(fields) }
}

const fn needed(name: &'static str, kind: FieldKind) -> ClassField {
    ClassField { name, kind, mandatory: true }
}

const fn optional(name: &'static str, kind: FieldKind) -> ClassField {
    ClassField { name, kind, mandatory: false }
}

impl Class {
    fn fields(&self) -> Vec<ClassField> {
        match self.fields {
            Fields::Documented(fields) => fields.iter().map(ClassField::of).collect(),
            Fields::Listed(fields) => fields.to_vec(),
        }
    }

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
        for field in fields.iter().filter(|field| field.kind == FieldKind::Secret(TOKEN_VARIABLE)) {
            if !values.iter().any(|(given, _)| given.name == field.name) {
                values.insert(0, (*field, SampleValue::Secret(TOKEN_VARIABLE)));
            }
        }
        Ok(SampleValue::Object(self, values))
    }
}

impl ClassField {
    fn of(field: &BodyField) -> Self {
        let kind = match &field.form {
            BodyForm::Text(_) => FieldKind::Text,
            BodyForm::OneOf(words) => FieldKind::Words(words),
            BodyForm::Boolean => FieldKind::Flag,
            BodyForm::Ids(_) => FieldKind::Texts,
        };
        Self { name: field.name, kind, mandatory: field.mandatory }
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
        let (read, expected) = match self {
            Self::Text => (text(json), "a string".to_owned()),
            Self::Whole => (json.as_i64().map(SampleValue::Whole), "an integer".to_owned()),
            Self::Flag => (json.as_bool().map(SampleValue::Flag), "true or false".to_owned()),
            Self::Words(words) => (word(words, json), format!("one of {}", words.join(", "))),
            Self::Secret(variable) => (json.as_str().map(|_| SampleValue::Secret(variable)), "a string".to_owned()),
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
