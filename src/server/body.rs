//! Reads a request's body within a bound of bytes, one of time, and the memory that all connections share.

use super::request_body::{RequestBody, cause};
use crate::admin::AdminProblem;
use crate::api::Refused;
use crate::contract::{PAYLOAD_TOO_LARGE, REQUEST_TIMEOUT, Situation};
use crate::state::{Budget, Held, LimitHit, State};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::sync::Arc;
use std::time::Duration;

/// The bounds of a body.
#[derive(Clone, Copy)]
pub(super) struct BodyBounds<'b> {
    pub(super) bytes_max: usize,
    pub(super) time: Duration,
    pub(super) budget: &'b Arc<Budget>,
}

/// A body that was read, and the memory that it takes until this is dropped.
#[derive(Debug, Default)]
pub(super) struct WholeBody {
    pub(super) bytes: Bytes,
    pub(super) held: Option<Held>,
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    /// Unread answers and other bodies take what memory there is.
    NoRoom,
    /// The client ended it early, or framed it wrongly.
    Broken(String),
}

impl<'b> BodyBounds<'b> {
    /// The bounds of a request to the emulated API.
    pub(super) fn of_api(state: &'b State) -> Self {
        let State { limits, budget, .. } = state;
        Self { bytes_max: limits.body_bytes_max, time: limits.body_time, budget }
    }

    /// The bounds of a request to the admin API.
    pub(super) fn of_admin(state: &'b State) -> Self {
        let State { limits, budget, .. } = state;
        Self { bytes_max: limits.admin_body_bytes_max, time: limits.admin_body_time, budget }
    }
}

/// Remedy when the memory for bodies is used up.
const RAISE: &str =
    "Read answers to the end, send bodies promptly, list fewer users at a time, or raise the limit held_bytes_max.";

/// Says that memory is used up, and what to do.
pub(super) fn no_memory(state: &State) -> String {
    let most = state.limits.held_bytes_max;
    format!("Unread answers and unfinished bodies take {most} bytes. {RAISE}")
}

impl Unread {
    /// The refusal of a request to the emulated API.
    pub(super) fn refused(self, state: &State) -> Refused {
        let message = self.message(BodyBounds::of_api(state));
        match self {
            Self::TooLarge => Refused::transport(&PAYLOAD_TOO_LARGE, message),
            Self::TooSlow => Refused::transport(&REQUEST_TIMEOUT, message),
            Self::NoRoom => {
                state.metrics.hit(LimitHit::HeldBytes);
                Refused::new(Situation::NoRoom, message).hint(RAISE)
            }
            Self::Broken(_) => Refused::new(Situation::MalformedRequest, message).closing(),
        }
    }

    /// The problem of a request to the admin API.
    pub(super) fn problem(self, state: &State) -> AdminProblem {
        let message = self.message(BodyBounds::of_admin(state));
        let (status, detail) = match self {
            Self::TooLarge => (413, message),
            Self::TooSlow => (408, message),
            Self::NoRoom => {
                state.metrics.hit(LimitHit::HeldBytes);
                (503, no_memory(state))
            }
            Self::Broken(_) => (400, message),
        };
        AdminProblem::new(status, detail).closing()
    }

    fn message(&self, bounds: BodyBounds<'_>) -> String {
        match self {
            Self::TooLarge => format!("The request body is larger than {} bytes.", bounds.bytes_max),
            Self::TooSlow => format!("The request body did not arrive within {} ms.", bounds.time.as_millis()),
            Self::NoRoom => "The server has no memory left for this request. Try again later.".to_owned(),
            Self::Broken(what) => format!("The request body is not well-formed: {what}."),
        }
    }
}

/// Reads a body to its end.
pub(super) async fn read(body: RequestBody, bounds: BodyBounds<'_>) -> Result<WholeBody, Unread> {
    if body.is_end_stream() {
        return Ok(WholeBody::default());
    }
    if body.size_hint().lower() > bounds.bytes_max as u64 {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(bounds.time, collect(body, bounds)).await {
        Ok(read) => read,
        Err(_) => Err(Unread::TooSlow),
    }
}

/// Bytes of a body that are not counted against the budget of memory: a connection costs as much anyway. So a client that uses
/// up the memory does not keep others from short requests.
const SHORT: usize = 4 << 10;
/// Bytes of each further piece of a body.
const PIECE: usize = 16 << 10;
/// Memory that hyper holds for a request while its body arrives: one buffer with the head, and one for the body.
const AROUND: usize = 24 << 10;

/// A body as far as it has arrived. It lies in pieces: one buffer that grows would be there twice whenever it does, and leave gaps
/// that the allocator cannot use.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
    held: Held,
}

/// Reserves memory as bytes arrive: the announced length reserves none.
async fn collect(mut body: RequestBody, bounds: BodyBounds<'_>) -> Result<WholeBody, Unread> {
    let mut arrived = Pieces { pieces: Vec::new(), bytes: 0, held: bounds.budget.hold(0).ok_or(Unread::NoRoom)? };
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unread::Broken(cause(&*error)))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > bounds.bytes_max - arrived.bytes {
            return Err(Unread::TooLarge);
        }
        let left = body.size_hint().upper().and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
        arrived.put(&data, left)?;
    }
    Ok(arrived.join())
}

impl Pieces {
    /// Puts bytes at the end; at most `left` more are to come.
    fn put(&mut self, mut data: &[u8], left: usize) -> Result<(), Unread> {
        while !data.is_empty() {
            let piece = match self.pieces.last_mut().filter(|piece| piece.len() < piece.capacity()) {
                Some(piece) => piece,
                None => self.add(data.len().saturating_add(left))?,
            };
            let (fits, rest) = data.split_at(data.len().min(piece.capacity() - piece.len()));
            piece.extend_from_slice(fits);
            self.bytes += fits.len();
            data = rest;
        }
        Ok(())
    }

    /// A further piece, if there is memory for it.
    fn add(&mut self, needed: usize) -> Result<&mut Vec<u8>, Unread> {
        let (bytes, around) = match self.pieces.len() {
            0 => (SHORT, 0),
            1 => (PIECE, AROUND),
            _ => (PIECE, 0),
        };
        let bytes = bytes.min(needed);
        if !self.pieces.is_empty() && !self.held.grow(bytes + around) {
            return Err(Unread::NoRoom);
        }
        Ok(self.pieces.push_mut(Vec::with_capacity(bytes)))
    }

    /// The whole body. It is there twice while it is copied, but only once in each thread, since nothing waits meanwhile.
    fn join(mut self) -> WholeBody {
        let bytes = match self.pieces.len() {
            0 | 1 => self.pieces.pop().unwrap_or_default(),
            _ => self.pieces.into_iter().fold(Vec::with_capacity(self.bytes), |mut whole, piece| {
                whole.extend_from_slice(&piece);
                whole
            }),
        };
        WholeBody { bytes: bytes.into(), held: Some(self.held) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(most: usize) -> (Arc<Budget>, Pieces) {
        let budget = Budget::new(most);
        let held = budget.hold(0).unwrap();
        (budget, Pieces { pieces: Vec::new(), bytes: 0, held })
    }

    #[test]
    fn body_takes_memory_only_for_arrived_pieces() {
        let body: Vec<u8> = (0..100_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        for (step, is_announced) in [(1, true), (1, false), (7, true), (8_191, true), (8_191, false), (100_000, true)] {
            let (budget, mut arrived) = pieces(1 << 20);
            for (at, data) in body.chunks(step).enumerate() {
                let left = body.len() - at * step - data.len();
                arrived.put(data, if is_announced { left } else { usize::MAX }).unwrap();
                let taken: usize = arrived.pieces.iter().map(Vec::capacity).sum();
                assert!(taken <= arrived.bytes + PIECE && taken >= arrived.bytes);
                let counted = if arrived.bytes > SHORT { taken - SHORT + AROUND } else { 0 };
                assert!(budget.hold((1 << 20) - counted).is_some() && budget.hold((1 << 20) - counted + 1).is_none());
            }
            let taken: usize = arrived.pieces.iter().map(Vec::capacity).sum();
            assert!(!is_announced || taken == body.len(), "{taken}");
            let whole = arrived.join();
            assert_eq!(whole.bytes, body);
            assert!(budget.hold(1 << 20).is_none());
            drop(whole);
            assert!(budget.hold(1 << 20).is_some());
        }
    }

    #[test]
    fn a_body_that_has_no_room_is_refused_at_the_byte() {
        for (most, bytes, fits) in [
            (0, SHORT, true),
            (0, SHORT + 1, false),
            (AROUND + 1, SHORT + 1, true),
            (AROUND + PIECE, SHORT + PIECE, true),
            (AROUND + PIECE, SHORT + PIECE + 1, false),
        ] {
            let (budget, mut arrived) = pieces(most);
            let put = arrived.put(&vec![b'x'; bytes], 0);
            assert_eq!(put.is_ok(), fits, "{bytes} of {most}");
            drop(arrived);
            assert!(budget.hold(most).is_some());
        }
    }
}
