//! The values of a request, and the classes that the vendor's SDKs have for its body.

use super::literal;
use crate::contract::{ACTION_FIELDS, BodyField, BodyForm, CREATE_FIELDS, Form, SEND_FIELDS, UPDATE_FIELDS};
use serde_json::Value as Json;

/// The variable that has a token.
pub(super) const TOKEN_VARIABLE: &str = "AUTH_TOKEN";
/// The variable that has the password of an account, which `wksmock env` prints.
const PASSWORD_VARIABLE: &str = "WKSMOCK_PASSWORD";

/// A value of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Flag(bool),
    /// One of the words of an enumeration.
    Word(String),
    /// Read from this variable of the environment.
    Secret(&'static str),
    List(Vec<Self>),
    Object(&'static Class, Vec<(Field, Self)>),
}

/// A piece of a body's JSON text.
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
    /// Those of the contract.
    Documented(&'static [BodyField]),
    Listed(&'static [Field]),
}

/// A field of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) mandatory: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Text,
    Whole,
    Flag,
    Words(&'static [&'static str]),
    Secret(&'static str),
    Texts,
    /// A list of such words.
    WordList(&'static [&'static str]),
    Object(&'static Class),
    Objects(&'static Class),
}

/// The class for a body, by the name of its schema.
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
    listed("KeystoneCreateUserTokenByPasswordRequestBody", &[needed("auth", Kind::Object(&LOGIN_AUTH))]);
static LOGIN_AUTH: Class =
    listed("PwdAuth", &[needed("identity", Kind::Object(&LOGIN_IDENTITY)), needed("scope", Kind::Object(&SCOPE))]);
static LOGIN_IDENTITY: Class = listed(
    "PwdIdentity",
    &[needed("methods", Kind::WordList(&["password"])), needed("password", Kind::Object(&LOGIN_PASSWORD))],
);
static LOGIN_PASSWORD: Class = listed("PwdPassword", &[needed("user", Kind::Object(&LOGIN_USER))]);
static LOGIN_USER: Class = listed(
    "PwdPasswordUser",
    &[
        needed("domain", Kind::Object(&LOGIN_DOMAIN)),
        needed("name", Kind::Text),
        needed("password", Kind::Secret(PASSWORD_VARIABLE)),
    ],
);
static LOGIN_DOMAIN: Class = listed("PwdPasswordUserDomain", &[needed("name", Kind::Text)]);
static SCOPE: Class = listed(
    "AuthScope",
    &[optional("domain", Kind::Object(&SCOPE_DOMAIN)), optional("project", Kind::Object(&SCOPE_PROJECT))],
);
static SCOPE_DOMAIN: Class = listed("AuthScopeDomain", NAMED);
static SCOPE_PROJECT: Class = listed("AuthScopeProject", NAMED);
const NAMED: &[Field] = &[optional("id", Kind::Text), optional("name", Kind::Text)];

static TEMPORARY_KEY: Class =
    listed("CreateTemporaryAccessKeyByTokenRequestBody", &[needed("auth", Kind::Object(&TOKEN_AUTH))]);
static TOKEN_AUTH: Class = listed("TokenAuth", &[needed("identity", Kind::Object(&TOKEN_IDENTITY))]);
static TOKEN_IDENTITY: Class = listed(
    "TokenAuthIdentity",
    &[
        needed("methods", Kind::WordList(&["token"])),
        optional("token", Kind::Object(&TOKEN)),
        optional("policy", Kind::Object(&POLICY)),
    ],
);
static TOKEN: Class =
    listed("IdentityToken", &[optional("id", Kind::Secret(TOKEN_VARIABLE)), optional("duration_seconds", Kind::Whole)]);
static POLICY: Class =
    listed("ServicePolicy", &[needed("Version", Kind::Text), needed("Statement", Kind::Objects(&STATEMENT))]);
static STATEMENT: Class = listed(
    "ServiceStatement",
    &[
        needed("Action", Kind::Texts),
        needed("Effect", Kind::Words(&["Allow", "Deny"])),
        optional("Resource", Kind::Texts),
    ],
);

static DECODE: Class = listed("DecodeAuthorizationMessageReq", &[needed("encoded_message", Kind::Text)]);

const fn documented(name: &'static str, fields: &'static [BodyField]) -> Class {
    Class { name, fields: Fields::Documented(fields) }
}

const fn listed(name: &'static str, fields: &'static [Field]) -> Class {
    Class { name, fields: Fields::Listed(fields) }
}

const fn needed(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, mandatory: true }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, mandatory: false }
}

impl Class {
    fn fields(&self) -> Vec<Field> {
        match self.fields {
            Fields::Documented(fields) => fields.iter().map(Field::of).collect(),
            Fields::Listed(fields) => fields.to_vec(),
        }
    }

    /// An object of this class, or what is wrong with the field at `place`.
    pub(super) fn read(&'static self, json: &Json, place: &str) -> Result<Value, String> {
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
        for field in fields.iter().filter(|field| field.kind == Kind::Secret(TOKEN_VARIABLE)) {
            if !values.iter().any(|(given, _)| given.name == field.name) {
                values.insert(0, (*field, Value::Secret(TOKEN_VARIABLE)));
            }
        }
        Ok(Value::Object(self, values))
    }
}

impl Field {
    fn of(field: &BodyField) -> Self {
        let kind = match &field.form {
            BodyForm::Text(_) => Kind::Text,
            BodyForm::OneOf(words) => Kind::Words(words),
            BodyForm::Boolean => Kind::Flag,
            BodyForm::Ids(_) => Kind::Texts,
        };
        Self { name: field.name, kind, mandatory: field.mandatory }
    }
}

impl Kind {
    /// A member of a body. Its length is left to the server.
    fn read(self, json: &Json, place: &str) -> Result<Value, String> {
        let text = |json: &Json| json.as_str().map(|text| Value::Text(text.to_owned()));
        let word = |words: &[&str], json: &Json| {
            let word = json.as_str().filter(|word| words.contains(word));
            word.map(|word| Value::Word(word.to_owned()))
        };
        let list = |read: &dyn Fn(&Json) -> Option<Value>| {
            json.as_array().and_then(|items| items.iter().map(read).collect::<Option<Vec<_>>>()).map(Value::List)
        };
        let (read, expected) = match self {
            Self::Text => (text(json), "a string".to_owned()),
            Self::Whole => (json.as_i64().map(Value::Whole), "an integer".to_owned()),
            Self::Flag => (json.as_bool().map(Value::Flag), "true or false".to_owned()),
            Self::Words(words) => (word(words, json), format!("one of {}", words.join(", "))),
            Self::Secret(variable) => (json.as_str().map(|_| Value::Secret(variable)), "a string".to_owned()),
            Self::Texts => (list(&text), "a list of strings".to_owned()),
            Self::WordList(words) => (list(&|json| word(words, json)), format!("a list of {}", words.join(", "))),
            Self::Object(class) => return class.read(json, place),
            Self::Objects(class) => {
                let items = json.as_array().ok_or_else(|| format!("{place} must be a list of objects"))?;
                let items = items.iter().enumerate().map(|(at, item)| class.read(item, &format!("{place}[{at}]")));
                return items.collect::<Result<Vec<_>, _>>().map(Value::List);
            }
        };
        read.ok_or_else(|| format!("{place} must be {expected}"))
    }

    /// What a query parameter of a form holds, or why no request can have it.
    pub(super) fn of(form: &Form) -> Result<Self, String> {
        match form {
            // The SDKs have text for the words of a query.
            Form::Text | Form::OneOf(_) | Form::NotificationTypes | Form::MediaType(_) | Form::Credential => {
                Ok(Self::Text)
            }
            Form::Number(_) => Ok(Self::Whole),
            Form::Boolean => Ok(Self::Flag),
            Form::Texts => Ok(Self::Texts),
            Form::Unanswered(why) => Err(format!("is not supported here: {why}")),
        }
    }

    /// The value of a query parameter.
    pub(super) fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Whole => {
                // The SDKs have 32 bits for it.
                let number = text.parse::<i32>().map_err(|_| "must be a 32-bit integer".to_owned());
                number.map(|number| Value::Whole(number.into()))
            }
            Self::Flag => text.parse().map(Value::Flag).map_err(|_| "must be true or false".to_owned()),
            Self::Texts => Ok(Value::List(text.split(',').map(|item| Value::Text(item.to_owned())).collect())),
            _ => Ok(Value::Text(text.to_owned())),
        }
    }
}

impl Value {
    /// Adds the variables that the value is read from.
    pub(super) fn secrets(&self, found: &mut Vec<&'static str>) {
        match self {
            Self::Secret(variable) if !found.contains(variable) => found.push(variable),
            Self::List(items) => items.iter().for_each(|item| item.secrets(found)),
            Self::Object(_, members) => members.iter().for_each(|(_, value)| value.secrets(found)),
            _ => {}
        }
    }

    /// A value of a query as text: what is a list there has commas.
    pub(super) fn in_query(&self) -> String {
        match self {
            Self::Text(text) | Self::Word(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => items.iter().map(Self::in_query).collect::<Vec<_>>().join(","),
            Self::Secret(_) | Self::Object(..) => String::new(),
        }
    }

    /// The value as JSON in ASCII, in pieces between which secrets stand. The first piece is a text.
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
