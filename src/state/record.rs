//! One request as the journal keeps it.
//!
//! Its text (method, target, redacted headers) lies in `texts.rs`. Ids are found in the target again when
//! someone reads the entry.

use super::arrival::{Ids, head, headers};
use super::entry::{Answer, Cause, Causes, Decision, DecisionError, Entry, EntryState};
use super::journal::Filter;
use super::texts::Span;
use crate::draw::{Password, RequestId};
use crate::engine::{Outcome, Refusal};
use crate::scenario::{Phase, RuleLabel};
use std::sync::Arc;
use std::time::Duration;

/// What was decided about a counted call. The rule itself is not kept: it may be large, and gone.
#[derive(Debug)]
pub(crate) struct Decided {
    call: u64,
    status: u16,
    password: Option<Password>,
    refusal: Option<Box<Refusal>>,
    phase: Option<Phase>,
    rule: Option<Arc<RuleLabel>>,
}

/// How a request ended.
#[derive(Debug)]
pub(crate) struct Finish {
    pub(crate) request_id: RequestId,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<Decided>,
    pub(crate) answer: Answer,
    /// Why it was rejected.
    pub(crate) problem: Option<Box<str>>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) index: u64,
    epoch: u64,
    at_ms: u64,
    arrived: Duration,
    ended: Option<Duration>,
    pub(super) span: Span,
    ending: Ending,
}

#[derive(Debug)]
enum Ending {
    InFlight,
    Cut,
    Finished(Finish),
}

impl Record {
    /// A request that arrives.
    pub(super) fn new(index: u64, epoch: u64, at_ms: u64, arrived: Duration, span: Span) -> Self {
        Self { index, epoch, at_ms, arrived, ended: None, span, ending: Ending::InFlight }
    }

    pub(super) fn finish(&mut self, finish: Finish, ended: Duration) {
        self.ended = Some(ended);
        self.ending = Ending::Finished(finish);
    }

    pub(super) fn cut(&mut self, ended: Duration) {
        self.ended = Some(ended);
        self.ending = Ending::Cut;
    }

    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self.ending, Ending::InFlight)
    }

    pub(super) fn bytes(&self) -> usize {
        self.span.length()
            + match &self.ending {
                Ending::InFlight | Ending::Cut => 0,
                Ending::Finished(finish) => finish.bytes(),
            }
    }

    fn state(&self) -> EntryState {
        match &self.ending {
            Ending::InFlight => EntryState::InFlight,
            Ending::Cut => EntryState::Cut,
            Ending::Finished(finish) if finish.decided.is_some() => EntryState::Answered,
            Ending::Finished(_) => EntryState::Rejected,
        }
    }

    fn finished(&self) -> Option<&Finish> {
        match &self.ending {
            Ending::Finished(finish) => Some(finish),
            Ending::InFlight | Ending::Cut => None,
        }
    }

    /// Cheap conditions first: those on the target take it apart.
    pub(super) fn matches(&self, filter: &Filter, text: &[u8]) -> bool {
        let finished = self.finished();
        let state = filter.state.is_none_or(|state| state == self.state());
        let status = filter.status.is_none_or(|status| finished.is_some_and(|finish| finish.answer.status == status));
        let id = filter.request_id.is_none_or(|id| finished.is_some_and(|finish| finish.request_id == id));
        if !(state && status && id) {
            return false;
        }
        if filter.project.is_none() && filter.user.is_none() && filter.operation.is_none() {
            return true;
        }
        let ids = Ids::of(text);
        let same = |asked: &Option<String>, is: Option<&str>| asked.is_none() || asked.as_deref() == is;
        same(&filter.project, ids.project.as_deref())
            && same(&filter.user, ids.user.as_deref())
            && same(&filter.operation, ids.operation)
    }

    pub(super) fn entry(&self, text: &[u8]) -> Entry {
        let (method, target) = head(text);
        let ids = Ids::of(text);
        let finished = self.finished();
        let decided = finished.and_then(|finish| finish.decided.as_ref());
        Entry {
            index: self.index,
            epoch: self.epoch,
            request_id: finished.map(|finish| finish.request_id.to_string()),
            state: self.state(),
            at_ms: self.at_ms,
            operation: ids.operation.map(str::to_owned),
            method: method.to_owned(),
            target: target.to_owned(),
            project: ids.project,
            user: ids.user,
            call: decided.map(|decided| decided.call),
            notification_type: ids.notification_type,
            headers: headers(text),
            decision: decided.map(Decided::shown),
            answer: finished.map(|finish| finish.answer),
            problem: finished.and_then(|finish| finish.problem.as_deref().map(str::to_owned)),
            arrived: self.arrived,
            ended: self.ended,
        }
    }
}

impl Finish {
    /// What it takes, and what it holds on the heap.
    pub(super) fn bytes(&self) -> usize {
        let refusal = self.decided.as_ref().and_then(|decided| decided.refusal.as_ref());
        let rule = self.decided.as_ref().and_then(|decided| decided.rule.as_ref());
        // A label may be shared, or be the last of its kind.
        let label = rule.map_or(0, |label| size_of::<RuleLabel>() + label.name.len() + label.place.len());
        let said = refusal.map_or(0, |refusal| {
            let sealed = refusal.encoded_authorization_message.as_ref();
            size_of::<Refusal>() + refusal.code.len() + refusal.message.len() + sealed.map_or(0, String::capacity)
        });
        size_of::<Self>() + said + label + self.problem.as_ref().map_or(0, |problem| problem.len())
    }
}

impl Decided {
    pub(crate) fn new(call: u64, outcome: Outcome) -> Self {
        let Outcome { status, password, refusal, phase, rule } = outcome;
        Self { call, status, password, refusal, phase, rule: rule.map(|rule| Arc::clone(&rule.label)) }
    }

    fn shown(&self) -> Decision {
        let cause = |label: &Arc<RuleLabel>| Cause { rule: label.name.clone(), place: label.place.clone() };
        let error =
            |refusal: &Refusal| DecisionError { code: refusal.code.to_string(), message: refusal.message.to_string() };
        Decision {
            status: self.status,
            phase: self.phase.map(Phase::name),
            delay_ms: 0,
            fault: None,
            password: self.password.map(|password| password.to_string()),
            error: self.refusal.as_deref().map(error),
            causes: Causes { status: self.rule.as_ref().map(cause) },
        }
    }
}
