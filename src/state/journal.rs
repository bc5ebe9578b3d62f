//! What was asked and answered: the last requests, within a bound of entries and one of bytes.
//!
//! An entry is made on arrival. Its texts (method, target, redacted headers) lie in one buffer, which the next
//! entry takes over when it drops out. Ids are found in the target again when someone reads the entry.

use super::entry::{Answer, Cause, Causes, Decision, DecisionError, Entry, EntryState};
use super::redaction::redacted;
use crate::contract::{NotificationType, PathValue, Route, notification_types, route};
use crate::draw::RequestId;
use crate::engine::Outcome;
use hyper::http::request::Parts;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};

/// The journal of a server.
#[derive(Debug)]
pub(crate) struct Journal {
    kept: Mutex<Kept>,
    entries_max: usize,
    bytes_max: usize,
}

/// How a request ended.
#[derive(Debug)]
pub(crate) struct Finish {
    pub(crate) request_id: RequestId,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<(u64, Outcome)>,
    pub(crate) answer: Answer,
    /// Why it was rejected.
    pub(crate) problem: Option<String>,
}

/// Which entries are asked for.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Only entries with a higher index.
    pub(crate) since: u64,
    pub(crate) limit: usize,
    pub(crate) project: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) state: Option<EntryState>,
    pub(crate) request_id: Option<RequestId>,
}

/// Some entries, and where to go on.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The index to give as `since` for what comes after.
    pub(crate) next: u64,
    /// Whether entries after `since` were dropped before they could be read.
    pub(crate) truncated: bool,
    pub(crate) dropped: u64,
}

/// How full a journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) dropped: u64,
}

#[derive(Debug, Default)]
struct Kept {
    /// By ascending index.
    records: VecDeque<Record>,
    last_index: u64,
    bytes: usize,
    dropped: u64,
    /// The highest index that was dropped for want of room.
    dropped_through: u64,
    spare: Vec<u8>,
}

#[derive(Debug)]
struct Record {
    index: u64,
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
    Finished(Box<Finish>),
}

impl Journal {
    pub(crate) fn new(entries_max: usize, bytes_max: usize) -> Self {
        Self {
            kept: Mutex::default(),
            entries_max,
            bytes_max,
        }
    }

    /// Makes the entry of a request that arrives, and gives its index.
    pub(crate) fn arrive(&self, request: &Parts, epoch: u64, at_ms: u64) -> u64 {
        let mut kept = self.kept.lock();
        kept.last_index += 1;
        let texts = texts_of(request, std::mem::take(&mut kept.spare));
        let record = Record {
            index: kept.last_index,
            epoch,
            at_ms,
            texts,
            ending: Ending::InFlight,
        };
        kept.bytes += record.bytes();
        kept.records.push_back(record);
        let index = kept.last_index;
        self.drop_oldest(&mut kept);
        index
    }

    /// Ends an entry, if it is still there.
    pub(crate) fn finish(&self, index: u64, finish: Finish) {
        self.end(index, Ending::Finished(Box::new(finish)));
    }

    /// Ends an entry whose request gets no answer.
    pub(crate) fn cut(&self, index: u64) {
        self.end(index, Ending::Cut);
    }

    fn end(&self, index: u64, ending: Ending) {
        let mut kept = self.kept.lock();
        let Ok(at) = kept
            .records
            .binary_search_by_key(&index, |record| record.index)
        else {
            return;
        };
        if let Some(record) = kept.records.get_mut(at) {
            let before = record.bytes();
            record.ending = ending;
            let after = record.bytes();
            kept.bytes = kept.bytes + after - before;
        }
        self.drop_oldest(&mut kept);
    }

    fn drop_oldest(&self, kept: &mut Kept) {
        while kept.records.len() > self.entries_max || kept.bytes > self.bytes_max {
            let Some(oldest) = kept.records.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
            kept.dropped += 1;
            kept.dropped_through = oldest.index;
            kept.spare = oldest.texts;
        }
    }

    /// Removes the entries of a project, or all. Indices go on.
    pub(crate) fn clear(&self, project: Option<&str>) {
        let mut kept = self.kept.lock();
        if let Some(project) = project {
            kept.records
                .retain(|record| record.ids().project.as_deref() != Some(project));
            kept.bytes = kept.records.iter().map(Record::bytes).sum();
        } else {
            let last_index = kept.last_index;
            *kept = Kept {
                last_index,
                ..Kept::default()
            };
        }
    }

    pub(crate) fn fill(&self) -> Fill {
        let kept = self.kept.lock();
        Fill {
            entries: kept.records.len(),
            bytes: kept.bytes,
            dropped: kept.dropped,
        }
    }

    pub(crate) fn entry(&self, index: u64) -> Option<Entry> {
        let kept = self.kept.lock();
        let at = kept
            .records
            .binary_search_by_key(&index, |record| record.index)
            .ok()?;
        kept.records.get(at).map(Record::entry)
    }

    pub(crate) fn page(&self, filter: &Filter) -> Page {
        let kept = self.kept.lock();
        let from = kept
            .records
            .partition_point(|record| record.index <= filter.since);
        let mut entries = Vec::new();
        let mut next = kept.last_index.max(filter.since);
        for record in kept.records.range(from..) {
            if entries.len() == filter.limit {
                next = entries
                    .last()
                    .map_or(filter.since, |last: &Entry| last.index);
                break;
            }
            if record.matches(filter) {
                entries.push(record.entry());
            }
        }
        Page {
            entries,
            next,
            truncated: filter.since < kept.dropped_through,
            dropped: kept.dropped,
        }
    }
}

fn texts_of(request: &Parts, mut spare: Vec<u8>) -> Vec<u8> {
    let target = request
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    let target: std::borrow::Cow<'_, str> = match request.uri.authority() {
        None => target.into(),
        Some(_) => request.uri.to_string().into(),
    };
    let method = request.method.as_str();
    let lines = request.headers.iter().map(|(name, value)| {
        name.as_str().len() + redacted(name.as_str(), value.as_bytes()).len() + 2
    });
    let needed = method.len() + target.len() + 2 + lines.sum::<usize>();
    spare.clear();
    if spare.capacity() < needed || spare.capacity() > needed * 2 + 256 {
        spare = Vec::with_capacity(needed);
    }
    for text in [method, " ", &target, "\n"] {
        spare.extend_from_slice(text.as_bytes());
    }
    for (name, value) in &request.headers {
        spare.extend_from_slice(name.as_str().as_bytes());
        spare.push(b':');
        spare.extend_from_slice(&redacted(name.as_str(), value.as_bytes()));
        spare.push(b'\n');
    }
    spare
}

/// What a target says about whom.
#[derive(Default)]
struct Ids {
    operation: Option<&'static str>,
    project: Option<String>,
    user: Option<String>,
    notification_type: Vec<String>,
}

impl Record {
    fn bytes(&self) -> usize {
        self.texts.capacity()
            + match &self.ending {
                Ending::InFlight | Ending::Cut => 0,
                Ending::Finished(finish) => finish.bytes(),
            }
    }

    fn head(&self) -> (&str, &str) {
        let head = self
            .texts
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or(&[]);
        let head = std::str::from_utf8(head).unwrap_or("");
        head.split_once(' ').unwrap_or((head, ""))
    }

    fn ids(&self) -> Ids {
        let (method, target) = self.head();
        let target = match target.find("://") {
            Some(at) if !target.starts_with('/') => {
                let after = target.get(at + 3..).unwrap_or("");
                after
                    .find('/')
                    .and_then(|slash| after.get(slash..))
                    .unwrap_or("")
            }
            _ => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Route::Known { operation, values } = route(path, method) else {
            return Ids::default();
        };
        let text = |value| match value {
            PathValue::Text(text) => Some(text.into_owned()),
            PathValue::Undecodable(_) => None,
        };
        let [project, user] = values;
        let asked = notification_types(query).unwrap_or_default();
        let asked = NotificationType::ALL
            .into_iter()
            .filter(|one| asked.contains(*one));
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
    fn matches(&self, filter: &Filter) -> bool {
        let finished = self.finished();
        let state = filter.state.is_none_or(|state| state == self.state());
        let status = filter
            .status
            .is_none_or(|status| finished.is_some_and(|finish| finish.answer.status == status));
        let id = filter
            .request_id
            .is_none_or(|id| finished.is_some_and(|finish| finish.request_id == id));
        if !(state && status && id) {
            return false;
        }
        if filter.project.is_none() && filter.user.is_none() && filter.operation.is_none() {
            return true;
        }
        let ids = self.ids();
        let same =
            |asked: &Option<String>, is: Option<&str>| asked.is_none() || asked.as_deref() == is;
        same(&filter.project, ids.project.as_deref())
            && same(&filter.user, ids.user.as_deref())
            && same(&filter.operation, ids.operation)
    }

    fn entry(&self) -> Entry {
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
            call: decided.map(|(call, _)| *call),
            notification_type: ids.notification_type,
            headers: self.headers(),
            decision: decided.map(|(_, outcome)| decision(outcome)),
            answer: finished.map(|finish| finish.answer),
            problem: finished.and_then(|finish| finish.problem.clone()),
        }
    }
}

impl Finish {
    /// What lies on the heap.
    fn bytes(&self) -> usize {
        let refusal = self
            .decided
            .as_ref()
            .and_then(|(_, outcome)| outcome.refusal.as_ref());
        let said = refusal.map_or(0, |refusal| {
            let sealed = refusal.encoded_authorization_message.as_ref();
            refusal.code.len() + refusal.message.len() + sealed.map_or(0, String::capacity)
        });
        size_of::<Self>() + said + self.problem.as_ref().map_or(0, String::capacity)
    }
}

fn decision(outcome: &Outcome) -> Decision {
    Decision {
        status: outcome.status,
        phase: None,
        delay_ms: 0,
        fault: None,
        password: outcome.password.map(|password| password.to_string()),
        error: outcome.refusal.as_ref().map(|refusal| DecisionError {
            code: refusal.code.to_string(),
            message: refusal.message.to_string(),
        }),
        causes: Causes {
            status: outcome.rule.as_ref().map(|rule| Cause {
                rule: rule.label.name.clone(),
                place: rule.label.place.clone(),
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RequestIds;
    use hyper::Request;

    fn request(target: &str) -> Parts {
        let request = Request::get(target)
            .header("X-Auth-Token", "secret")
            .header("Accept", "a")
            .header("Accept", "b");
        request.body(()).unwrap().into_parts().0
    }

    fn rejected(status: u16) -> Finish {
        Finish {
            request_id: RequestIds::new(0, "").uncounted(),
            decided: None,
            answer: Answer {
                status,
                bytes: 0,
                after_ms: 1,
            },
            problem: Some("no".to_owned()),
        }
    }

    fn indices(page: &Page) -> Vec<u64> {
        page.entries.iter().map(|entry| entry.index).collect()
    }

    #[test]
    fn an_entry_is_there_on_arrival_and_says_how_it_ended() {
        let journal = Journal::new(10, 1 << 20);
        let index = journal.arrive(
            &request("/v2/p/users/%75/random-password?notification_type=email%2Cphone&x=1"),
            3,
            7,
        );
        let entry = journal.entry(index).unwrap();
        assert_eq!(
            (entry.state, entry.epoch, entry.at_ms),
            (EntryState::InFlight, 3, 7)
        );
        assert_eq!(
            (entry.project.as_deref(), entry.user.as_deref()),
            (Some("p"), Some("u"))
        );
        assert_eq!(entry.notification_type, ["email", "phone"]);
        assert_eq!(entry.headers.get("x-auth-token").unwrap(), "[redacted]");
        assert_eq!(entry.headers.get("accept").unwrap(), "a, b");
        journal.finish(index, rejected(400));
        let entry = journal.entry(index).unwrap();
        assert_eq!(
            (entry.state, entry.problem.as_deref()),
            (EntryState::Rejected, Some("no"))
        );
        journal.cut(index);
        assert_eq!(journal.entry(index).unwrap().state, EntryState::Cut);
    }

    #[test]
    fn the_oldest_is_dropped_at_the_bound_of_entries() {
        let journal = Journal::new(3, 1 << 20);
        for _ in 0..3 {
            journal.arrive(&request("/"), 1, 0);
        }
        assert_eq!(journal.fill().dropped, 0);
        journal.arrive(&request("/"), 1, 0);
        let page = journal.page(&Filter {
            limit: 9,
            ..Filter::default()
        });
        assert_eq!(
            (indices(&page), page.truncated, page.dropped, page.next),
            (vec![2, 3, 4], true, 1, 4)
        );
        let page = journal.page(&Filter {
            since: 1,
            limit: 9,
            ..Filter::default()
        });
        assert!(!page.truncated);
    }

    #[test]
    fn the_oldest_is_dropped_at_the_bound_of_bytes() {
        let one = {
            let journal = Journal::new(9, 1 << 20);
            journal.arrive(&request("/"), 1, 0);
            journal.fill().bytes
        };
        let journal = Journal::new(9, 2 * one);
        for _ in 0..3 {
            journal.arrive(&request("/"), 1, 0);
        }
        assert_eq!(
            journal.fill(),
            Fill {
                entries: 2,
                bytes: 2 * one,
                dropped: 1
            }
        );
    }

    #[test]
    fn pages_are_read_by_cursor_and_a_filter_does_not_stop_it() {
        let journal = Journal::new(9, 1 << 20);
        for user in ["a", "b", "a", "c"] {
            journal.arrive(
                &request(&format!("/v2/p/users/{user}/random-password")),
                1,
                0,
            );
        }
        let of = |since, limit, user: &str| {
            let filter = Filter {
                since,
                limit,
                user: Some(user.to_owned()),
                ..Filter::default()
            };
            let page = journal.page(&filter);
            (indices(&page), page.next)
        };
        assert_eq!(of(0, 1, "a"), (vec![1], 1));
        assert_eq!(of(1, 1, "a"), (vec![3], 3));
        assert_eq!(of(3, 1, "a"), (vec![], 4));
        assert_eq!(of(9, 1, "a"), (vec![], 9));
    }

    #[test]
    fn indices_go_on_after_a_clearing() {
        let journal = Journal::new(9, 1 << 20);
        journal.arrive(&request("/v2/p/users/u/random-password"), 1, 0);
        journal.arrive(&request("/v2/q/users/u/random-password"), 1, 0);
        journal.clear(Some("p"));
        assert_eq!(
            indices(&journal.page(&Filter {
                limit: 9,
                ..Filter::default()
            })),
            [2]
        );
        journal.clear(None);
        assert_eq!(journal.arrive(&request("/"), 1, 0), 3);
        journal.finish(2, rejected(400));
        assert_eq!(journal.fill().entries, 1);
    }
}
