//! One request as the journal keeps it.
//!
//! Its text (method, target, redacted headers) is in `texts.rs`. Ids are read from the target again when the entry is read.

use super::arrival::{Ids, head, headers, tls};
use super::bodies::{KeptBody, of_password};
use super::entry::{Answer, Body, By, Cause, Causes, Decision, DecisionError, Entry, EntryState};
use super::filter::Filter;
use super::texts::Span;
use crate::draw::{Password, RequestId};
use crate::engine::{Injected, Outcome, Refusal};
use crate::scenario::{Fault, Phase, RuleLabel};
use std::sync::Arc;
use std::time::Duration;

/// The decision about a counted call. The rule itself is not kept: it may be large, and removed.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    call: u64,
    status: u16,
    password: Option<Password>,
    refusal: Option<Box<Refusal>>,
    phase: Option<Phase>,
    rule: Option<Arc<RuleLabel>>,
    held: Option<Box<Held>>,
}

/// The effects of rules on an answer beyond its status.
#[derive(Clone, Debug)]
struct Held {
    delay: Option<(Arc<RuleLabel>, u32)>,
    fault: Option<(Arc<RuleLabel>, Fault)>,
}

/// The outcome of a request that is decided.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) request_id: RequestId,
    /// The decision, if the call was counted.
    pub(crate) decided: Option<Decided>,
    pub(crate) extras: Option<Box<Extras>>,
}

/// Parts that most requests do not have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    /// Why it was rejected.
    pub(crate) problem: Option<Box<str>>,
    /// The account that calls, as `domain/name`, if credentials name one.
    pub(crate) account: Option<Box<str>>,
    /// The clone in which it happened, although the path names its template.
    pub(crate) clone: Option<Box<str>>,
    pub(crate) request_body: Option<Box<KeptBody>>,
    /// Of an answer that is not made of the decision alone.
    pub(crate) answer_body: Option<Box<KeptBody>>,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) status: u16,
    /// Of the body.
    pub(crate) bytes: u64,
    /// How long it took from arrival.
    pub(crate) took: Duration,
}

/// When a request arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) epoch: u64,
    /// Virtual time.
    pub(crate) at_ms: u64,
    /// Real time since the start of the server.
    pub(crate) time: Duration,
    /// Whether the console sent it.
    pub(crate) by_console: bool,
    pub(crate) is_http_2: bool,
}

#[derive(Clone, Debug)]
pub(in crate::state) struct Record {
    pub(in crate::state) index: u64,
    arrived: At,
    pub(in crate::state) span: Span,
    settled: Option<Settled>,
    ending: Ending,
}

#[derive(Clone, Debug)]
enum Ending {
    InFlight,
    /// How long after its arrival.
    Cut(Duration),
    Answered(Sent),
}

impl Record {
    /// A request that arrives.
    pub(in crate::state) fn new(index: u64, arrived: At, span: Span) -> Self {
        Self { index, arrived, span, settled: None, ending: Ending::InFlight }
    }

    pub(in crate::state) fn settle(&mut self, settled: Settled) {
        self.settled = Some(settled);
    }

    pub(in crate::state) fn answer(&mut self, sent: Sent) {
        self.ending = Ending::Answered(sent);
    }

    pub(in crate::state) fn cut(&mut self, now: Duration) {
        self.ending = Ending::Cut(now.saturating_sub(self.arrived.time));
    }

    pub(in crate::state) fn is_in_flight(&self) -> bool {
        matches!(self.ending, Ending::InFlight)
    }

    pub(in crate::state) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    pub(in crate::state) fn bytes(&self) -> usize {
        self.span.length() + self.settled.as_ref().map_or(0, Settled::bytes)
    }

    fn decided(&self) -> Option<&Decided> {
        self.settled.as_ref()?.decided.as_ref()
    }

    fn extras(&self) -> Option<&Extras> {
        self.settled.as_ref()?.extras.as_deref()
    }

    /// The ids that the request names: the clone's, if the account is bound to one.
    pub(in crate::state) fn ids(&self, text: &[u8]) -> Ids {
        let ids = Ids::of(text);
        match self.extras().and_then(|extras| extras.clone.as_deref()) {
            Some(clone) => Ids { project: Some(clone.to_owned()), ..ids },
            None => ids,
        }
    }

    fn state(&self) -> EntryState {
        match &self.ending {
            Ending::InFlight => EntryState::InFlight,
            // Malformed input that HTTP/2 has no answer to.
            Ending::Cut(_) if self.is_settled() && self.decided().is_none() => EntryState::Rejected,
            Ending::Cut(_) => EntryState::Cut,
            Ending::Answered(_) if self.decided().is_some() => EntryState::Answered,
            Ending::Answered(_) => EntryState::Rejected,
        }
    }

    fn answered(&self) -> Option<Answer> {
        let Ending::Answered(Sent { status, bytes, took }) = self.ending else {
            return None;
        };
        Some(Answer { status, bytes, after_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) })
    }

    fn ended(&self) -> Option<Duration> {
        match self.ending {
            Ending::InFlight => None,
            Ending::Cut(took) | Ending::Answered(Sent { took, .. }) => Some(self.arrived.time + took),
        }
    }

    /// Cheap conditions first: those on the target take it apart.
    pub(in crate::state) fn matches(&self, filter: &Filter, text: &[u8]) -> bool {
        let state = filter.state.is_none_or(|state| state == self.state());
        let answered = || self.answered().map(|answer| answer.status);
        let status = filter.status.is_none_or(|status| answered() == Some(status));
        let known = || self.settled.as_ref().map(|settled| settled.request_id);
        let id = filter.request_id.is_none_or(|id| known() == Some(id));
        let rule = filter.rule.as_deref().is_none_or(|rule| self.decided().is_some_and(|one| one.is_caused_by(rule)));
        let account = || self.extras().and_then(|extras| extras.account.as_deref()).unwrap_or("");
        let called = filter.account.as_deref().is_none_or(|name| is_account(account(), name));
        let by = filter.by_console.is_none_or(|by_console| by_console == self.arrived.by_console);
        if !(state && status && id && rule && called && by) {
            return false;
        }
        if filter.project.is_none() && filter.user.is_none() && filter.operation.is_none() {
            return true;
        }
        let ids = self.ids(text);
        let same = |asked: &Option<String>, is: Option<&str>| asked.is_none() || asked.as_deref() == is;
        same(&filter.project, ids.project.as_deref())
            && same(&filter.user, ids.user.as_deref())
            && same(&filter.operation, ids.operation)
    }

    /// Bytes of the bodies that are kept.
    pub(in crate::state) fn body_bytes(&self) -> usize {
        self.extras().map_or(0, Extras::body_bytes)
    }

    /// Drops the texts of bodies; gives how many bytes that frees.
    pub(in crate::state) fn drop_bodies(&mut self) -> usize {
        let before = self.body_bytes();
        if let Some(extras) = self.settled.as_mut().and_then(|settled| settled.extras.as_deref_mut()) {
            let bodies = [&mut extras.request_body, &mut extras.answer_body].into_iter().flatten();
            bodies.for_each(|body| body.drop_text());
        }
        before - self.body_bytes()
    }

    fn request_body(&self) -> Option<Body> {
        self.extras()?.request_body.as_deref().map(KeptBody::shown)
    }

    /// The body of the answer, and the effect of a fault. `most` bytes are shown of one that is derived from the decision.
    fn answer_body(&self, method: &str, most: usize) -> Option<Body> {
        let decided = self.decided();
        let fault = decided.and_then(|decided| decided.held.as_ref()?.fault.as_ref()).map(|(_, fault)| *fault);
        let kept = self.extras().and_then(|extras| extras.answer_body.as_deref()).map(KeptBody::shown);
        match self.ending {
            Ending::InFlight | Ending::Answered(Sent { bytes: 0, .. }) => None,
            Ending::Answered(Sent { bytes, .. }) => {
                let of_decision = || of_password(decided?.password.as_ref()?, bytes, most);
                let mut body = kept.or_else(of_decision)?.spoilt(fault, self.arrived.is_http_2);
                if method == "HEAD" {
                    body.add_note("Not sent, because the request is a HEAD.");
                }
                Some(body)
            }
            Ending::Cut(_) => decided.map(|_| Body::unsent(fault, self.arrived.is_http_2)),
        }
    }

    pub(in crate::state) fn entry(&self, text: &[u8], body_bytes_max: usize) -> Entry {
        let (method, target) = head(text);
        let ids = self.ids(text);
        let settled = self.settled.as_ref();
        let decided = self.decided();
        Entry {
            index: self.index,
            epoch: self.arrived.epoch,
            request_id: settled.map(|settled| settled.request_id.to_string()),
            state: self.state(),
            at_ms: self.arrived.at_ms,
            arrived_unix_ms: 0,
            operation: ids.operation.map(str::to_owned),
            method: method.to_owned(),
            target: target.to_owned(),
            project: ids.project,
            user: ids.user,
            account: self
                .extras()
                .and_then(|extras| extras.account.as_deref())
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            call: decided.map(|decided| decided.call),
            notification_type: ids.notification_type,
            headers: headers(text),
            request_body: self.request_body(),
            decision: decided.map(Decided::shown),
            answer: self.answered(),
            answer_body: self.answer_body(method, body_bytes_max),
            problem: self.extras().and_then(|extras| extras.problem.as_deref().map(str::to_owned)),
            tls: tls(text),
            by: self.arrived.by_console.then_some(By::Console),
            arrived: self.arrived.time,
            ended: self.ended(),
        }
    }
}

impl Settled {
    /// Bytes on the heap.
    pub(in crate::state) fn bytes(&self) -> usize {
        let decided = self.decided.as_ref();
        decided.map_or(0, Decided::bytes) + self.extras.as_deref().map_or(0, Extras::bytes)
    }
}

impl Extras {
    #[cold]
    fn bytes(&self) -> usize {
        let texts = [&self.problem, &self.account, &self.clone].into_iter().flatten();
        size_of::<Self>() + texts.map(|text| text.len()).sum::<usize>() + self.body_bytes()
    }

    fn body_bytes(&self) -> usize {
        [&self.request_body, &self.answer_body].into_iter().flatten().map(|body| body.held()).sum()
    }
}

impl Decided {
    #[inline]
    pub(crate) fn new(call: u64, outcome: Outcome) -> Self {
        let Outcome { status, password, refusal, phase, rule, injected } = outcome;
        let held = injected.map(|injected| Box::new(Held::of(&injected)));
        Self { call, status, password, refusal, phase, rule: rule.map(|rule| Arc::clone(&rule.label)), held }
    }

    fn bytes(&self) -> usize {
        // So it is for most calls.
        if self.rule.is_none() && self.held.is_none() && self.refusal.is_none() {
            return 0;
        }
        let said = self.refusal.as_ref().map_or(0, |refusal| {
            let sealed = refusal.encoded_authorization_message.as_ref();
            size_of::<Refusal>() + refusal.code.len() + refusal.message.len() + sealed.map_or(0, String::capacity)
        });
        let held = self.held.as_ref().map_or(0, |_| size_of::<Held>());
        said + held + self.labels().map(label_bytes).sum::<usize>()
    }

    /// The labels of the rules that caused facets.
    fn labels(&self) -> impl Iterator<Item = &Arc<RuleLabel>> {
        let held = self.held.as_deref();
        let delay = held.and_then(|held| held.delay.as_ref()).map(|(label, _)| label);
        let fault = held.and_then(|held| held.fault.as_ref()).map(|(label, _)| label);
        [self.rule.as_ref(), delay, fault].into_iter().flatten()
    }

    /// Whether a rule of that name caused a facet.
    fn is_caused_by(&self, rule: &str) -> bool {
        self.labels().any(|label| label.name == rule)
    }

    pub(crate) fn shown(&self) -> Decision {
        let error =
            |refusal: &Refusal| DecisionError { code: refusal.code.to_string(), message: refusal.message.to_string() };
        let delay = self.held.as_ref().and_then(|held| held.delay.as_ref());
        let fault = self.held.as_ref().and_then(|held| held.fault.as_ref());
        Decision {
            status: self.status,
            phase: self.phase.map(Phase::name),
            delay_ms: delay.map_or(0, |(_, ms)| u64::from(*ms)),
            fault: fault.map(|(_, fault)| fault.name()),
            password: self.password.map(|password| password.to_string()),
            error: self.refusal.as_deref().map(error),
            causes: Causes {
                status: self.rule.as_deref().map(cause),
                delay: delay.map(|(rule, _)| cause(rule)),
                fault: fault.map(|(rule, _)| cause(rule)),
            },
        }
    }
}

impl Held {
    fn of(injected: &Injected) -> Self {
        Self {
            delay: injected.delay.as_ref().map(|(rule, ms)| (Arc::clone(&rule.label), *ms)),
            fault: injected.fault.as_ref().map(|(rule, fault)| (Arc::clone(&rule.label), *fault)),
        }
    }
}

/// Whether an account, as `domain/name`, is the one that is meant by that or by its name alone.
fn is_account(account: &str, meant: &str) -> bool {
    account == meant || account.strip_suffix(meant).is_some_and(|domain| !meant.is_empty() && domain.ends_with('/'))
}

/// A label may be shared, or be the last of its kind.
fn label_bytes(label: &Arc<RuleLabel>) -> usize {
    size_of::<RuleLabel>() + label.name.len() + label.place.len()
}

fn cause(label: &RuleLabel) -> Cause {
    Cause { rule: label.name.clone(), place: label.place.clone() }
}
