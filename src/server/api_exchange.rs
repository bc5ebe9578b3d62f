//! A request of the emulated API and its answer: journalled on arrival, answered once its body has arrived, noted when it is
//! answered.
//!
//! Its notes are in `log_line.rs`, `counting.rs` (metrics), `noting.rs` (strikes and refusals), `coverage.rs` and
//! `secrets.rs`; what rules inject into the answer in `injection.rs`.

use super::body::{self, BodyBounds};
use super::deadlines::{ConnectionPhase, Progress};
use super::request_body::RequestBody;
use super::sending::{Sending, leave};
use crate::api::{self, Answered, PIECE, Request as ApiRequest};
use crate::state::{Decided, KeptBody, Running, Sent, Settled, State, Work, WorkPlace, run_at};
use hyper::Response;
use hyper::http::Version;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The exchange ends without an answer, and the connection with it.
#[derive(Debug, thiserror::Error)]
#[error("the request was cut")]
pub(super) struct Cut;

pub(super) type Exchanged = Result<Response<Sending>, Cut>;

/// A request of the API, from its arrival on. Dropping it without an answer cuts it.
pub(super) struct Exchange<'s> {
    pub(super) state: &'s State,
    pub(super) progress: &'s Progress,
    pub(super) request: ApiRequest,
    /// The setup that decides: that of the arrival, or of the moment when the body is there.
    pub(super) running: Arc<Running>,
    /// Whether the journal has the decision.
    pub(super) settled: bool,
    pub(super) ended: bool,
}

impl Exchange<'_> {
    /// Decides about a request without a body.
    #[inline]
    pub(super) fn answer(&self) -> Answered {
        let counting = self.counting();
        let answered = api::answer(self.state, &self.running, &self.request, &[], self.request.arrived);
        self.counted(counting, &answered);
        answered
    }

    /// Waits for a place to work out a long answer. The wait ends when the client goes away, and with a reset that concerns
    /// the request.
    async fn turn(&self, state: &State) -> Option<WorkPlace> {
        if let Some(place) = state.workers.free_place(Work::List) {
            return Some(place);
        }
        self.progress.enter(ConnectionPhase::Waiting);
        let place = tokio::select! {
            place = state.workers.place(Work::List) => place,
            () = self.ending().cancelled() => return None,
        };
        self.progress.enter(ConnectionPhase::Busy);
        Some(place)
    }

    /// Decides once the body is there. A reset that concerns the request cuts it: it never shows up in the new epoch.
    pub(super) async fn read(&mut self, state: &Arc<State>, body: RequestBody) -> Option<Answered> {
        let limits = &self.state.limits;
        let bounds = BodyBounds::of_api(state);
        let ending = self.ending().clone();
        let read = tokio::select! {
            read = body::read(body, bounds) => read,
            () = ending.cancelled() => return None,
        };
        self.running = arc_swap::Guard::into_inner(self.state.running());
        if ending.is_cancelled() {
            return None;
        }
        Some(match read {
            Ok(body) => {
                let now = self.state.clock.now();
                let most = limits.entry_body_bytes_max;
                let kept = KeptBody::of(&self.running.setup, &body.bytes, body.bytes.len() as u64, most);
                let mut answered = if self.request.takes_long() {
                    let place = self.turn(state).await?;
                    let (running, request) = (Arc::clone(&self.running), self.request.clone());
                    let bytes = body.bytes.clone();
                    let answer = move |state: &State| api::answer(state, &running, &request, &bytes, now);
                    let answered = run_at(state, place, answer).await;
                    if ending.is_cancelled() {
                        return None;
                    }
                    answered
                } else {
                    api::answer(self.state, &self.running, &self.request, &body.bytes, now)
                };
                if kept.is_some() {
                    answered.extras.get_or_insert_default().request_body = kept;
                }
                answered
            }
            Err(unread) => {
                self.progress.leave_unread();
                api::reject(self.state, self.request.operation(), unread.refused(self.state))
            }
        })
    }

    /// The version that the client speaks.
    pub(super) fn version(&self) -> Version {
        self.request.head.version
    }

    /// Cancelled by a reset that concerns the request.
    pub(super) fn ending(&self) -> &CancellationToken {
        self.running.ending(self.request.project())
    }

    /// The answer as hyper sends it, journalled and counted.
    pub(super) fn finish(&mut self, mut answered: Answered) -> Response<Sending> {
        self.ended = true;
        let is_long = answered.reply.content_length() > PIECE as u64;
        let reserved = if is_long { self.reserve(&mut answered) } else { None };
        let took = self.note(&answered);
        let Answered { mut reply, decided, extras, .. } = answered;
        let sent = Sent { status: reply.status(), bytes: reply.content_length(), took };
        if self.settled {
            self.state.journal.answer(self.request.index, sent);
        } else {
            let decided = decided.map(|(call, outcome)| Decided::new(call, outcome));
            self.state.journal.finish(
                self.request.index,
                Settled { request_id: reply.request_id(), decided, extras },
                sent,
            );
        }
        let (progress, is_long) = (self.progress, reserved.is_some());
        if leave(self.state, progress, self.request.arrived + took, Some(reply.request_id())) {
            reply.set_header("connection", "close");
        }
        if is_long {
            progress.go_on_to(ConnectionPhase::Giving);
        }
        reply.into_unstamped(&mut self.request.head.headers, |content| Sending::of(content, progress, reserved))
    }

    /// Logs and counts an answer; gives how long it took from the request's arrival.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is done once for each request, and its parts are short")]
    pub(super) fn note(&self, answered: &Answered) -> Duration {
        let took = self.log(answered);
        self.count(answered, took);
        self.note_secret(answered);
        took
    }

    #[cold]
    fn cut(&self) {
        self.state.journal.cut(self.request.index, self.state.clock.now());
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.cut();
        }
    }
}

/// The decision about a request, for the journal.
pub(super) fn settled(answered: &Answered) -> Settled {
    let decided = answered.decided.as_ref().map(|(call, outcome)| Decided::new(*call, outcome.clone()));
    Settled { request_id: answered.reply.request_id(), decided, extras: answered.extras.clone() }
}

/// Whether rules do more to the answer than decide it.
pub(super) fn is_held(answered: &Answered) -> bool {
    answered.decided.as_ref().is_some_and(|(_, outcome)| outcome.injected.is_some())
}
