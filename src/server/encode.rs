//! Writes answers without hyper.

use super::titles;
use crate::api::Content;
use crate::state::State;
use bytes::Buf as _;
use hyper::Response;
use hyper::http::header::DATE;

/// The framing of a body.
#[derive(Clone, Copy)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

/// The head of an answer.
pub(super) fn head(response: &Response<Content>, framing: Framing, state: &State) -> Vec<u8> {
    let mut bytes = format!("{:?} {}\r\n", response.version(), response.status()).into_bytes();
    // A rule may have set it.
    if !response.headers().contains_key(DATE) {
        bytes.extend_from_slice(&state.clock.date(state.clock.now()).line());
    }
    let mut line = |name: &str, value: &[u8]| {
        let start = bytes.len();
        bytes.extend_from_slice(name.as_bytes());
        bytes.get_mut(start..).into_iter().for_each(titles::write_name);
        for piece in [b": ", value, b"\r\n"] {
            bytes.extend_from_slice(piece);
        }
    };
    for (name, value) in response.headers() {
        line(name.as_str(), value.as_bytes());
    }
    match framing {
        // HTTP forbids it here, and a length of 0 would speak of a resource that is empty.
        Framing::Length(0) if matches!(response.status().as_u16(), 204 | 304) => (),
        Framing::Length(length) => line("content-length", length.to_string().as_bytes()),
        Framing::Chunked => line("transfer-encoding", b"chunked"),
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// A whole answer; to HEAD, its head.
pub(super) fn whole(response: &Response<Content>, method: &str, state: &State) -> Vec<u8> {
    let body = response.body().chunk();
    let head = head(response, Framing::Length(body.len()), state);
    if method == "HEAD" { head } else { [&head, body].concat() }
}
