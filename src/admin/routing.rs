//! Finds the route of a request.

use super::access::ROOT;
use super::query::Query;
use super::request::AdminRequest;
use super::route::Route;
use super::routes::ROUTES;
use super::{AdminProblem, Admission};
use bytes::Bytes;
use hyper::Method;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;

/// The route of a request, whose query is read by the parameters of the route.
pub(super) fn route(
    admission: Admission,
    head: Parts,
    body: Bytes,
) -> Result<(&'static Route, AdminRequest), AdminProblem> {
    let pieces = pieces(head.uri.path())?;
    let route = find(&head.method, &pieces)?;
    let known: Vec<_> = route.parameters.iter().map(|parameter| parameter.name).collect();
    let query = Query::of(head.uri.query().unwrap_or(""), &known)?;
    Ok((route, AdminRequest { admission, head, body, query, pieces }))
}

/// The pieces of a path below the root, decoded.
fn pieces(path: &str) -> Result<Vec<String>, AdminProblem> {
    let Some(path) = path.strip_prefix(ROOT) else {
        return Err(AdminProblem::new(404, format!("This address serves only the admin API, under {ROOT}.")));
    };
    let decoded = |piece: &str| {
        let text = percent_decode_str(piece).decode_utf8();
        text.map(Into::into)
            .map_err(|_| AdminProblem::new(400, format!("{piece:?} is not valid percent-encoded UTF-8.")))
    };
    path.split('/').skip(1).map(decoded).collect()
}

fn find(method: &Method, pieces: &[String]) -> Result<&'static Route, AdminProblem> {
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
    Err(AdminProblem::new(405, format!("This resource takes {allowed}.")).allow(allowed))
}

/// The problem of a path that no route has.
fn unknown(pieces: &[String]) -> AdminProblem {
    let resource = pieces.first().map_or("", String::as_str);
    if let Some(feature) = absent_feature(resource).filter(|_| pieces.len() < 2) {
        let what = if resource.is_empty() { "The console" } else { resource };
        return AdminProblem::new(
            404,
            format!("{what} is left out: wksmock was built without its feature `{feature}`."),
        );
    }
    match resource {
        "" if pieces.len() < 2 => {
            AdminProblem::new(404, "The console is not here: the server was started with --no-console.")
        }
        "passwords" => AdminProblem::new(404, format!("Ask for {ROOT}/passwords/{{project}}/{{user}}.")),
        "mappings" => AdminProblem::new(
            404,
            "There are no mappings here: wksmock has rules. POST one to /__admin/overrides, \
             PUT all to /__admin/scenario, or start with --scenario FILE.",
        ),
        _ => {
            let mut resources: Vec<_> = ROUTES.iter().map(Route::resource).collect();
            resources.dedup();
            let resources = resources.join(", ");
            AdminProblem::new(404, format!("No such resource. There are, under {ROOT}/: {resources}."))
        }
    }
}

/// The feature that a resource needs, if it was built without.
fn absent_feature(resource: &str) -> Option<&'static str> {
    match resource {
        "metrics" if cfg!(not(feature = "metrics")) => Some("metrics"),
        "" | "openapi.json" | "samples" | "try" if cfg!(not(feature = "console")) => Some("console"),
        _ => None,
    }
}
