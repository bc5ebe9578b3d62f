//! The phases of a connection or a stream, and the orders to end one.

use crate::limits::Limits;
use std::time::Duration;

/// The state of a connection, or of a stream of HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum ConnectionPhase {
    /// Nothing has come yet.
    New,
    /// A part of a head has come.
    Head,
    /// The request is being answered; what waits there has limits of its own.
    Busy,
    /// The answer is decided and held back: it is looked whether the client is still there.
    Waiting,
    /// The answer is being written.
    Writing,
    /// Between two requests.
    Idle,
    /// The answer is being written, and more of it is to come.
    Giving,
    /// The answer has no end, and something of it is being written.
    Speaking,
    /// The answer has no end, and there is nothing of it to write: it is looked whether the client is still there.
    Silent,
}

impl ConnectionPhase {
    /// Whether the connection waits for a head, or reads one.
    #[inline]
    pub(super) fn is_before_request(self) -> bool {
        matches!(self, Self::New | Self::Head | Self::Idle)
    }

    /// How long the phase may take, if that is bounded here.
    pub(super) fn limit(self, limits: &Limits) -> Option<Duration> {
        match self {
            Self::New | Self::Head => Some(limits.head),
            Self::Idle => Some(limits.idle),
            Self::Writing | Self::Giving | Self::Speaking => Some(limits.stall),
            Self::Busy | Self::Waiting | Self::Silent => None,
        }
    }

    /// Whether the client has an answer to take.
    #[inline]
    pub(super) fn is_sending(self) -> bool {
        matches!(self, Self::Writing | Self::Giving | Self::Speaking)
    }
}

/// How long a turn of the sweeper takes: short beside every limit, long beside a request.
pub(super) fn turn_of(limits: &Limits) -> Duration {
    let shortest = limits.head.min(limits.idle).min(limits.stall);
    (shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(500))
}

/// Why a connection was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionOrder {
    /// End at once.
    Cut,
    /// End by a reset.
    Reset,
    /// The phase took too long.
    Overdue(ConnectionPhase),
}
