//! The OpenAPI 3.1 document, made from the tables.

use super::errors::{CODE_CHARS_MAX, ERROR_CODES, MESSAGE_CHARS_MAX};
use super::{Form, Mandatory, NotificationType, OPERATIONS, Operation, Parameter, Place, Status, TRANSPORT};
use serde_json::{Map, Value, json};

/// Longest password that the documented answer allows, in characters.
const PASSWORD_CHARS_MAX: usize = 20;

/// The document, with its members in a fixed order.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.template()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(operation.method.to_lowercase(), operation_object(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huawei Cloud Workspace as wksmock emulates it",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Generated from the contract tables of wksmock. Transport statuses (408, 413, 414, 431) \
                            can be answered to any request and are the responses under components.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:7070", "description": "wksmock serve" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": transport_responses(),
            "securitySchemes": {
                "Token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Auth-Token",
                    "description": "A user token of IAM.",
                },
                "Signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "A request signed with an access key, as the SDKs do by themselves.",
                },
            },
        },
    })
}

fn tags() -> Vec<Value> {
    let mut names: Vec<_> = OPERATIONS.iter().map(|operation| operation.tag).collect();
    names.dedup();
    names.iter().map(|name| json!({ "name": name })).collect()
}

fn operation_object(operation: &Operation) -> Value {
    // OpenAPI has a header parameter called Content-Type ignored, and describes credentials as security schemes.
    let described = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place != Place::Header || matches!(parameter.form, Form::Text));
    let headers = operation.parameters.iter().filter(|parameter| matches!(parameter.form, Form::MediaType(_)));
    let headers: Map<String, Value> =
        headers.map(|parameter| (parameter.name.to_owned(), json!(parameter.description))).collect();
    let responses: Map<String, Value> =
        operation.statuses.iter().map(|row| (row.status.to_string(), response(row))).collect();
    json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "x-action": operation.action,
        "x-mandatory-headers": headers,
        "security": [{ "Token": [] }, { "Signature": [] }, {}],
        "parameters": described.map(parameter_object).collect::<Vec<_>>(),
        "responses": responses,
    })
}

fn parameter_object(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    let mut schema = json!({
        "type": "string",
        "minLength": parameter.chars.start(),
        "maxLength": parameter.chars.end(),
    });
    if let (Form::NotificationTypes, Value::Object(schema)) = (&parameter.form, &mut schema) {
        let [email, phone] = NotificationType::ALL.map(NotificationType::name);
        let pattern = format!("^({email}|{phone}|{email},{phone}|{phone},{email})$");
        schema.insert("pattern".to_owned(), json!(pattern));
    }
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.mandatory != Mandatory::No,
        "description": parameter.description,
        "schema": schema,
    })
}

fn response(row: &Status) -> Value {
    let (schema, example) = match row.error {
        None => ("RandomPasswordResponse", json!({ "password": "xxcsafxxA%" })),
        Some(error) => ("BaseResponse", json!({ "error_code": error.code, "error_msg": error.message })),
    };
    json!({
        "description": row.description,
        "headers": { "X-Request-Id": request_id_header() },
        "content": json_content(schema, &example),
    })
}

fn transport_responses() -> Map<String, Value> {
    let response = |error: &super::ErrorCode, description: &str| {
        json!({
            "description": description,
            "headers": { "X-Request-Id": request_id_header() },
            "content": json_content(
                "BaseResponse",
                &json!({ "error_code": error.code, "error_msg": error.message }),
            ),
        })
    };
    TRANSPORT.iter().map(|row| (format!("Status{}", row.error.status), response(row.error, row.description))).collect()
}

fn json_content(schema: &str, example: &Value) -> Value {
    json!({
        "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{schema}") },
            "example": example,
        },
    })
}

fn request_id_header() -> Value {
    json!({
        "description": "Identifies the request in the journal.",
        "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
    })
}

fn schemas() -> Value {
    let mut codes: Vec<_> = ERROR_CODES.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    json!({
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
    })
}
