//! An answer of the API, until it becomes HTTP.

use super::content::Content;
use crate::draw::RequestId;
use bytes::{Buf as _, Bytes};
use hyper::http::HeaderMap;
use hyper::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is answered.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    content: Content,
    request_id: RequestId,
    /// Those that not every answer has.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    pub(super) fn new(status: u16, content: Content, request_id: RequestId) -> Self {
        Self { status, content, request_id, headers: Vec::new() }
    }

    /// Sets a header, whose name and value were checked where they came from.
    pub(super) fn set_header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            self.headers.push((name, value));
        }
    }

    /// Identifies the answer as IAM does, unless a rule has set that field.
    pub(super) fn trace(&mut self) {
        let name = HeaderName::from_static("x-iam-trace-id");
        if let Ok(id) = HeaderValue::from_bytes(&self.request_id.hex()) {
            self.headers.insert(0, (name, id));
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// Bytes of the body.
    pub(crate) fn content_length(&self) -> u64 {
        self.content.remaining() as u64
    }

    /// Makes the body no JSON, whatever it was: a backslash ends none. Its length stays.
    pub(crate) fn spoil(&mut self) {
        let mut body = self.content.chunk().to_vec();
        if let Some(last) = body.last_mut() {
            *last = b'\\';
        }
        self.content = Bytes::from(body).into();
    }

    /// As HTTP, with a body made of the content. `spare` is emptied and used again: the request's headers make room for
    /// the answer's.
    pub(crate) fn into_response<B>(self, spare: HeaderMap, body: impl FnOnce(Content) -> B) -> Response<B> {
        let mut response = Response::new(body(self.content));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = spare;
        headers.clear();
        headers.insert(CONTENT_TYPE, JSON);
        if let Ok(id) = HeaderValue::from_bytes(&self.request_id.hex()) {
            headers.insert(X_REQUEST_ID, id);
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        *response.headers_mut() = headers;
        response
    }
}
