//! Reads a request's body within a bound of bytes, one of time, and the memory that all connections share.

use crate::limits::Limits;
use crate::state::{Budget, Held};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The bounds of a body.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'b> {
    pub(super) bytes_max: usize,
    pub(super) time: Duration,
    pub(super) budget: &'b Arc<Budget>,
    /// What hyper may keep of a body beside what is read here.
    pub(super) ahead_max: usize,
}

/// A body that was read, and the memory that it takes until this is dropped.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    _held: Option<Held>,
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

impl<'b> Bounds<'b> {
    /// Those of a request to the API.
    pub(super) fn of_api(limits: &Limits, budget: &'b Arc<Budget>) -> Self {
        Self { bytes_max: limits.body_bytes_max, time: limits.body_time, budget, ahead_max: limits.head_bytes_max }
    }

    /// Those of a request to the admin API.
    pub(super) fn of_admin(limits: &Limits, budget: &'b Arc<Budget>) -> Self {
        let of_api = Self::of_api(limits, budget);
        Self { bytes_max: limits.admin_body_bytes_max, time: limits.admin_body_time, ..of_api }
    }
}

/// Reads a body to its end.
pub(super) async fn read(body: Incoming, bounds: Bounds<'_>) -> Result<Whole, Unread> {
    if body.is_end_stream() {
        return Ok(Whole::default());
    }
    if body.size_hint().lower() > bounds.bytes_max as u64 {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(bounds.time, collect(body, bounds)).await {
        Ok(read) => read,
        Err(_) => Err(Unread::TooSlow),
    }
}

/// Bytes of a body that is not counted against the budget of memory: a connection has a buffer for it anyway. So who uses the
/// memory up keeps nobody from short requests.
const SHORT: usize = 4 << 10;

/// Memory is taken as bytes arrive: what a client announces costs it nothing.
async fn collect(mut body: Incoming, bounds: Bounds<'_>) -> Result<Whole, Unread> {
    let mut read = Vec::new();
    let mut held = bounds.budget.hold(0).ok_or(Unread::NoRoom)?;
    let mut counted = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unread::Broken(cause(&error)))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let needed = read.len() + data.len();
        if needed > bounds.bytes_max {
            return Err(Unread::TooLarge);
        }
        let capacity = if needed > read.capacity() {
            needed.max(2 * read.capacity()).min(bounds.bytes_max)
        } else {
            read.capacity()
        };
        // hyper's own buffer grows with what comes too.
        let taken = if needed > SHORT { capacity + needed.min(bounds.ahead_max) } else { 0 };
        if !held.grow(taken - counted) {
            return Err(Unread::NoRoom);
        }
        counted = taken;
        read.reserve_exact(capacity - read.len());
        read.extend_from_slice(&data);
    }
    Ok(Whole { bytes: read.into(), _held: Some(held) })
}

/// What went wrong in the first place; what hyper says of it is only that the body could not be read.
fn cause(error: &hyper::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
