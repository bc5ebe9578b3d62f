//! `openapi.json`: the contract as a document that names this server.

use super::access::ROOT;
use super::openapi;
use super::reply::AdminReply;
use super::route::Route;
use crate::state::State;
use hyper::http::HeaderMap;
use hyper::http::header::HOST;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(super) fn show(state: &State, request: &Parts, routes: &[Route]) -> AdminReply {
    let url = api_url(state, request);
    let mut document = openapi::document(state, &url, routes);
    if let Value::Object(document) = &mut document {
        let servers = json!([{ "url": url, "description": "This server" }]);
        document.insert("servers".to_owned(), servers);
    }
    if let (Some(url), Some(Value::Object(paths))) = (state.admin_url.get(), document.get_mut("paths")) {
        let servers =
            json!([{ "url": callable(url, host(&request.headers)), "description": "The admin API of this server" }]);
        let of_admin = paths.iter_mut().filter(|(path, _)| path.starts_with(ROOT));
        for path in of_admin.filter_map(|(_, path)| path.as_object_mut()) {
            path.insert("servers".to_owned(), servers.clone());
        }
    }
    AdminReply::json(200, &document)
}

/// Where the client that asks finds the emulated API.
pub(super) fn api_url(state: &State, request: &Parts) -> String {
    if state.admin_url.get().is_none() {
        return state.named_url(request);
    }
    // The admin API has another port than the emulated one, and perhaps another address.
    callable(state.own_url(), host(&request.headers))
}

pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST).and_then(|host| host.to_str().ok())
}

/// Replaces the host of an address by the host that the client used.
pub(super) fn callable(url: &str, host: Option<&str>) -> String {
    let address = url.strip_prefix("http://").and_then(|address| address.parse::<SocketAddr>().ok());
    let name = host.and_then(|host| host.parse::<Authority>().ok());
    match (address, name) {
        // Every address of this machine is not one that can be called; the one that was asked is.
        (Some(address), Some(name)) if address.ip().is_unspecified() => {
            format!("http://{}:{}", name.host(), address.port())
        }
        _ => url.to_owned(),
    }
}
