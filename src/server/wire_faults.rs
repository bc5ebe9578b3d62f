//! Faults on the wire that end a connection: hyper has let go of it, and nothing was written of the answer.

use super::hand_written::{How, Written};
use super::stream::Stream;
use super::tcp_close::{break_off, close_by_reset, drop_the_rest, gone, reset};
use crate::state::{Held, Meeting, Running, Sent, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio_util::sync::CancellationToken;

/// A fault that ends a connection.
#[derive(Debug)]
pub(super) struct Strike {
    pub(super) how: How,
    /// The answer that goes out by it, if one does.
    pub(super) undelivered: Option<Undelivered>,
    /// Cancelled by a reset that concerns the request.
    pub(super) ending: CancellationToken,
    /// The memory of an answer, until this is carried out.
    pub(super) _held: Option<Held>,
}

/// An answer whose entry is in flight until it is out.
#[derive(Debug)]
pub(super) struct Undelivered {
    pub(super) index: u64,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) arrived: Duration,
    /// The status that the client meets by it, with its setup, if it is whole and right.
    pub(super) met: Option<(Arc<Running>, Meeting)>,
}

/// Ends an entry: as cut, unless the answer went out.
pub(super) struct Ticket<'s> {
    pub(super) state: &'s State,
    pub(super) undelivered: Option<Undelivered>,
}

/// Carries it out. A drain or a client that takes nothing ends it before.
pub(super) async fn carry_out(strike: Strike, mut stream: Stream, state: &State) {
    let ticket = Ticket { state, undelivered: strike.undelivered };
    let written = match strike.how.for_http_1(state) {
        Written::Reset => {
            reset(stream);
            return;
        }
        Written::Bytes(bytes) => write(&mut stream, &bytes, state).await,
        Written::Broken(bytes) => {
            if write(&mut stream, &bytes, state).await {
                ticket.delivered();
                break_off(&mut stream, &state.limits).await;
            }
            return;
        }
        Written::Beneath(bytes) => {
            let written = tokio::time::timeout(state.limits.stall, stream.write_beneath(&bytes)).await;
            if matches!(written, Ok(Ok(()))) {
                break_off(&mut stream, &state.limits).await;
            }
            return;
        }
        Written::Dribble { head, pieces, over } => {
            // A body that ends early must not look complete.
            close_by_reset(&stream, true);
            let written = tokio::select! {
                written = dribble(&mut stream, &head, &pieces, over, state) => written,
                () = strike.ending.cancelled() => false,
                () = state.lifecycle.drained() => false,
            };
            if written {
                close_by_reset(&stream, false);
            }
            written
        }
    };
    if written {
        ticket.delivered();
        drop_the_rest(&mut stream, &state.limits).await;
    }
}

/// Whether all of it went out.
async fn write(stream: &mut Stream, bytes: &[u8], state: &State) -> bool {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    matches!(tokio::time::timeout(state.limits.stall, writing).await, Ok(Ok(())))
}

/// Writes the head, and the pieces when they are due. Whether all of it went out: it ends when the client is gone.
async fn dribble(stream: &mut Stream, head: &[u8], pieces: &[Vec<u8>], over: Duration, state: &State) -> bool {
    let start = state.clock.virtual_now();
    if !write(stream, head, state).await {
        return false;
    }
    let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX).max(1);
    for (at, piece) in (1_u32..).zip(pieces) {
        let due = async {
            if !state.options.instant_delays {
                state.clock.reach(start + over / count * at).await;
            }
        };
        tokio::select! {
            biased;
            () = gone(stream) => return false,
            () = due => {}
        }
        if !write(stream, piece, state).await {
            return false;
        }
    }
    true
}

impl Ticket<'_> {
    pub(super) fn delivered(mut self) {
        if let Some(Undelivered { index, status, bytes, arrived, met }) = self.undelivered.take() {
            if let Some((running, meeting)) = met {
                running.meet(&meeting);
            }
            let took = self.state.clock.now().saturating_sub(arrived);
            self.state.journal.answer(index, Sent { status, bytes, took });
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let Some(undelivered) = &self.undelivered {
            self.state.journal.cut(undelivered.index, self.state.clock.now());
        }
    }
}
