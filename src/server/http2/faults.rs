//! Carries out faults on one stream: other requests of the connection go on, unless the fault resets it.

use super::head;
use super::sending::{Outgoing, Stopped};
use super::vitals::Vitals;
use crate::api::Content;
use crate::scenario::HandWritten;
use crate::server::deadlines::Progress;
use crate::server::hand_written::{How, pieces};
use crate::server::titles::Stamp;
use crate::server::wire_faults::{Strike, Ticket};
use crate::state::State;
use bytes::{Buf as _, Bytes};
use h2::Reason;
use h2::server::SendResponse;
use hyper::Response;
use hyper::body::SizeHint;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where a fault strikes.
pub(super) struct Struck<'s> {
    pub(super) state: &'s State,
    pub(super) progress: &'s Progress,
    pub(super) vitals: &'s Vitals,
}

/// An answer that is spoiled.
struct Spoiled {
    /// The length that its head announces.
    length: usize,
    pieces: Vec<Vec<u8>>,
    /// The time from the first piece to the last.
    over: Duration,
    /// Whether it ends as answers do; else the stream is reset.
    is_ended: bool,
}

impl Spoiled {
    /// There are no chunks to spoil in HTTP/2: half of the body has the same consequences.
    fn of(body: &[u8], written: HandWritten) -> Self {
        let half = body.len() / 2;
        let (length, pieces, over_ms, is_ended) = match written {
            HandWritten::HalfTheBody | HandWritten::BadChunk => {
                (body.len(), vec![body.split_at(half).0.to_vec()], 0, false)
            }
            HandWritten::HalfTheLength => (half, vec![body.to_vec()], 0, true),
            HandWritten::Pieces { chunks, over_ms } => (body.len(), pieces(body, chunks), over_ms, true),
        };
        Self { length, pieces, over: Duration::from_millis(u64::from(over_ms)), is_ended }
    }
}

impl Struck<'_> {
    pub(super) async fn carry_out(&self, strike: Strike, mut respond: SendResponse<Content>) {
        let ticket = Ticket { state: self.state, undelivered: strike.undelivered };
        match strike.how {
            // Random bytes would break the requests beside it.
            How::Reset | How::Noise(_) | How::NoiseBeneath(_) => respond.send_reset(Reason::INTERNAL_ERROR),
            How::ResetConnection => self.progress.reset_connection(),
            How::Close => respond.send_reset(Reason::CANCEL),
            How::Answer(response, written) => {
                if self.spoil(*response, written, &strike.ending, respond).await {
                    ticket.delivered();
                }
            }
        }
    }

    /// Sends an answer that is spoiled; whether all of it went out that should.
    async fn spoil(
        &self,
        response: Response<Content>,
        written: HandWritten,
        ending: &CancellationToken,
        mut respond: SendResponse<Content>,
    ) -> bool {
        let (parts, body) = response.into_parts();
        let spoiled = Spoiled::of(body.chunk(), written);
        let stamp = Stamp { date: self.state.clock.date(self.state.clock.now()), id: None };
        let length = SizeHint::with_exact(spoiled.length as u64);
        let head = head::of(parts, stamp, &self.vitals.values, &length);
        let Ok(stream) = respond.send_response(head, false) else { return false };
        let (progress, vitals) = (self.progress, self.vitals);
        progress.answered();
        let mut outgoing = Outgoing { stream, progress, vitals, limits: &self.state.limits };
        let sent = tokio::select! {
            sent = self.send(spoiled, &mut outgoing) => sent,
            () = ending.cancelled() => Err(Stopped::Gone),
            () = self.state.lifecycle.drained() => Err(Stopped::Gone),
        };
        if sent.is_err() {
            outgoing.stream.send_reset(Reason::CANCEL);
        }
        sent.is_ok()
    }

    async fn send(&self, spoiled: Spoiled, outgoing: &mut Outgoing<'_>) -> Result<(), Stopped> {
        let start = self.state.clock.virtual_now();
        let count = u32::try_from(spoiled.pieces.len()).unwrap_or(u32::MAX).max(1);
        for (at, piece) in (1_u32..).zip(spoiled.pieces) {
            if !spoiled.over.is_zero() && !self.state.options.instant_delays {
                let mut due = pin!(self.state.clock.reach(start + spoiled.over / count * at));
                poll_fn(|context| match due.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Ok(())),
                    Poll::Pending => outgoing.poll_stopped(context).map(Err),
                })
                .await?;
            }
            outgoing.give(Bytes::from(piece).into(), spoiled.is_ended && at == count).await?;
        }
        outgoing.flushed().await?;
        if !spoiled.is_ended {
            outgoing.stream.send_reset(Reason::INTERNAL_ERROR);
        }
        Ok(())
    }
}
