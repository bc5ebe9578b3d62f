//! `reset`: back to the start, of one project or of all.

use super::{Problem, query, reply::Reply};
use crate::diagnostics::{Fields, Problems, Source, Vocabulary, body_text, parse};
use crate::state::State;
use bytes::Bytes;
use hyper::http::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use serde_json::json;
use std::sync::Arc;

const RESET: Vocabulary =
    Vocabulary { what: "a reset request", known: &["project"], examples: &[("", r#"{ "project": "p1" }"#)] };

pub(super) fn reset(state: &State, request: &Parts, body: &Bytes) -> Result<Reply, Problem> {
    query::none(request.uri.query().unwrap_or(""))?;
    let project = match json_body(request, body)? {
        None => None,
        Some(text) => project_of(state, text)?,
    };
    let epoch = state.reset(project.as_deref());
    let epoch = epoch.ok_or_else(|| {
        Problem::new(
            404,
            format!("Unknown project {:?}. GET /__admin/projects lists all.", project.unwrap_or_default()),
        )
    })?;
    Ok(Reply::json(200, &json!({ "epoch": epoch })))
}

fn project_of(state: &State, text: &str) -> Result<Option<String>, Problem> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(state.limits.errors_shown_max);
    let document = problems.keep(parse(&source, &state.limits));
    let read = document.as_ref().and_then(|document| {
        let fields = Fields::of(document.source, &document.root, &RESET);
        problems.keep(fields.and_then(|fields| fields.text("project")))
    });
    match read {
        Some(project) => Ok(project.map(|project| project.value.to_owned())),
        None => Err(Problem::of_document(&problems)),
    }
}

/// The text of a JSON body; `None` if there is no body. A body that does not call itself JSON may be a form
/// that a web page sent, and is refused.
pub(super) fn json_body<'b>(request: &Parts, body: &'b Bytes) -> Result<Option<&'b str>, Problem> {
    if body.is_empty() {
        return Ok(None);
    }
    let media_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Problem::new(415, "Send the body with Content-Type: application/json."));
    }
    body_text(body).map(Some).map_err(|wrong| Problem::new(400, wrong))
}
