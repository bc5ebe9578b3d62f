//! Answers that a fault loses or spoils, and the bytes of HTTP/1 that they become.

use super::encode::{self, Framing};
use crate::api::Content;
use crate::scenario::HandWritten;
use crate::state::State;
use bytes::Buf as _;
use hyper::Response;
use hyper::http::header::{CONNECTION, HeaderValue};
use std::time::Duration;

/// The fate of an answer that a fault keeps from leaving as usual.
#[derive(Debug)]
pub(super) enum How {
    /// A failure of the connection, or of the stream of HTTP/2.
    Reset,
    /// A failure of the connection.
    ResetConnection,
    /// An end before the first byte.
    Close,
    /// Bytes that are not HTTP.
    Noise(Vec<u8>),
    /// Bytes that are not TLS.
    NoiseBeneath(Vec<u8>),
    /// An answer that is written by hand.
    Answer(Box<Response<Content>>, HandWritten),
}

/// The end of a connection of HTTP/1.
#[derive(Debug)]
pub(super) enum Written {
    Reset,
    /// These bytes, if any, and the end.
    Bytes(Vec<u8>),
    /// A part of an answer, and an end that TLS does not announce.
    Broken(Vec<u8>),
    /// These bytes outside of TLS, and the end.
    Beneath(Vec<u8>),
    /// The head, and piece by piece the body, the last at the end of the time.
    Dribble {
        head: Vec<u8>,
        pieces: Vec<Vec<u8>>,
        over: Duration,
    },
}

impl How {
    pub(super) fn for_http_1(self, state: &State) -> Written {
        match self {
            Self::Reset | Self::ResetConnection => Written::Reset,
            Self::Close => Written::Bytes(Vec::new()),
            Self::Noise(bytes) => Written::Bytes(bytes),
            Self::NoiseBeneath(bytes) => Written::Beneath(bytes),
            Self::Answer(response, written) => answer(*response, written, state),
        }
    }
}

fn answer(mut response: Response<Content>, written: HandWritten, state: &State) -> Written {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let body = response.body().chunk();
    let head = |framing| encode::head(&response, framing, state);
    let half = body.len() / 2;
    let whole = || head(Framing::Length(body.len()));
    match written {
        HandWritten::HalfTheBody => Written::Broken([&whole(), body.split_at(half).0].concat()),
        HandWritten::HalfTheLength => Written::Bytes([&head(Framing::Length(half)), body].concat()),
        HandWritten::BadChunk => {
            Written::Bytes([&head(Framing::Chunked), &b"no number\r\n"[..], body, b"\r\n0\r\n\r\n"].concat())
        }
        HandWritten::Pieces { chunks, over_ms } => Written::Dribble {
            head: whole(),
            pieces: pieces(body, chunks),
            over: Duration::from_millis(u64::from(over_ms)),
        },
    }
}

/// The body in pieces of one length, as nearly as may be; no more than it has bytes.
pub(super) fn pieces(body: &[u8], count: u32) -> Vec<Vec<u8>> {
    let count = usize::try_from(count).unwrap_or(usize::MAX).clamp(1, body.len().max(1));
    let end = |piece: usize| body.len() * piece / count;
    (0..count)
        .map(|piece| invariant!(body.get(end(piece)..end(piece + 1)), &[], "pieces lie in the body").to_vec())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_even_and_lose_nothing() {
        let body: Vec<u8> = (0..25).collect();
        for count in [1, 2, 5, 24, 25, 26, 1_000] {
            let pieces = pieces(&body, count);
            assert_eq!(pieces.concat(), body);
            assert_eq!(pieces.len(), (count as usize).min(25));
            assert!(pieces.iter().all(|piece| !piece.is_empty()), "{count}");
        }
        assert_eq!(pieces(&[], 3), [Vec::<u8>::new()]);
    }
}
