//! Notes strikes of rules, refusals, malformed input, and calls of the console.

use super::api_exchange::Exchange;
use super::deadlines::Progress;
use crate::api::{self, Answered, Refused, Request};
use crate::contract::Subject;
use crate::engine::Outcome;
use crate::state::{Arrival, BeingCounted, FirstRequest, Ledger, Notes, Running, State};
use std::sync::Arc;
use std::time::Duration;

impl<'s> Exchange<'s> {
    /// Keeps verdicts waiting while a call of the console is counted.
    #[inline]
    pub(super) fn counting(&self) -> Option<BeingCounted<'s>> {
        self.progress.is_by_console().then(|| self.state.attempts.count())
    }

    /// Notes a call, if it is of the console.
    #[inline]
    pub(super) fn counted(&self, counting: Option<BeingCounted<'_>>, answered: &Answered) {
        if let Some(counting) = counting {
            self.note_console(answered);
            drop(counting);
        }
    }

    /// Counts a strike of the rule that decided the status. Of an answer that rules do more to, [`Exchange::strike_held`]
    /// has counted it.
    #[inline(never)]
    pub(super) fn strike(&self, answered: &Answered, outcome: &Outcome) {
        if outcome.injected.is_none() {
            self.notes(answered).strikes.add_each([outcome.rule.as_ref(), None, None]);
        }
    }

    /// Counts a strike of each rule behind an answer that is delayed, lost or spoiled.
    pub(super) fn strike_held(&self, answered: &Answered, outcome: &Outcome) {
        let injected = outcome.injected.as_deref();
        let delay = injected.and_then(|injected| injected.delay.as_ref()).map(|(rule, _)| rule);
        let fault = injected.and_then(|injected| injected.fault.as_ref()).map(|(rule, _)| rule);
        self.notes(answered).strikes.add_each([outcome.rule.as_ref(), delay, fault]);
    }

    /// Counts a refusal, of the project that the path names if it is there.
    #[cold]
    pub(super) fn reject(&self, answered: &Answered) {
        let Request { head, index, arrived, .. } = &self.request;
        let (path, method) = (self.request.path(), self.request.method());
        let ids = [self.request.project(), self.request.user()];
        let quoted: Vec<&str> = ids.into_iter().flatten().chain([path, method]).collect();
        let first = FirstRequest {
            index: *index,
            request: Arrival::of(head).request_line(),
            at_ms: self.state.clock.ms_at(*arrived),
        };
        let problem = answered.problem().unwrap_or("");
        let rejections = &self.notes(answered).rejections;
        self.state.reject(rejections, answered.reply.status(), problem, &quoted, &first);
    }

    /// Notes a counted call of the console.
    #[cold]
    fn note_console(&self, answered: &Answered) {
        let counted = answered.decided.as_ref().map(|(call, _)| *call);
        let (Some(operation), Some(call)) = (self.request.operation(), counted) else { return };
        let is_of_user = matches!(operation.subject, Subject::User | Subject::Person);
        let account = || answered.extras.as_ref().and_then(|extras| extras.account.as_deref());
        let who = if is_of_user { self.request.user() } else { account() };
        // Requests that passed while there was room for one may still be in progress.
        let most = self.state.limits.users_created_max.saturating_add(self.state.limits.tries_max);
        self.ledger(answered).of_console().count(operation.index(), who, call, most);
    }

    fn notes(&self, answered: &Answered) -> &Notes {
        self.ledger(answered).notes_by(self.progress.is_by_console())
    }

    /// The ledger of the project of a request.
    fn ledger(&self, answered: &Answered) -> &Ledger {
        if let Some(tenancy) = answered.user.and_then(|user| self.running.epoch.of(user.project)) {
            return &tenancy.ledger;
        }
        self.running.ledger(self.project(answered))
    }
}

/// Malformed input in the journal.
pub(super) struct NotedMalformed {
    pub(super) index: u64,
    pub(super) arrived: Duration,
    pub(super) running: Arc<Running>,
}

/// Journals malformed input, as far as it could be read, and counts its refusal. The entry is in flight.
pub(super) fn note_malformed(
    state: &State,
    progress: &Progress,
    refused: Refused,
    (method, target): (&str, &str),
) -> (NotedMalformed, Answered) {
    let arrived = state.clock.now();
    let arrival = Arrival::Malformed { method, target, tls: progress.tls() };
    let (index, running) = state.arrive(&arrival, arrived, progress.is_by_console());
    progress.arrived(index);
    let answered = api::reject(state, None, refused);
    let first = FirstRequest {
        index,
        request: Arrival::Malformed { method, target, tls: None }.request_line(),
        at_ms: state.clock.ms_at(arrived),
    };
    let rejections = &running.ledger(None).notes_by(progress.is_by_console()).rejections;
    state.reject(rejections, answered.reply.status(), answered.problem().unwrap_or(""), &[target, method], &first);
    (NotedMalformed { index, arrived, running }, answered)
}
