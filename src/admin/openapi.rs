//! `openapi.json`: the contract, the admin API beside it under a tag of its own, and examples that work on this server.

use super::access::ROOT;
use super::route::{Presence, QueryParameter, Route, ValueForm};
use super::schemas::schemas;
use crate::contract::openapi as contract;
use crate::contract::{NotificationType, Operation, examples};
use crate::engine::{SampleQuery, Setup, example_body, example_project, example_user, samples};
use crate::fixture::Project;
use crate::limits::Limits;
use crate::samples::{Language, Sample};
use crate::state::State;
use hyper::StatusCode;
use serde_json::{Map, Value, json};

const TAG: &str = "admin";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const BAD_REQUEST: (u16, &str) =
    (400, "A query parameter is unknown, repeated or out of range; or the body is missing or is not UTF-8 text.");

/// The document of this server, which its samples call by this URL.
pub(super) fn document(state: &State, url: &str, routes: &[Route]) -> Value {
    let mut document = contract::document();
    let running = state.running();
    extend(&mut document, "/paths", paths(routes, &state.limits));
    extend(&mut document, "/components/schemas", schemas());
    extend(&mut document, "/components/responses", json!({ "Problem": any_problem() }));
    let token = json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The admin token, where the server was given one.",
    });
    extend(&mut document, "/components/securitySchemes", json!({ "AdminToken": token }));
    if let Some(Value::Array(tags)) = document.pointer_mut("/tags") {
        tags.push(json!({ "name": TAG, "description": "The control plane: what happened, what is in force, and how to change it." }));
    }
    show_own(&mut document, &running.setup);
    add_samples(&mut document, &running.setup, url);
    document
}

/// Adds members to an object of the document.
fn extend(document: &mut Value, pointer: &str, more: Value) {
    if let (Some(Value::Object(members)), Value::Object(more)) = (document.pointer_mut(pointer), more) {
        members.extend(more);
    }
}

fn paths(routes: &[Route], limits: &Limits) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(format!("{ROOT}/{}", route.path)).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(route.method.to_lowercase(), operation(route, limits));
        }
    }
    paths.into()
}

fn operation(route: &Route, limits: &Limits) -> Value {
    let in_path = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    let parameters = in_path.map(path_parameter).chain(route.parameters.iter().map(|query| parameter(query, limits)));
    let mut responses = Map::new();
    for status in [Some(route.status), route.also].into_iter().flatten() {
        responses.insert(status.to_string(), answer(status, route.schema));
    }
    for (status, when) in [BAD_REQUEST].iter().chain(route.problems) {
        responses.insert(status.to_string(), problem(*status, when));
    }
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    let mut operation = json!({
        "operationId": route.id,
        "tags": [TAG],
        "summary": route.summary,
        "security": [{ "AdminToken": [] }, {}],
        "parameters": parameters.collect::<Vec<_>>(),
        "responses": responses,
    });
    if let (Value::Object(operation), false) = (&mut operation, route.description.is_empty()) {
        operation.insert("description".to_owned(), json!(route.description));
    }
    if let (Value::Object(operation), Some((body, presence))) = (&mut operation, route.body) {
        let content = json!({ JSON: { "schema": reference(&body.schema()), "example": body.example() } });
        let required = presence == Presence::Required;
        operation.insert("requestBody".to_owned(), json!({ "required": required, "content": content }));
    }
    operation
}

fn path_parameter(name: &str) -> Value {
    let (schema, example) = match name {
        "index" => (json!({ "type": "integer", "minimum": 1, "maximum": u64::MAX }), json!(1)),
        "project" => (json!({ "type": "string", "minLength": 1 }), json!(examples::PROJECT)),
        "user" => (json!({ "type": "string", "minLength": 1 }), json!(examples::USER)),
        _ => (json!({ "type": "string", "minLength": 1 }), json!("1")),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "example": example })
}

fn parameter(query: &QueryParameter, limits: &Limits) -> Value {
    let whole = |least: u64, most: u64| json!({ "type": "integer", "minimum": least, "maximum": most });
    let schema = match query.form {
        ValueForm::Object => json!({ "type": "object" }),
        ValueForm::Text | ValueForm::Clone => json!({ "type": "string" }),
        ValueForm::Whole(least, most) => whole(least, most),
        ValueForm::OneOf(names) => json!({ "type": "string", "enum": names }),
        ValueForm::Flag => json!({ "type": "boolean" }),
        ValueForm::Operation => {
            let ids: Vec<_> = Operation::all().map(|operation| operation.id).collect();
            json!({ "type": "string", "enum": ids })
        }
        ValueForm::NotificationTypes => json!({ "type": "string", "enum": NotificationType::lists() }),
        ValueForm::Names(names) => {
            let one = format!("({})", names.join("|"));
            json!({ "type": "string", "pattern": format!("^{one}(,{one})*$") })
        }
        ValueForm::RequestId => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
        ValueForm::Limit => whole(1, u64::try_from(limits.page_max).unwrap_or(u64::MAX)),
        ValueForm::Wait => whole(0, u64::try_from(limits.verify_wait_max.as_millis()).unwrap_or(u64::MAX)),
    };
    let mut parameter = json!({
        "name": query.name,
        "in": "query",
        "required": false,
        "description": query.description,
    });
    let described = match query.form {
        ValueForm::Object => ("content", json!({ JSON: { "schema": schema } })),
        _ => ("schema", schema),
    };
    extend(&mut parameter, "", json!({ described.0: described.1 }));
    let example = match query.name {
        "project" if !matches!(query.form, ValueForm::Clone) => Some(examples::PROJECT),
        "user" => Some(examples::USER),
        _ => None,
    };
    if let (Value::Object(parameter), Some(example)) = (&mut parameter, example) {
        parameter.insert("example".to_owned(), json!(example));
    }
    parameter
}

fn answer(status: u16, schema: Option<&str>) -> Value {
    let description = match status {
        201 => "Created.",
        202 => "Accepted; it goes on after this answer.",
        204 => "Done.",
        503 => "The server is starting or draining.",
        _ => "OK.",
    };
    let mut answer =
        json!({ "description": description, "headers": { "X-Request-Id": contract::request_id_header() } });
    if let (Value::Object(answer), Some(schema)) = (&mut answer, schema) {
        let media_type = match schema {
            "Metrics" => "application/openmetrics-text",
            "Events" => "text/event-stream",
            _ => JSON,
        };
        answer.insert("content".to_owned(), json!({ media_type: { "schema": reference(schema) } }));
    }
    answer
}

fn problem(status: u16, description: &str) -> Value {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let example = json!({ "type": "about:blank", "title": title, "status": status, "detail": description });
    json!({
        "description": description,
        "headers": { "X-Request-Id": contract::request_id_header() },
        "content": { PROBLEM: { "schema": reference("Problem"), "example": example } },
    })
}

/// The answer where the admin API is not admitted to, or the request is refused as HTTP.
fn any_problem() -> Value {
    json!({
        "description": "The admin token is missing or wrong (401), the request comes from a page of another origin, by a name \
                        that is not loopback's, or through a proxy without the token (403), there is no admin API on this \
                        address (404), or the request is not acceptable HTTP.",
        "headers": { "X-Request-Id": contract::request_id_header() },
        "content": { PROBLEM: { "schema": reference("Problem") }, JSON: { "schema": reference("BaseResponse") } },
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// Has the examples name what this server has: its first project, with that one's first user and an account.
fn show_own(document: &mut Value, setup: &Setup) {
    let project = example_project(setup).map(Project::id);
    let user = example_user(setup);
    for (example, own) in [(examples::PROJECT, project), (examples::USER, user.as_deref())] {
        if let Some(own) = own.filter(|own| *own != example) {
            replace(document, example, own);
        }
    }
    for operation in Operation::all() {
        let pointer = "/requestBody/content/application~1json/example";
        let example = documented(document, operation).and_then(|object| object.pointer_mut(pointer));
        if let (Some(example), Some(own)) = (example, example_body(setup, operation)) {
            *example = own;
        }
    }
}

/// Adds a program in each language to each operation.
fn add_samples(document: &mut Value, setup: &Setup, url: &str) {
    for operation in Operation::all() {
        let asked = SampleQuery { operation, url, project: None, user: None, parameters: Vec::new(), body: None };
        let made = samples(setup, asked, &Language::ALL).ok();
        let made = invariant!(made, Vec::new(), "every SDK can send the example of every operation");
        let shown = |sample: Sample| {
            let language = sample.language;
            json!({ "lang": language.highlighted_as(), "label": language.title(), "source": sample.code })
        };
        let made: Vec<_> = made.into_iter().map(shown).collect();
        if let Some(Value::Object(object)) = documented(document, operation) {
            object.insert("x-codeSamples".to_owned(), json!(made));
        }
    }
}

/// An operation's object in the document.
fn documented(document: &mut Value, operation: Operation) -> Option<&mut Value> {
    document.get_mut("paths")?.get_mut(operation.template())?.get_mut(operation.method.to_lowercase())
}

/// Puts one text in the place of another, wherever it stands.
fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace(element, from, to)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, from, to)),
        _ => {}
    }
}
