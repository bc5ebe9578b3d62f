//! The addresses by which a client reaches the server.

use crate::state::State;
use hyper::http::HeaderMap;
use hyper::http::header::HOST;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use std::net::SocketAddr;

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
