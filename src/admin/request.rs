//! A request to the admin API, parsed once: the pieces of its path, its query and its body.

use super::query::Query;
use super::{AdminProblem, Admission};
use crate::diagnostics::{Document, Fields, Problems, Source, Vocabulary, body_text, parse};
use crate::limits::Limits;
use bytes::Bytes;
use hyper::http::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use std::sync::Arc;

/// Bytes of a body up to which a request can be brief.
pub(super) const SHORT_BODY: usize = 4 << 10;

/// A request that was admitted, and whose body has arrived.
pub(super) struct AdminRequest {
    pub(super) admission: Admission,
    pub(super) head: Parts,
    pub(super) body: Bytes,
    /// Has the parameters of the route alone.
    pub(super) query: Query,
    /// The pieces of the path below the root, decoded.
    pub(super) pieces: Vec<String>,
}

impl AdminRequest {
    /// A piece of the path, counted from the resource on.
    pub(super) fn piece(&self, at: usize) -> &str {
        invariant!(self.pieces.get(at).map(String::as_str), "", "a route has a path of so many pieces")
    }

    /// The query as it was sent.
    pub(super) fn query_text(&self) -> &str {
        self.head.uri.query().unwrap_or("")
    }

    /// The text of the JSON body; `None` without a body. A body of another media type may be a form that a web page sent,
    /// and is refused.
    pub(super) fn json(&self) -> Result<Option<&str>, AdminProblem> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let media_type = self.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|media_type| media_type.split(';').next());
        if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
            return Err(AdminProblem::new(415, "Send the body with Content-Type: application/json."));
        }
        body_text(&self.body).map(Some).map_err(|wrong| AdminProblem::new(400, wrong))
    }

    /// The text of the JSON body, where one is required.
    pub(super) fn required_json(&self, expected: &str) -> Result<&str, AdminProblem> {
        self.json()?.ok_or_else(|| AdminProblem::new(400, format!("The body is empty; expected {expected}.")))
    }
}

/// Reads a JSON object with the fields of a vocabulary. `read` gives nothing where it has found a problem.
pub(super) fn read_fields<T>(
    text: &str,
    vocabulary: &'static Vocabulary,
    limits: &Limits,
    read: impl FnOnce(&Document<'_>, &Fields<'_>, &mut Problems) -> Option<T>,
) -> Result<T, AdminProblem> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let document = problems.keep(parse(&source, limits));
    let read = document.as_ref().and_then(|document| {
        let fields = problems.keep(Fields::of(document.source, &document.root, vocabulary))?;
        read(document, &fields, &mut problems)
    });
    read.filter(|_| problems.is_empty()).ok_or_else(|| AdminProblem::of_document(&problems))
}
