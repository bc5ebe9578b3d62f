//! A request of HTTP/2 in the form that it has in HTTP/1, so that everything behind sees one protocol.

use super::shared_values::SharedValues;
use crate::server::request_body::{RequestBody, StreamBody};
use h2::RecvStream;
use hyper::http::header::{CONTENT_LENGTH, COOKIE, HOST, HeaderValue};
use hyper::http::uri::{PathAndQuery, Uri};
use hyper::{HeaderMap, Method, Request};
use std::mem;
use tokio::sync::oneshot;

/// The listeners that the body of a request has.
pub(super) struct BodyListeners {
    /// Takes a body that is not read to its end.
    pub(super) unread: oneshot::Sender<RecvStream>,
    /// Hears of the first read.
    pub(super) ask: Option<oneshot::Sender<()>>,
}

/// Gives a request its target and header fields as HTTP/1 has them. It has a body if there are listeners.
pub(super) fn in_one_form(
    request: Request<RecvStream>,
    values: &SharedValues,
    listeners: Option<BodyListeners>,
) -> Request<RequestBody> {
    let (mut head, body) = request.into_parts();
    // A tunnel has no path, and is refused.
    if head.method != Method::CONNECT {
        let uri = mem::take(&mut head.uri).into_parts();
        if let Some(host) = uri.authority.and_then(|authority| values.host(&authority)) {
            name_host(&mut head.headers, host);
        }
        head.uri = Uri::from(uri.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/")));
    }
    join_cookies(&mut head.headers);
    let body = listeners.map(|BodyListeners { unread, ask }| {
        let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        StreamBody::new(body, length, unread, ask)
    });
    Request::from_parts(head, body.map_or(RequestBody::Empty, RequestBody::Http2))
}

/// Puts the host beside another only if they differ, which is refused.
fn name_host(headers: &mut HeaderMap, host: HeaderValue) {
    let is_named = headers.get_all(HOST).iter().any(|named| *named == host);
    if !is_named {
        let _ = headers.try_append(HOST, host);
    }
}

/// Joins cookies, which clients may send in several fields.
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let cookies: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_the_target_stands_once() {
        for (named, expected) in [(&[][..], &["a:1"][..]), (&["a:1"], &["a:1"]), (&["b"], &["b", "a:1"])] {
            let mut headers = HeaderMap::new();
            for name in named {
                headers.append(HOST, HeaderValue::from_static(name));
            }
            name_host(&mut headers, HeaderValue::from_static("a:1"));
            let found: Vec<_> = headers.get_all(HOST).iter().collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn cookies_are_joined() {
        let mut headers = HeaderMap::new();
        join_cookies(&mut headers);
        assert!(headers.is_empty());
        for cookie in ["a=1", "b=2", "c=3"] {
            headers.append(COOKIE, HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        assert_eq!(headers.get_all(COOKIE).iter().collect::<Vec<_>>(), ["a=1; b=2; c=3"]);
    }
}
