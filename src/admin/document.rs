//! `openapi.json`: the contract as a document that names this server.

use super::access::ROOT;
use super::address::{api_url, callable, host};
use super::openapi;
use super::reply::AdminReply;
use super::route::Route;
use crate::state::State;
use hyper::http::request::Parts;
use serde_json::{Value, json};

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
