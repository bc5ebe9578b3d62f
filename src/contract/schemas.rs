//! The schemas of bodies, for the OpenAPI document, and an example of each.

use super::errors::{CODE_CHARS_MAX, ERROR_CODES, MESSAGE_CHARS_MAX, SEALED_CHARS_MAX};
use super::users::{ACTION_FIELDS, ACTIVE_TYPES, BODY_ID_CHARS, BodyField, BodyForm, CREATE_FIELDS, UPDATE_FIELDS};
use serde_json::{Value, json};

/// Longest password that the documented answer allows, in characters.
const PASSWORD_CHARS_MAX: usize = 20;

/// An example of a body, by the name of its schema.
pub(super) fn example(schema: &str) -> Value {
    let times = ["2020-01-04T09:08:49.965000Z", "2020-01-03T09:08:49.965000Z"];
    let domain = json!({ "id": "d78cbac186b744899480f25bd022f468", "name": "acme" });
    match schema {
        "RandomPasswordResponse" => json!({ "password": "xxcsafxxA%" }),
        "TokenRequest" => json!({ "auth": {
            "identity": {
                "methods": ["password"],
                "password": { "user": { "name": "ci", "password": "…", "domain": { "name": "acme" } } },
            },
            "scope": { "project": { "name": "cn-north-4" } },
        } }),
        "TokenResponse" => json!({ "token": {
            "methods": ["password"],
            "expires_at": times[0],
            "issued_at": times[1],
            "catalog": [],
            "roles": [{ "id": "0", "name": "te_admin" }],
            "user": { "id": "7116d09f88fa41908676fdd4b039e95b", "name": "ci", "domain": domain, "password_expires_at": "" },
            "project": { "id": "0bec5db98280d2d02fd6c00c2de791ce", "name": "cn-north-4", "domain": domain },
        } }),
        "ProjectList" => json!({ "projects": [{ "id": "0bec5db98280d2d02fd6c00c2de791ce", "name": "cn-north-4" }] }),
        "DomainList" => json!({ "domains": [domain] }),
        "TemporaryKeyRequest" => {
            json!({ "auth": { "identity": { "methods": ["token"], "token": { "duration_seconds": 900 } } } })
        }
        "TemporaryKeyResponse" => json!({ "credential": {
            "access": "NZFAT5VNWEJDGZ4PZ2LQ", "secret": "…", "securitytoken": "…", "expires_at": times[0],
        } }),
        "CallerIdentity" => json!({
            "account_id": "d78cbac186b744899480f25bd022f468",
            "principal_id": "7116d09f88fa41908676fdd4b039e95b",
            "principal_urn": "iam::d78cbac186b744899480f25bd022f468:user:ci",
        }),
        "DecodeRequest" => json!({ "encoded_message": "…" }),
        "DecodeResponse" => json!({ "decoded_message": "{}" }),
        "ListUsersResponse" => json!({ "total_count": 1, "users": [{
            "id": "8a2c3f9579d240820179d51e6caf0001", "user_name": "api-test", "user_email": "test@huawei.com",
            "account_expires": "0", "locked": false, "disabled": false,
        }] }),
        "UserDetailResponse" => json!({ "user_detail": {
            "id": "8a2c3f9579d240820179d51e6caf0001", "user_name": "api-test", "user_email": "test@huawei.com",
            "account_expires": 0, "locked": false, "disabled": false,
        } }),
        "CreateUserRequest" => json!({ "user_name": "carol", "user_email": "carol@example.com" }),
        "UpdateUserRequest" => json!({ "description": "moved" }),
        "UserActionRequest" => json!({ "op_type": "LOCK" }),
        "UserId" => json!({ "id": "8a2c3f9579d240820179d51e6caf0001" }),
        "Nothing" => json!({}),
        _ => Value::Null,
    }
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut codes: Vec<_> = ERROR_CODES.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut all = json!({
        "RandomPasswordResponse": {
            "type": "object",
            "properties": {
                "password": {
                    "type": "string",
                    "minLength": 0,
                    "maxLength": PASSWORD_CHARS_MAX,
                    "description": "The new password.",
                },
            },
        },
        "BaseResponse": {
            "type": "object",
            "properties": {
                "error_code": {
                    "type": "string",
                    "minLength": 0,
                    "maxLength": CODE_CHARS_MAX,
                    "description": "What went wrong, as a code.",
                    "examples": codes,
                },
                "error_msg": {
                    "type": "string",
                    "minLength": 0,
                    "maxLength": MESSAGE_CHARS_MAX,
                    "description": "What went wrong, in words.",
                },
                "encoded_authorization_message": {
                    "type": "string",
                    "readOnly": true,
                    "description": "Why the caller was refused, sealed.",
                },
            },
        },
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
        "active_type": { "enum": ACTIVE_TYPES }, "next_login_change_password": flag, "password_never_expired": flag,
        "disabled": flag, "locked": flag, "is_pre_user": flag, "total_desktops": number,
    });
    let with = |more: Value| {
        let mut all = both.clone();
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        object(&all)
    };
    let listed = with(json!({ "account_expires": text, "account_expired": flag, "enable_change_password": flag }));
    let detail = with(json!({
        "account_expires": { "type": "integer", "format": "int64" }, "user_expired": flag, "enable_change_password": flag,
        "account_type": number, "full_name": text, "group_names": { "type": "array", "items": text },
        "when_created": { "type": "string" },
    }));
    json!({
        "ListUsersResponse": object(&json!({ "total_count": number, "users": { "type": "array", "items": listed } })),
        "UserDetailResponse": object(&json!({ "user_detail": detail })),
        "CreateUserRequest": body(CREATE_FIELDS),
        "UpdateUserRequest": body(UPDATE_FIELDS),
        "UserActionRequest": body(ACTION_FIELDS),
        "UserId": object(&json!({ "id": text })),
        "Nothing": object(&json!({})),
    })
}

/// A body of these fields.
fn body(fields: &[BodyField]) -> Value {
    let mut properties = serde_json::Map::new();
    for field in fields {
        let mut schema = match &field.form {
            BodyForm::Text(chars) => json!({ "type": "string", "minLength": chars.start(), "maxLength": chars.end() }),
            BodyForm::OneOf(names) => json!({ "type": "string", "enum": names }),
            BodyForm::Boolean => json!({ "type": "boolean" }),
            BodyForm::Ids(count) => {
                let (fewest, most) = (BODY_ID_CHARS.start(), BODY_ID_CHARS.end());
                let id = json!({ "type": "string", "minLength": fewest, "maxLength": most });
                json!({ "type": "array", "items": id, "minItems": count.start(), "maxItems": count.end() })
            }
        };
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(field.description));
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|field| field.mandatory).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Those of IAM and STS.
fn identity_schemas() -> Value {
    json!({
        "KeystoneResponse": object(&json!({ "error": object(&json!({
            "code": { "type": "integer", "description": "The status." },
            "message": { "type": "string", "description": "What went wrong, in words." },
            "title": { "type": "string", "description": "What the status is called." },
        })) })),
        "TokenRequest": token_request(),
        "TokenResponse": object(&json!({ "token": object(&json!({
            "methods": { "type": "array", "items": { "type": "string" } },
            "expires_at": time(),
            "issued_at": time(),
            "catalog": { "type": "array", "items": { "type": "object" } },
            "roles": { "type": "array", "items": named() },
            "user": { "type": "object" },
            "project": { "type": "object", "description": "Where it is for a project." },
            "domain": { "type": "object", "description": "Where it is for a domain." },
        })) })),
        "ProjectList": object(&json!({ "projects": { "type": "array", "items": named() }, "links": { "type": "object" } })),
        "DomainList": object(&json!({ "domains": { "type": "array", "items": named() }, "links": { "type": "object" } })),
        "TemporaryKeyRequest": object(&json!({ "auth": object(&json!({ "identity": object(&json!({
            "methods": { "const": ["token"] },
            "token": object(&json!({
                "id": text(),
                "duration_seconds": { "type": "integer", "minimum": 900, "maximum": 86_400, "default": 900 },
            })),
            "policy": { "type": "object", "description": "What the key may be used for." },
        })) })) })),
        "TemporaryKeyResponse": object(&json!({ "credential": object(&json!({
            "access": text(), "secret": text(), "securitytoken": text(), "expires_at": time(),
        })) })),
        "CallerIdentity": object(&json!({ "account_id": text(), "principal_id": text(), "principal_urn": text() })),
        "DecodeRequest": object(&json!({
            "encoded_message": { "type": "string", "minLength": 1, "maxLength": SEALED_CHARS_MAX },
        })),
        "DecodeResponse": object(&json!({
            "decoded_message": { "type": "string", "description": "A JSON document." },
        })),
    })
}

fn token_request() -> Value {
    let scope = object(&json!({ "id": text(), "name": text() }));
    object(&json!({ "auth": object(&json!({
        "identity": object(&json!({
            "methods": { "const": ["password"] },
            "password": object(&json!({ "user": object(&json!({
                "name": text(),
                "password": { "type": "string", "format": "password" },
                "domain": object(&json!({ "name": text() })),
            })) })),
        })),
        "scope": { "type": "object", "properties": { "project": scope, "domain": scope } },
    })) }))
}

fn object(properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

fn named() -> Value {
    object(&json!({ "id": text(), "name": text() }))
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::OPERATIONS;

    #[test]
    fn every_body_of_the_contract_has_a_schema_and_an_example() {
        let schemas = schemas();
        let of_operation = OPERATIONS.iter().flat_map(|operation| operation.body.into_iter().chain([operation.answer]));
        for name in of_operation {
            assert!(schemas[name].is_object(), "{name}");
            assert!(example(name).is_object(), "{name}");
        }
    }
}
