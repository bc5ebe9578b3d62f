//! The place of the console's assets in a build without the feature `console`.

use super::AdminProblem;
use super::access::{Access, Admission};
use super::reply::AdminReply;
use crate::state::State;
use bytes::Bytes;
use hyper::http::HeaderMap;
use hyper::http::request::Parts;
use hyper::{Method, Response};

pub(super) fn is_asset(_: &str) -> bool {
    false
}

pub(super) fn is_visit(_: &HeaderMap) -> bool {
    false
}

pub(super) fn show(_: Admission, _: &Parts) -> Option<Result<AdminReply, AdminProblem>> {
    None
}

pub(crate) fn leads_to_page(_: &State, _: &Access, _: &Method, _: &HeaderMap) -> bool {
    false
}

pub(crate) fn lead(_: &State, _: &Access, _: &Parts) -> Option<Response<Bytes>> {
    None
}
