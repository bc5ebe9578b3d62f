//! Reads a request's body within a bound of bytes and one of time.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::error::Error;
use std::time::Duration;

/// The bounds of a body.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) bytes_max: usize,
    pub(super) time: Duration,
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    /// The client ended it early, or framed it wrongly.
    Broken(String),
}

/// Reads a body to its end.
pub(super) async fn read(body: Incoming, bounds: Bounds) -> Result<Bytes, Unread> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > bounds.bytes_max as u64 {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(bounds.time, collect(body, bounds.bytes_max)).await {
        Ok(read) => read,
        Err(_) => Err(Unread::TooSlow),
    }
}

async fn collect(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Unread> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unread::Broken(cause(&error)))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if read.len() + data.len() > bytes_max {
            return Err(Unread::TooLarge);
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// What went wrong in the first place; what hyper says of it is only that the body could not be read.
fn cause(error: &hyper::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
