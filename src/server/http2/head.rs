//! The head of an answer: the fields of HTTP/1 in the same order, without those of its connections.

use super::shared_values::SharedValues;
use crate::server::titles::Stamp;
use hyper::body::SizeHint;
use hyper::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::http::response::Parts;
use hyper::{HeaderMap, Response};
use std::mem;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Writes the head of an answer whose body has this length.
pub(super) fn of(mut parts: Parts, stamp: Stamp, values: &SharedValues, length: &SizeHint) -> Response<()> {
    let mut headers = mem::take(&mut parts.headers);
    // Most answers have no fields of their own: then the memory of these serves for the others.
    let own = if headers.is_empty() {
        HeaderMap::new()
    } else {
        let room = HeaderMap::with_capacity(headers.len() + 4);
        mem::replace(&mut headers, room)
    };
    let is_first = values.is_first();
    // A rule may have set date and type.
    if !own.contains_key(DATE)
        && let Some(date) = values.date(stamp.date)
    {
        headers.insert(DATE, date);
    }
    if let Some(id) = stamp.id {
        if !own.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Ok(mut id) = HeaderValue::from_bytes(&id.hex()) {
            // No answer has the same id again, so the client remembers only that of the first, for its name.
            id.set_sensitive(!is_first);
            headers.insert(X_REQUEST_ID, id);
        }
    }
    for (name, value) in &own {
        if *name != CONNECTION && *name != TRANSFER_ENCODING {
            headers.append(name, value.clone());
        }
    }
    if !own.contains_key(CONTENT_LENGTH)
        && !matches!(parts.status.as_u16(), 204 | 304)
        && let Some(length) = length.exact().and_then(|length| values.length(length))
    {
        headers.insert(CONTENT_LENGTH, length);
    }
    parts.headers = headers;
    Response::from_parts(parts, ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RequestId;
    use crate::state::Second;
    use std::time::{Duration, SystemTime};

    fn lines(response: Response<()>, stamp: Stamp, length: &SizeHint) -> Vec<String> {
        let head = of(response.into_parts().0, stamp, &SharedValues::default(), length);
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

    #[test]
    fn only_the_first_request_id_takes_a_place_in_the_table() {
        let values = SharedValues::default();
        let id = RequestId::parse("0123456789abcdef0123456789abcdef");
        let stamp = Stamp { date: Second::of(SystemTime::UNIX_EPOCH), id };
        for expected in [false, true, true] {
            let head = of(Response::new(()).into_parts().0, stamp, &values, &SizeHint::with_exact(2));
            assert_eq!(head.headers()[X_REQUEST_ID].is_sensitive(), expected);
        }
    }
}
