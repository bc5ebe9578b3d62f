//! The console's assets, and the way to them.

use super::AdminProblem;
use super::access::{Access, Admission, ROOT};
use super::address::{callable, host};
use super::reply::AdminReply;
use crate::console::{self, Asset};
use crate::state::{State, is_loopback_name};
use bytes::Bytes;
use hyper::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use hyper::http::request::Parts;
use hyper::http::{HeaderMap, HeaderName};
use hyper::{Method, Response};

/// The content policy of the page: it loads its own files and the admin API alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The path below the root, if an asset of the page or the way to it is there.
fn asset_path(path: &str) -> Option<&str> {
    let below = path.strip_prefix(ROOT)?;
    match below.strip_prefix('/') {
        Some(asset) => console::asset(asset).map(|_| asset),
        None => below.is_empty().then_some(""),
    }
}

/// Whether an asset of the page is at a path.
pub(super) fn is_asset(path: &str) -> bool {
    asset_path(path).is_some()
}

/// Whether a browser follows a link or a typed address. Any page may link to the console: it has no secrets, does nothing on
/// its own, and refuses to be framed.
pub(super) fn is_visit(headers: &HeaderMap) -> bool {
    let says = |name: &str, wanted: &str| headers.get(name).is_some_and(|value| value.as_bytes() == wanted.as_bytes());
    says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
}

/// Answers with an asset, if the request is admitted to assets.
pub(super) fn show(admission: Admission, request: &Parts) -> Option<Result<AdminReply, AdminProblem>> {
    if admission != Admission::Assets {
        return None;
    }
    let path = request.uri.path();
    let (asset, tag) = console::asset(asset_path(path)?)?;
    if request.method != Method::GET && request.method != Method::HEAD {
        return Some(Err(AdminProblem::new(405, "The console supports only GET.").allow("GET".to_owned())));
    }
    if path == ROOT {
        return Some(Ok(AdminReply::empty(302).header("location", format!("{ROOT}/"))));
    }
    let content = Content::of(asset, tag, &request.headers);
    let reply = if is_fresh(&request.headers, &content.tag) {
        AdminReply::empty(304)
    } else {
        match content.bytes() {
            Ok(reply) => reply,
            Err(problem) => return Some(Err(problem)),
        }
    };
    Some(Ok(reply
        .header("etag", content.tag)
        .header("vary", "Accept-Encoding")
        .header("cache-control", "no-cache")
        .header("content-security-policy", POLICY)
        .header("referrer-policy", "no-referrer")))
}

/// An asset as a client reads it.
struct Content {
    asset: &'static Asset,
    tag: String,
    is_packed: bool,
}

impl Content {
    fn of(asset: &'static Asset, tag: &str, headers: &HeaderMap) -> Self {
        let is_packed = accepts(headers, &ACCEPT_ENCODING, "gzip");
        let tag = if is_packed { tag.to_owned() } else { format!("{}-plain\"", tag.trim_end_matches('"')) };
        Self { asset, tag, is_packed }
    }

    fn bytes(&self) -> Result<AdminReply, AdminProblem> {
        let media_type = self.asset.media_type;
        if self.is_packed {
            return Ok(AdminReply::bytes(media_type, self.asset.packed.0.to_vec()).header("content-encoding", "gzip"));
        }
        let bytes = self.asset.packed.bytes();
        bytes
            .map(|bytes| AdminReply::bytes(media_type, bytes))
            .map_err(|error| AdminProblem::new(500, error.to_string()))
    }
}

/// Whether the client has the content with this tag.
fn is_fresh(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|tags| tags.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// Whether the path `/` leads a client to the page: a browser, where there is a page that it can reach.
pub(crate) fn leads_to_page(state: &State, access: &Access, method: &Method, headers: &HeaderMap) -> bool {
    way_to_page(state, access, method, headers).is_some()
}

/// Leads a browser from the path `/` to the page.
pub(crate) fn lead(state: &State, access: &Access, request: &Parts) -> Option<Response<Bytes>> {
    let way = Some(request).filter(|request| request.uri.path() == "/");
    let way = way.and_then(|request| way_to_page(state, access, &request.method, &request.headers))?;
    let reply = AdminReply::empty(302).header("location", way).header("vary", "Accept");
    Some(reply.into_response(state.uncounted_id()))
}

/// Where the page is for a browser that asks for `/`.
#[cold]
fn way_to_page(state: &State, access: &Access, method: &Method, headers: &HeaderMap) -> Option<String> {
    let is_asked = method == Method::GET && accepts(headers, &ACCEPT, "text/html");
    if !is_asked || !access.console {
        return None;
    }
    if access.enabled {
        return Some(format!("{ROOT}/"));
    }
    let host = host(headers);
    let url = callable(state.admin_url.get()?, host);
    let is_loopback = |url: &str| is_loopback_name(url.strip_prefix("http://").unwrap_or(url), &[]);
    // Loopback is another machine for a browser that did not come by it.
    let is_reached = !is_loopback(&url) || host.is_some_and(is_loopback);
    is_reached.then(|| format!("{url}{ROOT}/"))
}

/// Whether an `Accept` list names a value, and does not rule it out.
fn accepts(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    let accepted = headers.get_all(name).iter().filter_map(|accepted| accepted.to_str().ok());
    accepted.flat_map(|accepted| accepted.split(',')).any(|range| {
        let mut pieces = range.split(';').map(str::trim);
        let is_meant = pieces.next().is_some_and(|range| range.eq_ignore_ascii_case(value));
        is_meant && !pieces.any(|piece| matches!(piece, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}
