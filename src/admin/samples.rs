//! `samples`: programs for a request, in each of the vendor's languages.

use super::address::api_url;
use super::query::Query;
use super::route::{QueryParameter, ValueForm, parameter};
use super::{AdminProblem, meant, reply::AdminReply, request::AdminRequest};
use crate::contract::NOTIFICATION_TYPE;
use crate::diagnostics::{Source, Value as JsonValue, parse};
use crate::engine::{self, SampleQuery};
use crate::ids::UserIndex;
use crate::limits::Limits;
use crate::samples::{Language, Sample};
use crate::state::State;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;

const LANGUAGES: &[&str] = &Language::NAMES;
pub(super) const PARAMETERS: &[QueryParameter] = &[
    parameter("operation", ValueForm::Operation, "The operation. Default: ResetRandomPassword."),
    parameter("language", ValueForm::OneOf(LANGUAGES), "The language. Default: all."),
    parameter("project", ValueForm::Text, "The project. Default: the first one with users."),
    parameter(
        "user",
        ValueForm::Text,
        "The user: id, `user_name`, or the end of the id. Default: the first one of the project.",
    ),
    parameter(
        NOTIFICATION_TYPE,
        ValueForm::Text,
        "The notification types that the request asks for: email, phone, or email,phone. Default: none.",
    ),
    parameter(
        "parameters",
        ValueForm::Object,
        "Query parameters of the request, by name, as in `{\"limit\": \"10\"}`.",
    ),
    parameter("body", ValueForm::Object, "The body of the request. Default: an example."),
];

/// Programs for one request.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SampleList {
    /// One for each language.
    samples: Vec<ShownSample>,
}

/// A program.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Sample"))]
struct ShownSample {
    /// The name to ask for.
    #[cfg_attr(test, schemars(extend("enum" = LANGUAGES)))]
    language: &'static str,
    /// The name to show.
    title: &'static str,
    /// The whole program.
    code: String,
    /// Its dependencies.
    note: String,
}

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    let languages = match query.text("language") {
        None => Language::ALL.to_vec(),
        Some(name) => vec![Language::named(name).ok_or_else(|| {
            AdminProblem::new(400, format!("Unknown language {name:?}; expected one of {}.", LANGUAGES.join(", ")))
        })?],
    };
    let mut parameters: Vec<_> = query
        .text(NOTIFICATION_TYPE)
        .map(|types| (NOTIFICATION_TYPE.to_owned(), types.to_owned()))
        .into_iter()
        .collect();
    if let Some(more) = object(query, "parameters", &state.limits)? {
        for (name, value) in more {
            parameters.push((name, text_of(value)?));
        }
    }
    let running = state.running();
    let project = query.text("project");
    // A clone has the users of its template.
    let place = project.and_then(|project| running.project_at(project));
    let first_user = place.and_then(|place| Some(place.project.user_at(UserIndex::new(0))?.id().into_owned()));
    // The user of a sample need not be there.
    let user = meant::id_or_text(&running, project, query.text("user"))?;
    let asked = SampleQuery {
        operation: query.operation()?,
        url: &api_url(state, &request.head),
        project,
        user: user.as_deref().or(first_user.as_deref()),
        parameters,
        body: object(query, "body", &state.limits)?.map(Value::Object),
    };
    let made = engine::samples(&running.setup, asked, &languages);
    let made = made.map_err(|wrong| AdminProblem::new(400, format!("No SDK can send this request: {wrong}.")))?;
    Ok(AdminReply::json(200, &SampleList { samples: made.into_iter().map(shown).collect() }))
}

fn shown(Sample { language, code, note, .. }: Sample) -> ShownSample {
    ShownSample { language: language.name(), title: language.title(), code, note }
}

/// Parses a query parameter that is a JSON object without duplicate names.
fn object(query: &Query, name: &str, limits: &Limits) -> Result<Option<Map<String, Value>>, AdminProblem> {
    let Some(text) = query.text(name) else { return Ok(None) };
    let wrong = |what: &str| AdminProblem::new(400, format!("The query parameter {name} {what}."));
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(wrong("must be a JSON object")),
        Err(error) => return Err(wrong(&format!("is invalid JSON: {error}"))),
    };
    let source = Arc::new(Source::new(name, text));
    let document = parse(&source, limits).map_err(|error| wrong(&format!("is invalid JSON: {}", error.expected)))?;
    match repeated(&document.root) {
        Some(twice) => Err(wrong(&format!("is invalid JSON: {twice:?} is given twice"))),
        None => Ok(Some(object)),
    }
}

/// A name that an object has twice: only one of its values would be shown.
fn repeated<'v>(value: &'v JsonValue<'_>) -> Option<&'v str> {
    match value {
        JsonValue::Object(object) => {
            let mut names = HashSet::new();
            let mut properties = object.properties.iter();
            properties.find_map(|property| {
                let name = property.name.as_str();
                if names.insert(name) { repeated(&property.value) } else { Some(name) }
            })
        }
        JsonValue::Array(array) => array.elements.iter().find_map(repeated),
        _ => None,
    }
}

/// A value of a parameter, as it stands in a query.
fn text_of(value: Value) -> Result<String, AdminProblem> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(items) => Ok(items.into_iter().map(text_of).collect::<Result<Vec<_>, _>>()?.join(",")),
        Value::Null | Value::Object(_) => Err(AdminProblem::new(
            400,
            "The values in parameters must be strings, numbers, booleans, or lists of these.",
        )),
    }
}
