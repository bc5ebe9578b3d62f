//! Carries out what rules inject into an answer: a delay, or a fault that loses or spoils it.
//!
//! The decision is journalled at once, and the side effect has happened or not. A delay is waited for by the request's own
//! task, in virtual time; a client that goes away meanwhile, a reset and a drain end it. A fault that hyper cannot send is
//! handed on by way of the progress, to whatever serves the connection.

use super::api_exchange::{Cut, Exchange, Exchanged, settled};
use super::deadlines::ConnectionPhase;
use super::hand_written::How;
use super::wire_faults::{Strike, Undelivered};
use crate::api::Answered;
use crate::engine::Injected;
use crate::scenario::{HandWritten, WireEffect};
use crate::state::{Held, State};
use bytes::Buf as _;
use std::sync::Arc;
use std::time::Duration;

impl Exchange<'_> {
    /// Answers as the rules say.
    pub(super) async fn inject(mut self, state: &Arc<State>, mut answered: Answered) -> Exchanged {
        let Some(injected) = self.settle(&answered) else {
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
            WireEffect::ResetConnection => How::ResetConnection,
            WireEffect::Close => How::Close,
            WireEffect::Noise => How::Noise(injected.data),
            WireEffect::NoiseBeneath => How::NoiseBeneath(injected.data),
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
    fn settle(&mut self, answered: &Answered) -> Option<Injected> {
        let (_, outcome) = answered.decided.as_ref()?;
        self.strike_held(answered, outcome);
        self.state.journal.settle(self.request.index, settled(answered));
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
        *response.version_mut() = self.version();
        let (status, bytes) = (response.status().as_u16(), response.body().remaining() as u64);
        let how = How::Answer(Box::new(response), written);
        self.ended = true;
        let met = meeting.map(|meeting| (Arc::clone(&self.running), meeting));
        let undelivered = Undelivered { index: self.request.index, status, bytes, arrived: self.request.arrived, met };
        let ending = self.ending().clone();
        self.progress.strike(Strike { how, undelivered: Some(undelivered), ending, _held: held });
    }
}
