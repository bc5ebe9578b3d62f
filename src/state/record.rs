//! One request as the journal keeps it.
//!
//! Its texts (method, target, redacted headers) lie in one buffer. Ids are found in the target again when someone
//! reads the entry.

use super::entry::{Answer, Cause, Causes, Decision, DecisionError, Entry, EntryState};
use super::journal::Filter;
use super::redaction::redacted;
use crate::contract::{NotificationType, PathValue, notification_types, route};
use crate::draw::{Password, RequestId};
use crate::engine::{Outcome, Refusal};
use crate::scenario::RuleLabel;
use hyper::http::request::Parts;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes that the texts of a usual request take.
const TEXTS_USUAL: usize = 256;

/// What arrives.
#[derive(Debug)]
pub(crate) enum Arrival<'r> {
    Request(&'r Parts),
    /// What is no request, as far as it could be read.
    Malformed {
        method: &'r str,
        target: &'r str,
    },
}

/// What was decided about a counted call. The rule itself is not kept: it may be large, and gone.
#[derive(Debug)]
pub(crate) struct Decided {
    call: u64,
    status: u16,
    password: Option<Password>,
    refusal: Option<Box<Refusal>>,
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
    pub(crate) problem: Option<String>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) index: u64,
    epoch: u64,
    at_ms: u64,
    /// Method, a space, target, a line feed; then `name:value` and a line feed for each header.
    texts: Vec<u8>,
    ending: Ending,
}

#[derive(Debug)]
enum Ending {
    InFlight,
    Cut,
    Finished(Finish),
}

impl Record {
    /// A request that arrives; its texts take the place of `spare`'s.
    pub(super) fn new(index: u64, epoch: u64, at_ms: u64, arrival: &Arrival<'_>, spare: Vec<u8>) -> Self {
        Self { index, epoch, at_ms, texts: texts_of(arrival, spare), ending: Ending::InFlight }
    }

    pub(super) fn finish(&mut self, finish: Finish) {
        self.ending = Ending::Finished(finish);
    }

    pub(super) fn cut(&mut self) {
        self.ending = Ending::Cut;
    }

    pub(super) fn into_spare(self) -> Vec<u8> {
        self.texts
    }

    pub(super) fn is_of_project(&self, project: &str) -> bool {
        self.ids().project.as_deref() == Some(project)
    }

    pub(super) fn bytes(&self) -> usize {
        self.texts.capacity()
            + match &self.ending {
                Ending::InFlight | Ending::Cut => 0,
                Ending::Finished(finish) => finish.bytes(),
            }
    }

    fn head(&self) -> (&str, &str) {
        let head = self.texts.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let head = std::str::from_utf8(head).unwrap_or("");
        head.split_once(' ').unwrap_or((head, ""))
    }

    fn ids(&self) -> Ids {
        let (method, target) = self.head();
        let target = match target.find("://") {
            Some(at) if !target.starts_with('/') => {
                let after = target.get(at + 3..).unwrap_or("");
                // Without a path the query follows the host, and a slash in it begins none.
                after.find(['/', '?']).and_then(|end| after.get(end..)).unwrap_or("")
            }
            _ => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some((operation, values)) = route(path, method).known_path() else {
            return Ids::default();
        };
        let text = |value| match value {
            PathValue::Text(text) => Some(text.into_owned()),
            PathValue::Undecodable(_) => None,
        };
        let [project, user] = values;
        let asked = notification_types(query).unwrap_or_default();
        let asked = NotificationType::ALL.into_iter().filter(|one| asked.contains(*one));
        Ids {
            operation: Some(operation.id),
            project: text(project),
            user: text(user),
            notification_type: asked.map(|one| one.name().to_owned()).collect(),
        }
    }

    fn headers(&self) -> BTreeMap<String, String> {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for line in self.texts.split(|byte| *byte == b'\n').skip(1) {
            let line = String::from_utf8_lossy(line);
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let joined = headers.entry(name.to_owned()).or_default();
            if !joined.is_empty() {
                joined.push_str(", ");
            }
            joined.push_str(value);
        }
        headers
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
    pub(super) fn matches(&self, filter: &Filter) -> bool {
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
        let ids = self.ids();
        let same = |asked: &Option<String>, is: Option<&str>| asked.is_none() || asked.as_deref() == is;
        same(&filter.project, ids.project.as_deref())
            && same(&filter.user, ids.user.as_deref())
            && same(&filter.operation, ids.operation)
    }

    pub(super) fn entry(&self) -> Entry {
        let (method, target) = self.head();
        let ids = self.ids();
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
            headers: self.headers(),
            decision: decided.map(Decided::shown),
            answer: finished.map(|finish| finish.answer),
            problem: finished.and_then(|finish| finish.problem.clone()),
        }
    }
}

fn texts_of(arrival: &Arrival<'_>, spare: Vec<u8>) -> Vec<u8> {
    match arrival {
        Arrival::Request(request) => texts_of_request(request, spare),
        Arrival::Malformed { method, target } => {
            drop(spare);
            let mut texts = Vec::with_capacity(method.len() + target.len() + 2);
            for text in [method, " ", target, "\n"] {
                texts.extend_from_slice(text.as_bytes());
            }
            texts
        }
    }
}

fn texts_of_request(request: &Parts, spare: Vec<u8>) -> Vec<u8> {
    let target = request.uri.path_and_query().map_or("", |target| target.as_str());
    let target: Cow<'_, str> = match request.uri.authority() {
        None => target.into(),
        Some(authority) => {
            // What stands before an @ may be a password.
            let scheme = request.uri.scheme_str().unwrap_or("http");
            let host = authority.as_str().rsplit('@').next().unwrap_or("");
            format!("{scheme}://{host}{target}").into()
        }
    };
    let mut texts = spare;
    texts.clear();
    texts.reserve(TEXTS_USUAL);
    for text in [request.method.as_str(), " ", &target, "\n"] {
        texts.extend_from_slice(text.as_bytes());
    }
    for (name, value) in &request.headers {
        texts.extend_from_slice(name.as_str().as_bytes());
        texts.push(b':');
        texts.extend_from_slice(&redacted(name.as_str(), value.as_bytes()));
        texts.push(b'\n');
    }
    // A buffer may come from a much larger request, and is counted by its capacity.
    if texts.capacity() > texts.len() * 2 + TEXTS_USUAL {
        texts.shrink_to_fit();
    }
    texts
}

/// What a target says about whom.
#[derive(Default)]
struct Ids {
    operation: Option<&'static str>,
    project: Option<String>,
    user: Option<String>,
    notification_type: Vec<String>,
}

impl Finish {
    /// What lies on the heap.
    fn bytes(&self) -> usize {
        let refusal = self.decided.as_ref().and_then(|decided| decided.refusal.as_ref());
        let rule = self.decided.as_ref().and_then(|decided| decided.rule.as_ref());
        // A label may be shared, or be the last of its kind.
        let label = rule.map_or(0, |label| size_of::<RuleLabel>() + label.name.len() + label.place.len());
        let said = refusal.map_or(0, |refusal| {
            let sealed = refusal.encoded_authorization_message.as_ref();
            size_of::<Refusal>() + refusal.code.len() + refusal.message.len() + sealed.map_or(0, String::capacity)
        });
        size_of::<Self>() + said + label + self.problem.as_ref().map_or(0, String::capacity)
    }
}

impl Decided {
    pub(crate) fn new(call: u64, outcome: Outcome) -> Self {
        let Outcome { status, password, refusal, rule } = outcome;
        Self { call, status, password, refusal, rule: rule.map(|rule| Arc::clone(&rule.label)) }
    }

    fn shown(&self) -> Decision {
        let cause = |label: &Arc<RuleLabel>| Cause { rule: label.name.clone(), place: label.place.clone() };
        let error =
            |refusal: &Refusal| DecisionError { code: refusal.code.to_string(), message: refusal.message.to_string() };
        Decision {
            status: self.status,
            phase: None,
            delay_ms: 0,
            fault: None,
            password: self.password.map(|password| password.to_string()),
            error: self.refusal.as_deref().map(error),
            causes: Causes { status: self.rule.as_ref().map(cause) },
        }
    }
}
