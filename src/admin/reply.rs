//! Answers of the admin API.

use crate::draw::RequestId;
use bytes::Bytes;
use hyper::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use serde::Serialize;
use std::borrow::Cow;

/// An answer of the admin API.
#[derive(Debug)]
pub(crate) struct AdminReply {
    status: u16,
    media_type: &'static str,
    body: Vec<u8>,
    headers: Vec<(&'static str, Cow<'static, str>)>,
}

impl AdminReply {
    pub(super) fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> Self {
        let body = serde_json::to_vec_pretty(value).ok();
        let mut body = invariant!(body, Vec::new(), "the shapes of the admin API are written to memory");
        body.push(b'\n');
        Self { status, media_type: "application/json", body, headers: Vec::new() }
    }

    pub(super) fn text(status: u16, media_type: &'static str, body: String) -> Self {
        Self { status, media_type, body: body.into_bytes(), headers: Vec::new() }
    }

    pub(super) fn bytes(media_type: &'static str, body: Vec<u8>) -> Self {
        Self { status: 200, media_type, body, headers: Vec::new() }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, media_type: "", body: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = media_type;
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self, id: RequestId) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        let status = StatusCode::from_u16(self.status).ok();
        *response.status_mut() = invariant!(status, StatusCode::INTERNAL_SERVER_ERROR, "replies have statuses of HTTP");
        let headers = response.headers_mut();
        if !self.media_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(id) = HeaderValue::from_bytes(&id.hex()) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
