//! An answer of the API, until it becomes HTTP.

use super::content::{Content, spoil};
use super::listing::Listing;
use crate::draw::RequestId;
use bytes::{Buf as _, Bytes};
use hyper::http::HeaderMap;
use hyper::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use std::mem;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An answer that is not sent yet.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    content: Content,
    request_id: RequestId,
    besides: Option<Box<Besides>>,
}

/// Parts that most answers do without.
#[derive(Debug, Default)]
struct Besides {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// A list in place of the content, until it is taken.
    list: Option<Box<Listing>>,
    /// The bytes of that list.
    listed: usize,
    /// The start of the list, for the journal.
    beginning: Box<[u8]>,
}

impl Reply {
    pub(crate) fn new(status: u16, content: Content, request_id: RequestId) -> Self {
        Self { status, content, request_id, besides: None }
    }

    /// Sets a header, whose name and value were checked where they came from.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            self.besides.get_or_insert_default().headers.push((name, value));
        }
    }

    /// Identifies the answer as IAM does, unless a rule has set that field.
    pub(crate) fn trace(&mut self) {
        let name = HeaderName::from_static("x-iam-trace-id");
        if let Ok(id) = HeaderValue::from_bytes(&self.request_id.hex()) {
            self.besides.get_or_insert_default().headers.insert(0, (name, id));
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// Whether the body is that of a password.
    pub(crate) fn has_password(&self) -> bool {
        matches!(self.content, Content::Short { .. })
    }

    /// Bytes of the body.
    pub(crate) fn content_length(&self) -> u64 {
        let listed = self.besides.as_deref().map_or(0, |besides| besides.listed);
        (self.content.remaining() + listed) as u64
    }

    /// Bytes of memory that it takes until it is sent.
    pub(crate) fn held(&self) -> usize {
        let list = self.besides.as_deref().and_then(|besides| besides.list.as_deref());
        self.content.remaining() + list.map_or(0, Listing::held)
    }

    /// Has a list in place of the content, which begins so.
    pub(crate) fn say_list(&mut self, list: Box<Listing>, beginning: Box<[u8]>) {
        let besides = self.besides.get_or_insert_default();
        besides.listed = list.left();
        besides.list = Some(list);
        besides.beginning = beginning;
    }

    /// The beginning of the body, or all of it.
    pub(crate) fn beginning(&self) -> &[u8] {
        match self.besides.as_deref() {
            Some(besides) if besides.listed > 0 => &besides.beginning,
            _ => self.content.chunk(),
        }
    }

    /// Gives the list that is in place of the content. The length stays.
    pub(crate) fn take_list(&mut self) -> Option<Box<Listing>> {
        self.besides.as_deref_mut().and_then(|besides| besides.list.take())
    }

    /// Has a text as content that was a list.
    pub(crate) fn say(&mut self, text: Bytes) {
        if let Some(besides) = self.besides.as_deref_mut() {
            (besides.list, besides.listed) = (None, 0);
        }
        self.content = text.into();
    }

    /// Makes the body no JSON. Its length stays.
    pub(crate) fn spoil(&mut self) {
        if let Some(list) = self.besides.as_deref_mut().and_then(|besides| besides.list.as_deref_mut()) {
            list.spoil();
            return;
        }
        let mut content = self.content.chunk().to_vec();
        spoil(&mut content);
        self.content = Bytes::from(content).into();
    }

    /// Converts to HTTP with the content as body. A list that was not taken becomes text.
    pub(crate) fn into_response(self) -> Response<Content> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, JSON);
        if let Ok(id) = HeaderValue::from_bytes(&self.request_id.hex()) {
            headers.insert(X_REQUEST_ID, id);
        }
        self.with_headers(&mut headers, |content| content)
    }

    /// Converts to HTTP with another body. Media type and id are missing, for a writer that adds them to the head. `spare` is
    /// cleared and reused for the headers.
    #[inline]
    pub(crate) fn into_unstamped<B>(self, spare: &mut HeaderMap, body: impl FnOnce(Content) -> B) -> Response<B> {
        spare.clear();
        self.with_headers(spare, body)
    }

    /// Converts to HTTP with these headers. The reply's own take precedence.
    #[inline]
    fn with_headers<B>(mut self, headers: &mut HeaderMap, body: impl FnOnce(Content) -> B) -> Response<B> {
        if let Some(list) = self.take_list() {
            self.say(list.whole());
        }
        if let Some(besides) = self.besides {
            for (name, value) in besides.headers {
                headers.insert(name, value);
            }
        }
        let mut response = Response::new(body(self.content));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        mem::swap(response.headers_mut(), headers);
        response
    }
}
