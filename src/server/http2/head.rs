//! The head of an answer: the fields of HTTP/1 in the same order, without those of its connections.

use crate::server::titles::Stamp;
use hyper::body::SizeHint;
use hyper::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::http::response::Parts;
use hyper::{HeaderMap, Response};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The place of the value in a line with a date.
const DATE_AT: std::ops::Range<usize> = 6..35;

/// Writes the head of an answer whose body has this length.
pub(super) fn of(parts: &Parts, stamp: Stamp, length: &SizeHint) -> Response<()> {
    let mut headers = HeaderMap::with_capacity(parts.headers.len() + 4);
    // A rule may have set date and type.
    if !parts.headers.contains_key(DATE) {
        let line = stamp.date.line();
        set(&mut headers, DATE, line.get(DATE_AT).unwrap_or(&[]));
    }
    if let Some(id) = stamp.id {
        if !parts.headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, JSON);
        }
        set(&mut headers, X_REQUEST_ID, &id.hex());
    }
    for (name, value) in &parts.headers {
        if *name != CONNECTION && *name != TRANSFER_ENCODING {
            headers.append(name, value.clone());
        }
    }
    if let Some(length) = length.exact().filter(|_| !matches!(parts.status.as_u16(), 204 | 304)) {
        headers.entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    let mut head = Response::new(());
    *head.status_mut() = parts.status;
    *head.headers_mut() = headers;
    head
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RequestId;
    use crate::state::Second;
    use std::time::{Duration, SystemTime};

    fn lines(response: Response<()>, stamp: Stamp, length: &SizeHint) -> Vec<String> {
        let head = of(&response.into_parts().0, stamp, length);
        let lines = head.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        lines.collect()
    }

    #[test]
    fn head_has_the_fields_of_http_1_in_their_order() {
        const DATE: &str = "date: Mon, 30 Nov 2026 00:00:00 GMT";
        let then = 1_795_996_800;
        let date = Second::of(SystemTime::UNIX_EPOCH + Duration::from_secs(then));
        let id = "0123456789abcdef0123456789abcdef";
        let (stamp, bare) = (Stamp { date, id: RequestId::parse(id) }, Stamp { date, id: None });
        let id = format!("x-request-id: {id}");
        let answer = |builder: hyper::http::response::Builder| builder.body(()).unwrap();
        let usual = lines(answer(Response::builder()), stamp, &SizeHint::with_exact(25));
        assert_eq!(usual, [DATE, "content-type: application/json", &id, "content-length: 25"]);
        let other = Response::builder().header("retry-after", "1").header("connection", "close").header("date", "x");
        let other = lines(answer(other.header("content-type", "text/plain")), stamp, &SizeHint::with_exact(0));
        assert_eq!(other, [&id, "retry-after: 1", "date: x", "content-type: text/plain", "content-length: 0"]);
        let none = lines(answer(Response::builder().status(204)), bare, &SizeHint::with_exact(0));
        assert_eq!(none, [DATE]);
        assert_eq!(lines(answer(Response::builder()), bare, &SizeHint::default()), [DATE]);
    }
}
