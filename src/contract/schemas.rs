//! The schemas of bodies, for the OpenAPI document.

use super::errors::{CODE_CHARS_MAX, ERROR_CODES, MESSAGE_CHARS_MAX, SEALED_CHARS_MAX};
use super::operations::{ACTION_FIELDS, ACTIVE_TYPES, CREATE_FIELDS, KEY_SECONDS, SEND_FIELDS, UPDATE_FIELDS};
use super::row::{BODY_ID_CHARS, BodyField, BodyForm};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Longest password that the documented answer allows, in characters.
const PASSWORD_CHARS_MAX: usize = 20;
/// Text without control characters.
const PLAIN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut codes: Vec<_> = ERROR_CODES.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut all = json!({
        "RandomPasswordResponse": object(&json!({
            "password": {
                "type": "string",
                "minLength": 0,
                "maxLength": PASSWORD_CHARS_MAX,
                "description": "The new password.",
            },
        })),
        "BaseResponse": some(&["error_code", "error_msg"], &json!({
            "error_code": {
                "type": "string",
                "minLength": 0,
                "maxLength": CODE_CHARS_MAX,
                "description": "The error code.",
                "examples": codes,
            },
            "error_msg": {
                "type": "string",
                "minLength": 0,
                "maxLength": MESSAGE_CHARS_MAX,
                "description": "The error message.",
            },
            "encoded_authorization_message": {
                "type": "string",
                "readOnly": true,
                "description": "The sealed reason of a refusal.",
            },
        })),
    });
    for more in [identity_schemas(), user_schemas()] {
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
    }
    all
}

/// Those of the operations on users.
fn user_schemas() -> Value {
    let (text, flag, number) = (text(), json!({ "type": "boolean" }), json!({ "type": "integer" }));
    let both = json!({
        "id": text, "user_name": text, "user_email": text, "user_phone": text, "description": text,
        "active_type": { "type": "string", "enum": ACTIVE_TYPES }, "next_login_change_password": flag,
        "password_never_expired": flag, "disabled": flag, "locked": flag, "is_pre_user": flag, "total_desktops": number,
    });
    // An empty text counts as missing.
    let optional =
        ["user_name", "user_email", "user_phone", "description", "group_names", "when_created", "total_desktops"];
    let with = |more: Value| {
        let mut all = both.clone();
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        let names = all.as_object().into_iter().flat_map(|all| all.keys().map(String::as_str));
        let required: Vec<_> = names.filter(|name| !optional.contains(name)).collect();
        some(&required, &all)
    };
    let listed = with(json!({ "account_expires": text, "account_expired": flag, "enable_change_password": flag }));
    let detail = with(json!({
        "account_expires": { "type": "integer", "format": "int64" }, "user_expired": flag, "enable_change_password": flag,
        "account_type": number, "full_name": text, "group_names": { "type": "array", "items": text },
        "when_created": time(),
    }));
    json!({
        "ListUsersResponse": object(&json!({ "total_count": number, "users": { "type": "array", "items": listed } })),
        "UserDetailResponse": object(&json!({ "user_detail": detail })),
        "CreateUserRequest": body(CREATE_FIELDS),
        "UpdateUserRequest": body(UPDATE_FIELDS),
        "UserActionRequest": body(ACTION_FIELDS),
        "SendEmailRequest": body(SEND_FIELDS),
        "UserId": object(&json!({ "id": text })),
        "Nothing": object(&json!({})),
    })
}

/// A body of these fields. One that may be left out may be null too.
fn body(fields: &[BodyField]) -> Value {
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

/// Those of IAM and STS.
fn identity_schemas() -> Value {
    let user = object(&json!({ "id": text(), "name": text(), "domain": named(), "password_expires_at": text() }));
    let project = object(&json!({ "id": text(), "name": text(), "domain": named() }));
    json!({
        "KeystoneResponse": object(&json!({ "error": object(&json!({
            "code": { "type": "integer", "description": "The HTTP status." },
            "message": { "type": "string", "description": "The error message." },
            "title": { "type": "string", "description": "The name of the status." },
        })) })),
        "TokenRequest": token_request(),
        "TokenResponse": object(&json!({ "token": some(&["methods", "expires_at", "issued_at", "catalog", "roles", "user"], &json!({
            "methods": { "type": "array", "items": { "type": "string" } },
            "expires_at": time(),
            "issued_at": time(),
            "catalog": { "type": "array", "items": { "type": "object" } },
            "roles": { "type": "array", "items": named() },
            "user": user,
            "project": { "description": "Only in a token for a project.", "allOf": [project] },
            "domain": { "description": "Only in a token for a domain.", "allOf": [named()] },
        })) })),
        "ProjectList": object(&json!({ "projects": { "type": "array", "items": named() }, "links": { "type": "object" } })),
        "IamUserList": object(&json!({
            "users": { "type": "array", "items": object(&json!({
                "id": text(), "name": text(), "domain_id": text(), "enabled": { "type": "boolean" },
                "description": text(), "links": { "type": "object" }, "password_expires_at": { "type": "null" },
            })) },
            "links": { "type": "object" },
        })),
        "RegionList": object(&json!({
            "regions": { "type": "array", "items": object(&json!({
                "id": text(), "description": text(), "parent_region_id": { "type": "null" },
                "type": { "const": "public" }, "locales": { "type": "object" }, "links": { "type": "object" },
            })) },
            "links": { "type": "object" },
        })),
        "DomainList": object(&json!({ "domains": { "type": "array", "items": named() }, "links": { "type": "object" } })),
        "TemporaryKeyRequest": temporary_key_request(),
        "TemporaryKeyResponse": object(&json!({ "credential": object(&json!({
            "access": text(), "secret": text(), "securitytoken": text(), "expires_at": time(),
        })) })),
        "CallerIdentity": object(&json!({ "account_id": text(), "principal_id": text(), "principal_urn": text() })),
        "DecodeRequest": object(&json!({
            "encoded_message": {
                "type": "string",
                "minLength": 1,
                "maxLength": SEALED_CHARS_MAX,
                "pattern": "^[A-Za-z0-9+/]+={0,2}$",
                "description": "The encoded_authorization_message of an error.",
            },
        })),
        "DecodeResponse": object(&json!({
            "decoded_message": { "type": "string", "description": "A JSON document." },
        })),
    })
}

fn token_request() -> Value {
    // By id or by name.
    let meant = json!({
        "type": "object",
        "properties": { "id": text(), "name": text() },
        "anyOf": [{ "required": ["id"] }, { "required": ["name"] }],
    });
    object(&json!({ "auth": object(&json!({
        "identity": object(&json!({
            "methods": { "const": ["password"] },
            "password": object(&json!({ "user": object(&json!({
                "name": some_text(),
                "password": { "type": "string", "format": "password", "minLength": 1 },
                "domain": object(&json!({ "name": some_text() })),
            })) })),
        })),
        "scope": {
            "type": "object",
            "properties": { "project": meant, "domain": meant },
            "oneOf": [{ "required": ["project"] }, { "required": ["domain"] }],
        },
    })) }))
}

fn temporary_key_request() -> Value {
    let (shortest, longest) = (KEY_SECONDS.start(), KEY_SECONDS.end());
    let token = some(
        &[],
        &json!({
            "id": { "type": "string", "description": "A token, if the header has none." },
            "duration_seconds": { "type": "integer", "minimum": shortest, "maximum": longest, "default": shortest },
        }),
    );
    let statement = object(&json!({
        "Effect": { "type": "string", "enum": ["Allow", "Deny"] },
        "Action": { "type": "array", "items": text() },
    }));
    let policy = object(&json!({ "Statement": { "type": "array", "items": statement } }));
    object(&json!({ "auth": object(&json!({ "identity": some(&["methods"], &json!({
        "methods": { "const": ["token"] },
        "token": token,
        "policy": { "description": "The permissions of the key.", "allOf": [policy] },
    })) })) }))
}

/// An object that has all of these.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// An object that may have these, and has some of them.
fn some(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn named() -> Value {
    object(&json!({ "id": text(), "name": text() }))
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn some_text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

#[cfg(test)]
mod tests {
    use super::super::examples::example;
    use super::*;
    use crate::contract::Operation;

    #[test]
    fn every_body_has_a_schema_and_an_example_that_fits() {
        let schemas = schemas();
        let of_operation = Operation::all().flat_map(|operation| operation.body.into_iter().chain([operation.answer]));
        for name in of_operation.chain(["BaseResponse", "KeystoneResponse"]) {
            let schema = jsonschema::draft202012::new(&schemas[name]).unwrap();
            let wrong: Vec<_> = schema.iter_errors(&example(name)).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
            assert!(!schema.is_valid(&json!([])), "{name}");
        }
    }
}
