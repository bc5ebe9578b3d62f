//! Statuses that belong to the transport, not to an operation: no operation documents them, and every
//! one of them can be answered.

use super::errors::{BODY_TOO_LARGE, ErrorCode, HEAD_TOO_LARGE, REQUEST_TOO_SLOW, TARGET_TOO_LONG};

/// A row: a condition and its error.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) error: &'static ErrorCode,
    pub(crate) description: &'static str,
}

pub(crate) static REQUEST_TIMEOUT: Transport =
    Transport { error: &REQUEST_TOO_SLOW, description: "The request body did not arrive in time." };
pub(crate) static PAYLOAD_TOO_LARGE: Transport =
    Transport { error: &BODY_TOO_LARGE, description: "The request body is too large." };
pub(crate) static URI_TOO_LONG: Transport =
    Transport { error: &TARGET_TOO_LONG, description: "The request target is too long." };
pub(crate) static HEAD_TOO_LONG: Transport =
    Transport { error: &HEAD_TOO_LARGE, description: "The request has too many header fields, or they are too large." };

pub(crate) static TRANSPORT: &[&Transport] = &[&REQUEST_TIMEOUT, &PAYLOAD_TOO_LARGE, &URI_TOO_LONG, &HEAD_TOO_LONG];
