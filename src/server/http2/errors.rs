//! Errors of a client that end its connection: journal, verdicts, metrics and log show them.

use crate::api::Refused;
use crate::contract::{REQUEST_TIMEOUT, Situation};
use crate::limits::Limits;
use crate::server::deadlines::Progress;
use crate::server::noting::note_malformed;
use crate::state::{LimitHit, Settled, State};
use h2::Reason;

/// An error of the client, which `GOAWAY` tells it.
#[derive(Clone, Copy, Debug)]
pub(super) enum ClientError {
    /// Frames that the protocol forbids, or too many.
    Frames(Reason),
    /// More resets or control frames than a minute may have.
    Flood,
    /// A head that does not end.
    SlowHead,
}

impl ClientError {
    /// The code in `GOAWAY`.
    pub(super) fn reason(self) -> Reason {
        match self {
            Self::Frames(reason) => reason,
            Self::Flood | Self::SlowHead => Reason::ENHANCE_YOUR_CALM,
        }
    }

    fn limit(self) -> Option<LimitHit> {
        match self {
            Self::Frames(Reason::ENHANCE_YOUR_CALM) | Self::Flood => Some(LimitHit::Frames),
            Self::Frames(_) => None,
            Self::SlowHead => Some(LimitHit::Head),
        }
    }

    fn message(self, limits: &Limits) -> String {
        let what = match self {
            Self::Frames(reason) => format!("The client sent {}", sent(reason)),
            Self::Flood => format!(
                "In a minute the client sent more than {} resets of streams, or more than {} control frames",
                limits.resets_per_minute_max, limits.control_frames_per_minute_max
            ),
            Self::SlowHead => format!(
                "The head of the request did not arrive within {} ms of its first byte",
                limits.head.as_millis()
            ),
        };
        format!("{what}. The HTTP/2 connection was ended by GOAWAY {:?}.", self.reason())
    }

    /// Shows it to the user. No answer is sent, so the entry of the journal has none.
    pub(super) fn note(self, state: &State, progress: &Progress) {
        if let Some(limit) = self.limit() {
            state.metrics.hit(limit);
        }
        state.metrics.http2_error(self.reason().into());
        let message = self.message(&state.limits);
        tracing::info!(error = message, "an HTTP/2 connection is closed because of an error of the client");
        let refused = match self {
            Self::SlowHead => Refused::transport(&REQUEST_TIMEOUT, message),
            Self::Frames(_) | Self::Flood => Refused::new(Situation::MalformedRequest, message).closing(),
        };
        let (noted, answered) = note_malformed(state, progress, refused, ("", ""));
        let settled = Settled { request_id: answered.reply.request_id(), decided: None, extras: answered.extras };
        state.journal.settle(noted.index, settled);
        state.journal.cut(noted.index, state.clock.now());
    }
}

/// The mistake behind a code.
fn sent(reason: Reason) -> String {
    let known = match reason {
        Reason::PROTOCOL_ERROR => "a frame that HTTP/2 does not allow there",
        Reason::FLOW_CONTROL_ERROR => "more data than the window for it, or opened the window too far",
        Reason::STREAM_CLOSED => "a frame on a stream that had ended",
        Reason::FRAME_SIZE_ERROR => "a frame of an invalid size",
        Reason::COMPRESSION_ERROR => "header fields that cannot be decompressed",
        Reason::ENHANCE_YOUR_CALM => "too many frames, or header fields that expand too far",
        _ => reason.description(),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_cause_and_code() {
        let limits = Limits::default();
        for (error, cause, code) in [
            (ClientError::Frames(Reason::PROTOCOL_ERROR), "does not allow", "PROTOCOL_ERROR"),
            (ClientError::Frames(Reason::INTERNAL_ERROR), "internal", "INTERNAL_ERROR"),
            (ClientError::Flood, "more than", "ENHANCE_YOUR_CALM"),
            (ClientError::SlowHead, "10000 ms", "ENHANCE_YOUR_CALM"),
        ] {
            let message = error.message(&limits);
            assert!(message.contains(cause) && message.ends_with(&format!("GOAWAY {code}.")), "{message}");
        }
    }
}
