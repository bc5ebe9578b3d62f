//! Faults on the wire that end a connection: hyper has let go of it, and nothing was written of the answer.

use super::tcp_close::{close_by_reset, drop_the_rest, reset};
use crate::state::{Held, Meeting, Running, Sent, State};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
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

/// How it ends.
#[derive(Debug)]
pub(super) enum How {
    Reset,
    /// These bytes, if any, and the end.
    Bytes(Vec<u8>),
    /// The head, and piece by piece the body, the last at the end of the time.
    Dribble {
        head: Vec<u8>,
        pieces: Vec<Vec<u8>>,
        over: Duration,
    },
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
struct Ticket<'s> {
    state: &'s State,
    undelivered: Option<Undelivered>,
}

/// Carries it out. A drain or a client that takes nothing ends it before.
pub(super) async fn carry_out(strike: Strike, mut stream: TcpStream, state: &State) {
    let ticket = Ticket { state, undelivered: strike.undelivered };
    let written = match strike.how {
        How::Reset => {
            reset(stream);
            return;
        }
        How::Bytes(bytes) => write(&mut stream, &bytes, state).await,
        How::Dribble { head, pieces, over } => {
            // A body that ends early must not look complete.
            close_by_reset(&stream, true);
            let (reading, mut writing) = stream.split();
            let written = tokio::select! {
                written = dribble(&mut writing, &head, &pieces, over, state) => written,
                () = gone(&reading) => false,
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

/// Waits until the client is gone, or has ended its sending, which looks the same. Bytes that it sends are dropped: the
/// connection ends with this answer.
async fn gone(stream: &ReadHalf<'_>) {
    let mut dropped = [0; 1024];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut dropped) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}

/// Whether all of it went out.
async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8], state: &State) -> bool {
    let written = tokio::time::timeout(state.limits.stall, stream.write_all(bytes)).await;
    matches!(written, Ok(Ok(())))
}

async fn dribble(stream: &mut WriteHalf<'_>, head: &[u8], pieces: &[Vec<u8>], over: Duration, state: &State) -> bool {
    if !write(stream, head, state).await {
        return false;
    }
    let start = state.clock.virtual_now();
    let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX).max(1);
    for (at, piece) in (1_u32..).zip(pieces) {
        if !state.options.instant_delays {
            state.clock.reach(start + over / count * at).await;
        }
        if !write(stream, piece, state).await {
            return false;
        }
    }
    true
}

impl Ticket<'_> {
    fn delivered(mut self) {
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
