//! Carries out what rules inject into an answer: a delay, or a fault that loses or spoils it.
//!
//! The decision is journalled at once, and the side effect has happened or not. A delay is waited for by the request's own
//! task, in virtual time; a client that goes away meanwhile, a reset and a drain end it. A fault that hyper cannot send is
//! handed to `close.rs` by way of the connection's progress.

use super::api_exchange::{Cut, Exchange, Exchanged};
use super::deadlines::ConnectionPhase;
use super::encode::{self, Framing};
use super::wire_faults::{How, Strike, Undelivered};
use crate::api::Answered;
use crate::engine::Injected;
use crate::scenario::{HandWritten, WireEffect};
use crate::state::{Decided, Held, Settled, State};
use bytes::Buf as _;
use hyper::http::header::{CONNECTION, HeaderValue};
use std::sync::Arc;
use std::time::Duration;

impl Exchange<'_> {
    /// Answers as the rules say.
    pub(super) async fn inject(mut self, state: &Arc<State>, mut answered: Answered) -> Exchanged {
        let Some(injected) = self.settle(&mut answered) else {
            return Ok(self.finish(answered));
        };
        self.progress.enter(ConnectionPhase::Waiting);
        if let Some((_, ms)) = injected.delay {
            self.hold(Duration::from_millis(u64::from(ms))).await?;
        }
        // An answer without a body has nothing to spoil.
        let is_bare = answered.reply.content_length() == 0;
        let Some((_, fault)) = injected.fault.filter(|(_, fault)| !(is_bare && fault.spoils_a_body())) else {
            self.meet(&answered);
            return Ok(self.finish(answered));
        };
        self.state.metrics.injected(fault);
        let how = match fault.wire() {
            WireEffect::NotJson => {
                answered.reply.spoil();
                return Ok(self.finish(answered));
            }
            WireEffect::Silence => {
                self.log(&answered);
                self.wait(tokio::time::sleep(self.state.limits.hang)).await?;
                return Err(Cut);
            }
            WireEffect::Reset => How::Reset,
            WireEffect::Close => How::Bytes(Vec::new()),
            WireEffect::Noise => How::Bytes(injected.data),
            WireEffect::ByHand(written) => {
                let held = self.reserve_whole(state, &mut answered).await?;
                let is_whole = fault.leaves_whole();
                self.deliver(answered, written, is_whole, held);
                return Err(Cut);
            }
        };
        self.log(&answered);
        self.progress.strike(Strike { how, undelivered: None, ending: self.ending().clone(), _held: None });
        Err(Cut)
    }

    /// Journals the decision; gives what to inject.
    fn settle(&mut self, answered: &mut Answered) -> Option<Injected> {
        let (call, outcome) = answered.decided.as_ref()?;
        self.strike_held(answered, outcome);
        let settled = Settled {
            request_id: answered.reply.request_id(),
            decided: Some(Decided::new(*call, outcome.clone())),
            extras: answered.extras.clone(),
        };
        self.state.journal.settle(self.request.index, settled);
        self.settled = true;
        outcome.injected.as_deref().cloned()
    }

    /// Waits so long in virtual time, unless delays are only recorded.
    async fn hold(&self, delay: Duration) -> Result<(), Cut> {
        if self.state.options.instant_delays {
            return Ok(());
        }
        let clock = &self.state.clock;
        self.wait(clock.reach(clock.virtual_now().saturating_add(delay))).await
    }

    /// Waits, unless a reset of the project or a drain comes first. (`wire.rs` ends the wait when the client goes away.)
    pub(super) async fn wait<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Cut> {
        let ending = self.ending();
        tokio::select! {
            biased;
            () = ending.cancelled() => Err(Cut),
            () = self.state.lifecycle.drained() => Err(Cut),
            done = waiting => Ok(done),
        }
    }

    /// Has the answer written by hand, since hyper would not send it so. It is journalled once it is out.
    fn deliver(&mut self, answered: Answered, written: HandWritten, is_whole: bool, held: Option<Held>) {
        self.note(&answered);
        let meeting = self.meeting(&answered).filter(|_| is_whole);
        let mut response = answered.reply.into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        *response.version_mut() = self.version();
        let body = response.body().chunk();
        let (head_of, status) = (|framing| encode::head(&response, framing, self.state), response.status().as_u16());
        let half = body.len() / 2;
        let whole = || head_of(Framing::Length(body.len()));
        let how = match written {
            HandWritten::HalfTheBody => How::Bytes([&whole(), body.split_at(half).0].concat()),
            HandWritten::HalfTheLength => How::Bytes([&head_of(Framing::Length(half)), body].concat()),
            HandWritten::BadChunk => {
                How::Bytes([&head_of(Framing::Chunked), &b"no number\r\n"[..], body, b"\r\n0\r\n\r\n"].concat())
            }
            HandWritten::Pieces { chunks, over_ms } => How::Dribble {
                head: whole(),
                pieces: pieces(body, chunks),
                over: Duration::from_millis(u64::from(over_ms)),
            },
        };
        self.ended = true;
        let bytes = body.len() as u64;
        let met = meeting.map(|meeting| (Arc::clone(&self.running), meeting));
        let undelivered = Undelivered { index: self.request.index, status, bytes, arrived: self.request.arrived, met };
        let ending = self.ending().clone();
        self.progress.strike(Strike { how, undelivered: Some(undelivered), ending, _held: held });
    }
}

/// The body in pieces of one length, as nearly as may be; no more than it has bytes.
fn pieces(body: &[u8], count: u32) -> Vec<Vec<u8>> {
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
