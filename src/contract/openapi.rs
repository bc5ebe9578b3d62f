//! The OpenAPI 3.1 document, made from the tables.

use super::bodies::DocumentedBody;
use super::error_bodies::{BASE_ERROR, KEYSTONE_ERROR};
use super::{
    Form, Mandatory, NotificationType, Operation, Origin, Parameter, Place, Service, Status, TRANSPORT, X_IAM_TRACE_ID,
    examples,
};
use serde_json::{Map, Value, json};

/// The document, with its members in a fixed order.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in Operation::all() {
        let path = paths.entry(operation.template()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(operation.method.to_lowercase(), operation_object(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huawei Cloud Workspace, as emulated by wksmock",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Generated from the contract tables of wksmock. The default answer of each operation is for \
                            requests that are not valid HTTP.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:7070", "description": "wksmock serve" }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": { "NotTaken": not_taken() },
            "securitySchemes": {
                "Token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Auth-Token",
                    "description": "An IAM user token.",
                },
                "Signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "A request signed with an access key, as the SDKs sign it: \
                                    `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`, with the time in \
                                    X-Sdk-Date and, for a temporary key, X-Security-Token.",
                },
            },
        },
    })
}

fn tags() -> Vec<Value> {
    let mut names: Vec<_> = Operation::all().map(|operation| operation.tag).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| json!({ "name": name })).collect()
}

fn operation_object(operation: Operation) -> Value {
    // OpenAPI has a header parameter called Content-Type ignored, and describes credentials as security schemes.
    let described = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place != Place::Header || matches!(parameter.form, Form::Text));
    let headers = operation.parameters.iter().filter(|parameter| matches!(parameter.form, Form::MediaType(_)));
    let headers: Map<String, Value> =
        headers.map(|parameter| (parameter.name.to_owned(), json!(parameter.description))).collect();
    let mut responses: Map<String, Value> =
        operation.statuses.iter().map(|row| (row.status.to_string(), response(operation, row))).collect();
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/NotTaken" }));
    // With `--auth required` one of them is needed, but where an operation takes none.
    let takes_credentials = operation.parameters.iter().any(|parameter| matches!(parameter.form, Form::Credential));
    let security = if takes_credentials { json!([{ "Token": [] }, { "Signature": [] }, {}]) } else { json!([]) };
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "x-mandatory-headers": headers,
        "security": security,
        "parameters": described.map(parameter_object).collect::<Vec<_>>(),
        "responses": responses,
    });
    if let Value::Object(object) = &mut object {
        if let Some(action) = operation.action {
            object.insert("x-action".to_owned(), json!(action));
        }
        object.insert("x-assumed".to_owned(), json!(operation.assumed));
        if let Some(request) = &operation.request {
            let content = json_content(&[&request.body], &(request.body.example)());
            object.insert("requestBody".to_owned(), json!({ "required": !request.is_optional, "content": content }));
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
    let schema = match &parameter.form {
        Form::NotificationTypes => json!({ "type": "string", "enum": NotificationType::lists() }),
        Form::Number(range) => json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::OneOf(words) => json!({ "type": "string", "enum": words }),
        Form::Texts => {
            let text =
                json!({ "type": "string", "minLength": parameter.chars.start(), "maxLength": parameter.chars.end() });
            json!({ "type": "array", "items": text })
        }
        Form::Unanswered(_) => json!({ "type": "string", "maxLength": 0 }),
        Form::Text | Form::MediaType(_) | Form::Credential => {
            json!({ "type": "string", "minLength": parameter.chars.start(), "maxLength": parameter.chars.end() })
        }
    };
    let mut object = json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.mandatory != Mandatory::No,
        "description": parameter.description,
        "schema": schema,
    });
    let example = match parameter.name {
        "project_id" => Some(examples::PROJECT),
        "user_id" => Some(examples::USER),
        _ => None,
    };
    if let (Value::Object(object), Some(example)) = (&mut object, example) {
        object.insert("example".to_owned(), json!(example));
    }
    object
}

fn response(operation: Operation, row: &Status) -> Value {
    let content = match row.error {
        None => operation.answer.map(|answer| json_content(&[answer], &(answer.example)())),
        Some(error) if error.origin == Origin::Keystone => {
            // Wrong credentials are the gateway's to refuse, which stands before every service.
            let bodies: &[_] = if row.status == 401 { &[&KEYSTONE_ERROR, &BASE_ERROR] } else { &[&KEYSTONE_ERROR] };
            let error = json!({ "code": error.status, "message": error.message, "title": row.description });
            Some(json_content(bodies, &json!({ "error": error })))
        }
        Some(error) => {
            // A body that is too large is refused before the service sees it, or by a rule.
            let is_of_both = operation.service == Service::Keystone && row.status == 413;
            let bodies: &[_] = if is_of_both { &[&BASE_ERROR, &KEYSTONE_ERROR] } else { &[&BASE_ERROR] };
            Some(json_content(bodies, &json!({ "error_code": error.code, "error_msg": error.message })))
        }
    };
    let mut headers = json!({ "X-Request-Id": request_id_header() });
    if let Value::Object(headers) = &mut headers {
        if let (Some((name, description)), None) = (operation.answer_header, row.error) {
            headers.insert(name.to_owned(), required_header(description));
        }
        if row.status == 405 {
            headers.insert("Allow".to_owned(), required_header("The methods allowed for the path."));
        }
        if operation.service.is_iam() {
            headers.insert(X_IAM_TRACE_ID.to_owned(), request_id_header());
        }
    }
    let mut response = json!({ "description": row.description, "headers": headers });
    if let (Value::Object(response), Some(content)) = (&mut response, content) {
        response.insert("content".to_owned(), content);
    }
    response
}

/// The answer to any request that is malformed, too slow or too large.
fn not_taken() -> Value {
    let mut description = "The request is not valid HTTP.".to_owned();
    let mut examples = Map::new();
    for row in TRANSPORT {
        let error = row.error;
        description = format!("{description} {}: {}", error.status, row.description);
        let body = json!({ "error_code": error.code, "error_msg": error.message });
        examples.insert(error.status.to_string(), json!({ "value": body }));
    }
    json!({
        "description": description,
        "headers": { "X-Request-Id": request_id_header() },
        "content": { "application/json": {
            "schema": schema_of(&[&BASE_ERROR, &KEYSTONE_ERROR]),
            "examples": examples,
        } },
    })
}

/// The schemas of all bodies, by name.
fn schemas() -> Map<String, Value> {
    let of_operations = Operation::all().flat_map(bodies);
    of_operations.chain([&BASE_ERROR, &KEYSTONE_ERROR]).map(|body| (body.name.to_owned(), (body.schema)())).collect()
}

fn bodies(operation: Operation) -> impl Iterator<Item = &'static DocumentedBody> {
    let request = operation.row().request.as_ref().map(|request| &request.body);
    request.into_iter().chain(operation.answer)
}

/// One of these bodies.
fn json_content(bodies: &[&DocumentedBody], example: &Value) -> Value {
    json!({ "application/json": { "schema": schema_of(bodies), "example": example } })
}

fn schema_of(bodies: &[&DocumentedBody]) -> Value {
    let reference = |body: &&DocumentedBody| json!({ "$ref": format!("#/components/schemas/{}", body.name) });
    match bodies {
        [only] => reference(only),
        _ => json!({ "anyOf": bodies.iter().map(reference).collect::<Vec<_>>() }),
    }
}

fn required_header(description: &str) -> Value {
    json!({ "description": description, "required": true, "schema": { "type": "string" } })
}

/// The header that every answer has.
pub(crate) fn request_id_header() -> Value {
    json!({
        "description": "Identifies the request in the journal.",
        "required": true,
        "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_example_of_a_body_fits_its_schema() {
        let mut named = BTreeMap::new();
        for body in Operation::all().flat_map(bodies).chain([&BASE_ERROR, &KEYSTONE_ERROR]) {
            let schema = (body.schema)();
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            let wrong: Vec<_> = validator.iter_errors(&(body.example)()).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", body.name);
            assert!(!validator.is_valid(&json!([])), "{}", body.name);
            // A name stands for one schema.
            assert_eq!(named.entry(body.name).or_insert_with(|| schema.clone()), &schema, "{}", body.name);
        }
    }
}
