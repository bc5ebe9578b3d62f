//! A request to the admin API, parsed once: its route, the pieces of its path, its query and its body.

use super::query::Query;
use super::route::Route;
use super::routes::ROUTES;
use super::{Admission, Problem, ROOT};
use crate::diagnostics::{Document, Fields, Problems, Source, Vocabulary, body_text, parse};
use crate::limits::Limits;
use bytes::Bytes;
use hyper::Method;
use hyper::http::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

/// A request that was admitted, and whose body has arrived.
pub(super) struct AdminRequest {
    pub(super) admission: Admission,
    pub(super) head: Parts,
    pub(super) body: Bytes,
    /// Has the parameters of the route alone.
    pub(super) query: Query,
    /// The pieces of the path, decoded.
    pieces: Vec<String>,
}

impl AdminRequest {
    /// Finds the route, and reads the query by its parameters.
    pub(super) fn routed(admission: Admission, head: Parts, body: Bytes) -> Result<(&'static Route, Self), Problem> {
        let pieces = pieces(head.uri.path())?;
        let route = find(&head.method, &pieces)?;
        let known: Vec<_> = route.parameters.iter().map(|parameter| parameter.name).collect();
        let query = Query::of(head.uri.query().unwrap_or(""), &known)?;
        Ok((route, Self { admission, head, body, query, pieces }))
    }

    /// A piece of the path, counted from the resource on.
    pub(super) fn piece(&self, at: usize) -> &str {
        self.pieces.get(at).map_or("", String::as_str)
    }

    /// The query as it was sent.
    pub(super) fn query_text(&self) -> &str {
        self.head.uri.query().unwrap_or("")
    }

    /// The text of the JSON body; `None` without a body. A body of another media type may be a form that a web page sent,
    /// and is refused.
    pub(super) fn json(&self) -> Result<Option<&str>, Problem> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let media_type = self.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|media_type| media_type.split(';').next());
        if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new(415, "Send the body with Content-Type: application/json."));
        }
        body_text(&self.body).map(Some).map_err(|wrong| Problem::new(400, wrong))
    }

    /// The text of the JSON body, where one is required.
    pub(super) fn required_json(&self, expected: &str) -> Result<&str, Problem> {
        self.json()?.ok_or_else(|| Problem::new(400, format!("The body is empty; expected {expected}.")))
    }
}

/// Reads a JSON object with the fields of a vocabulary. `read` gives nothing where it has found a problem.
pub(super) fn read_fields<T>(
    text: &str,
    vocabulary: &'static Vocabulary,
    limits: &Limits,
    read: impl FnOnce(&Document<'_>, &Fields<'_>, &mut Problems) -> Option<T>,
) -> Result<T, Problem> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let document = problems.keep(parse(&source, limits));
    let read = document.as_ref().and_then(|document| {
        let fields = problems.keep(Fields::of(document.source, &document.root, vocabulary))?;
        read(document, &fields, &mut problems)
    });
    read.filter(|_| problems.is_empty()).ok_or_else(|| Problem::of_document(&problems))
}

/// The pieces of a path below the root, decoded.
fn pieces(path: &str) -> Result<Vec<String>, Problem> {
    let Some(path) = path.strip_prefix(ROOT) else {
        return Err(Problem::new(404, format!("This address serves only the admin API, under {ROOT}.")));
    };
    let decoded = |piece: &str| {
        let text = percent_decode_str(piece).decode_utf8();
        text.map(Into::into).map_err(|_| Problem::new(400, format!("{piece:?} is not valid percent-encoded UTF-8.")))
    };
    path.split('/').skip(1).map(decoded).collect()
}

fn find(method: &Method, pieces: &[String]) -> Result<&'static Route, Problem> {
    // The server leaves the body of an answer to HEAD away.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let known: Vec<_> = ROUTES.iter().filter(|route| route.has_path(pieces)).collect();
    if let Some(route) = known.iter().find(|route| route.method == method) {
        return Ok(route);
    }
    if known.is_empty() {
        return Err(unknown(pieces));
    }
    let allowed: Vec<_> = known.iter().map(|route| route.method).collect();
    let allowed = allowed.join(", ");
    Err(Problem::new(405, format!("This resource takes {allowed}.")).allow(allowed))
}

/// The problem of a path that no route has.
fn unknown(pieces: &[String]) -> Problem {
    match pieces.first().map_or("", String::as_str) {
        "" if pieces.len() < 2 => {
            Problem::new(404, "The console is not here: the server was started with --no-console.")
        }
        "passwords" => Problem::new(404, format!("Ask for {ROOT}/passwords/{{project}}/{{user}}.")),
        #[cfg(not(feature = "metrics"))]
        "metrics" if pieces.len() == 1 => {
            Problem::new(404, "This wksmock has no metrics: it was built without its feature `metrics`.")
        }
        "mappings" => Problem::new(
            404,
            "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
             PUT all to /__admin/scenario, or start with --scenario FILE.",
        ),
        _ => {
            let mut resources: Vec<_> = ROUTES.iter().map(Route::resource).collect();
            resources.dedup();
            let resources = resources.join(", ");
            Problem::new(404, format!("No such resource. There are, under {ROOT}/: {resources}."))
        }
    }
}
