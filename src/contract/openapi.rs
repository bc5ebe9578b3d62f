//! The OpenAPI 3.1 document, made from the tables. The schemas of bodies are `schemas.rs`'s.

use super::schemas::{example, schemas};
use super::{
    Form, Mandatory, NotificationType, OPERATIONS, Operation, Origin, Parameter, Place, Status, TRANSPORT, has_body,
};
use serde_json::{Map, Value, json};

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
    names.sort_unstable();
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
        operation.statuses.iter().map(|row| (row.status.to_string(), response(operation, row))).collect();
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "x-mandatory-headers": headers,
        "security": [{ "Token": [] }, { "Signature": [] }, {}],
        "parameters": described.map(parameter_object).collect::<Vec<_>>(),
        "responses": responses,
    });
    if let Value::Object(object) = &mut object {
        if let Some(action) = operation.action {
            object.insert("x-action".to_owned(), json!(action));
        }
        object.insert("x-assumed".to_owned(), json!(operation.assumed));
        if let Some(body) = operation.body {
            let content = json_content(&[body], &example(body));
            object.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
        }
    }
    object
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
    match (&parameter.form, &mut schema) {
        (Form::NotificationTypes, Value::Object(schema)) => {
            let [email, phone] = NotificationType::ALL.map(NotificationType::name);
            let pattern = format!("^({email}|{phone}|{email},{phone}|{phone},{email})$");
            schema.insert("pattern".to_owned(), json!(pattern));
        }
        (Form::Number(range), schema) => {
            *schema = json!({ "type": "integer", "minimum": range.start() });
            if let (Value::Object(schema), true) = (schema, *range.end() < u64::MAX) {
                schema.insert("maximum".to_owned(), json!(range.end()));
            }
        }
        (Form::Boolean, schema) => *schema = json!({ "type": "boolean" }),
        _ => {}
    }
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.mandatory != Mandatory::No,
        "description": parameter.description,
        "schema": schema,
    })
}

fn response(operation: &Operation, row: &Status) -> Value {
    let (schemas, example): (&[&str], _) = match row.error {
        None => (&[operation.answer], example(operation.answer)),
        Some(error) if error.origin == Origin::Keystone => {
            // Wrong credentials are the gateway's to refuse, which stands before every service.
            let schemas: &[_] =
                if row.status == 401 { &["KeystoneResponse", "BaseResponse"] } else { &["KeystoneResponse"] };
            let error = json!({ "code": error.status, "message": error.message, "title": row.description });
            (schemas, json!({ "error": error }))
        }
        Some(error) => (&["BaseResponse"], json!({ "error_code": error.code, "error_msg": error.message })),
    };
    let mut response = json!({
        "description": row.description,
        "headers": { "X-Request-Id": request_id_header() },
    });
    if let (Value::Object(response), true) = (&mut response, has_body(row.status)) {
        response.insert("content".to_owned(), json_content(schemas, &example));
    }
    response
}

fn transport_responses() -> Map<String, Value> {
    let response = |error: &super::ErrorCode, description: &str| {
        json!({
            "description": description,
            "headers": { "X-Request-Id": request_id_header() },
            "content": json_content(
                &["BaseResponse"],
                &json!({ "error_code": error.code, "error_msg": error.message }),
            ),
        })
    };
    TRANSPORT.iter().map(|row| (format!("Status{}", row.error.status), response(row.error, row.description))).collect()
}

/// What is written as one of these schemas.
fn json_content(schemas: &[&str], example: &Value) -> Value {
    let mut all = schemas.iter().map(|schema| json!({ "$ref": format!("#/components/schemas/{schema}") }));
    let schema = match schemas {
        [_] => all.next(),
        _ => Some(json!({ "oneOf": all.collect::<Vec<_>>() })),
    };
    json!({ "application/json": { "schema": schema, "example": example } })
}

fn request_id_header() -> Value {
    json!({
        "description": "Identifies the request in the journal.",
        "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
    })
}
