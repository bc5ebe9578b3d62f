//! The journal of a server: the last requests and their answers, within bounds of entries and bytes.
//!
//! A record is created on arrival. Its text goes into blocks that are reused, so that memory stays constant once the journal
//! is full.

use super::arrival::Arrival;
use super::entry::Entry;
use super::filter::{Filter, Order};
use super::record::{At, Record, Sent, Settled};
use super::texts::Texts;
use crate::limits::Limits;
use crate::state::changes::Changes;
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use std::collections::VecDeque;
use std::time::Duration;

/// Records for which room is reserved; unused room costs nothing.
const RECORDS_RESERVED_MAX: usize = 100_000;

/// Records that are looked at before others have the journal again.
pub(super) const SLICE: usize = 64;

/// A part of a page that is read under one lock.
#[derive(Debug)]
pub(super) struct Slice {
    /// Entries that meet all conditions but the text.
    pub(super) entries: Vec<Entry>,
    /// The last index that was looked at.
    pub(super) at: u64,
    /// The last index that the page is about, where the oldest come first.
    pub(super) until: u64,
    pub(super) is_last: bool,
    /// The lowest index that is there.
    pub(super) first: u64,
    pub(super) dropped_through: u64,
    pub(super) dropped: u64,
    /// Number of removals.
    pub(super) removals: u64,
}

/// The journal of a server.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(super) kept: Mutex<Kept>,
    pub(crate) changes: Changes,
    entries_max: usize,
    /// Of texts and bodies. Bodies take a half of it at most.
    bytes_max: usize,
    /// Shown of a body that is made of the decision.
    pub(super) body_bytes_max: usize,
}

/// How full a journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct JournalFill {
    /// Number of entries that are kept.
    pub(crate) entries: usize,
    /// Memory of their texts.
    pub(crate) bytes: usize,
    /// Number of entries that were dropped for lack of space.
    pub(crate) dropped: u64,
}

#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By ascending index.
    pub(super) records: VecDeque<Record>,
    /// The texts of the records, in the same order.
    pub(super) texts: Texts,
    pub(super) last_index: u64,
    /// Bytes of texts, and of records on the heap.
    bytes: usize,
    dropped: u64,
    /// The entries that were given bodies, in that order, and their bytes: also of entries that are gone meanwhile.
    with_bodies: VecDeque<(u64, usize)>,
    /// Of `with_bodies`.
    body_bytes: usize,
    /// The highest index that a limit dropped.
    pub(super) dropped_through: u64,
    /// The last index when a reset removed entries.
    pub(super) reset_through: u64,
    /// Number of removals, by a reset or on request.
    removals: u64,
    /// Where the text of an arrival is put together; emptied, and used for the next.
    arriving: Vec<u8>,
}

impl Kept {
    fn clear(&mut self) {
        self.removals += 1;
        self.records.clear();
        self.texts.clear();
        self.bytes = 0;
        self.with_bodies.clear();
        self.body_bytes = 0;
    }

    fn entry(&self, record: &Record, body_bytes_max: usize) -> Entry {
        record.entry(self.texts.get(record.span), body_bytes_max)
    }

    /// Notes the bodies of an entry and drops the oldest. Bodies are dropped earlier than entries, since verdicts need
    /// entries.
    fn note_bodies(&mut self, index: u64, entries_max: usize, bytes_max: usize) {
        let added = self.position(index).and_then(|at| self.records.get(at)).map_or(0, Record::body_bytes);
        if added == 0 {
            return;
        }
        self.with_bodies.push_back((index, added));
        self.body_bytes += added;
        while let Some((first, bytes)) = self.with_bodies.front().copied() {
            let at = self.position(first);
            if at.is_some() && self.body_bytes <= bytes_max && self.with_bodies.len() <= entries_max {
                break;
            }
            self.with_bodies.pop_front();
            self.body_bytes -= bytes;
            self.bytes -= at.and_then(|at| self.records.get_mut(at)).map_or(0, Record::drop_bodies);
        }
    }

    fn look_at<'k>(
        &'k self,
        mut records: impl Iterator<Item = &'k Record>,
        filter: &Filter,
        (room, body_bytes_max): (usize, usize),
        slice: &mut Slice,
    ) {
        for record in records.by_ref().take(SLICE) {
            slice.at = record.index;
            if record.matches(filter, self.texts.get(record.span)) {
                slice.entries.push(self.entry(record, body_bytes_max));
                if slice.entries.len() == room {
                    break;
                }
            }
        }
        slice.is_last = records.next().is_none();
    }

    fn in_flight(&mut self, index: u64) -> Option<&mut Record> {
        let at = self.position(index)?;
        self.records.get_mut(at).filter(|record| record.is_in_flight())
    }

    pub(super) fn position(&self, index: u64) -> Option<usize> {
        // Without a project's reset in between, indices follow one another.
        let first = self.records.front()?.index;
        let near = usize::try_from(index.checked_sub(first)?).ok()?;
        if self.records.get(near).is_some_and(|record| record.index == index) {
            return Some(near);
        }
        self.records.binary_search_by_key(&index, |record| record.index).ok()
    }
}

impl Journal {
    pub(crate) fn new(entries_max: usize, bytes_max: usize) -> Self {
        let records = VecDeque::with_capacity(entries_max.min(RECORDS_RESERVED_MAX));
        let kept = Kept { records, ..Kept::default() };
        let body_bytes_max = Limits::default().entry_body_bytes_max;
        Self { kept: Mutex::new(kept), changes: Changes::default(), entries_max, bytes_max, body_bytes_max }
    }

    /// Shows at most `body_bytes_max` bytes of a body that is derived from the decision.
    pub(in crate::state) fn showing_of_bodies(self, body_bytes_max: usize) -> Self {
        Self { body_bytes_max, ..self }
    }

    /// Creates the entry of a request that arrives, and gives its index. `now` gives the epoch and the time, and a value that
    /// belongs to the same moment.
    pub(crate) fn arrive<T>(&self, arrival: &Arrival<'_>, now: impl FnOnce() -> (At, T)) -> (u64, T) {
        let mut kept = self.kept.lock();
        let kept = &mut *kept;
        let (at, together) = now();
        kept.arriving.clear();
        arrival.write(&mut kept.arriving);
        self.make_room(kept, 1, kept.arriving.len());
        kept.last_index += 1;
        let index = kept.last_index;
        if kept.arriving.len() > self.bytes_max {
            kept.dropped += 1;
            kept.dropped_through = index;
        } else {
            let span = kept.texts.push(&kept.arriving);
            kept.bytes += span.length();
            kept.records.push_back(Record::new(index, at, span));
        }
        (index, together)
    }

    /// Ends an entry that is in flight with the decision and the answer.
    pub(crate) fn finish(&self, index: u64, settled: Settled, sent: Sent) {
        let mut kept = self.kept.lock();
        let more = settled.bytes();
        if let Some(record) = kept.in_flight(index) {
            record.settle(settled);
            record.answer(sent);
            self.add(&mut kept, index, more);
        }
        self.changes.tell();
    }

    /// Notes the decision about a request whose answer is delayed, in place of an earlier one.
    pub(crate) fn settle(&self, index: u64, settled: Settled) {
        let mut kept = self.kept.lock();
        if let Some(record) = kept.in_flight(index) {
            let before = record.bytes();
            record.settle(settled);
            let more = record.bytes();
            kept.bytes -= before;
            self.add(&mut kept, index, more);
        }
        self.changes.tell();
    }

    /// Ends the entry of a request that was decided before.
    pub(crate) fn answer(&self, index: u64, sent: Sent) {
        let mut kept = self.kept.lock();
        if let Some(record) = kept.in_flight(index) {
            record.answer(sent);
        }
        self.changes.tell();
    }

    /// Ends an entry whose request gets no answer.
    pub(crate) fn cut(&self, index: u64, now: Duration) {
        let mut kept = self.kept.lock();
        if let Some(record) = kept.in_flight(index) {
            record.cut(now);
        }
        self.changes.tell();
    }

    /// Counts bytes that a record has got. Most get none.
    #[inline]
    fn add(&self, kept: &mut Kept, index: u64, bytes: usize) {
        if bytes > 0 {
            kept.bytes += bytes;
            kept.note_bodies(index, self.entries_max, self.bytes_max / 2);
            self.make_room(kept, 0, 0);
        }
    }

    /// Drops the oldest entries until there is room for `entries` and `bytes` more.
    fn make_room(&self, kept: &mut Kept, entries: usize, bytes: usize) {
        while kept.records.len() + entries > self.entries_max || kept.bytes + bytes > self.bytes_max {
            let Some(oldest) = kept.records.front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
            kept.texts.drop_oldest(oldest.span);
            kept.dropped += 1;
            kept.dropped_through = oldest.index;
            drop(kept.records.pop_front());
        }
    }

    /// Removes all entries. Indices go on, and the count of dropped entries stays.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.lock();
        kept.clear();
        self.changes.tell();
    }

    /// Removes the entries of a project, or all, and runs `together` under the same lock, with the index of the last entry.
    pub(crate) fn restart(&self, project: Option<&str>, together: impl FnOnce(u64)) {
        let mut kept = self.kept.lock();
        together(kept.last_index);
        kept.reset_through = kept.last_index;
        if let Some(project) = project {
            let kept = &mut *kept;
            kept.removals += 1;
            let texts = &kept.texts;
            kept.records.retain(|record| record.ids(texts.get(record.span)).project.as_deref() != Some(project));
            kept.texts.keep(kept.records.iter_mut().map(|record| &mut record.span));
            kept.bytes = kept.records.iter().map(Record::bytes).sum();
        } else {
            kept.clear();
            (kept.dropped, kept.dropped_through) = (0, 0);
        }
        self.changes.tell();
    }

    /// The index of the last entry.
    pub(in crate::state) fn last_index(&self) -> u64 {
        self.kept.lock().last_index
    }

    pub(crate) fn fill(&self) -> JournalFill {
        let kept = self.kept.lock();
        JournalFill { entries: kept.records.len(), bytes: kept.bytes, dropped: kept.dropped }
    }

    pub(crate) fn entry(&self, index: u64) -> Option<Entry> {
        let kept = self.kept.lock();
        let at = kept.position(index)?;
        kept.records.get(at).map(|record| kept.entry(record, self.body_bytes_max))
    }

    /// Looks at the next records of a page with room for `room` more, then hands the lock to the next waiter.
    pub(super) fn slice(&self, filter: &Filter, at: u64, until: Option<u64>, room: usize) -> Slice {
        let kept = self.kept.lock();
        let until = until.unwrap_or(kept.last_index);
        let mut slice = Slice {
            entries: Vec::new(),
            at,
            until,
            is_last: false,
            first: kept.records.front().map_or(0, |record| record.index),
            dropped_through: kept.dropped_through,
            dropped: kept.dropped,
            removals: kept.removals,
        };
        match filter.order {
            Order::Oldest => {
                let from = kept.records.partition_point(|record| record.index <= at);
                let to = kept.records.partition_point(|record| record.index <= until).max(from);
                kept.look_at(kept.records.range(from..to), filter, (room, self.body_bytes_max), &mut slice);
            }
            Order::Newest => {
                let to = kept.records.partition_point(|record| record.index < at);
                kept.look_at(kept.records.range(..to).rev(), filter, (room, self.body_bytes_max), &mut slice);
            }
        }
        MutexGuard::unlock_fair(kept);
        slice
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RequestIds;
    use crate::state::EntryState;
    use crate::state::Extras;
    use crate::state::journal::filter::Page;
    use hyper::Request;
    use hyper::http::request::Parts;

    fn request(target: &str) -> Parts {
        let request = Request::get(target).header("X-Auth-Token", "secret").header("Accept", "a").header("Accept", "b");
        request.body(()).unwrap().into_parts().0
    }

    fn arrive(journal: &Journal, request: &Parts, epoch: u64, at_ms: u64) -> u64 {
        journal
            .arrive(&Arrival::of(request), || {
                (At { epoch, at_ms, time: Duration::ZERO, by_console: false, is_http_2: false }, ())
            })
            .0
    }

    fn reject(journal: &Journal, index: u64) {
        let request_id = RequestIds::new(0, "").uncounted();
        let sent = Sent { status: 400, bytes: 0, took: Duration::ZERO };
        journal.finish(
            index,
            Settled {
                request_id,
                decided: None,
                extras: Some(Box::new(Extras { problem: Some("no".into()), ..Extras::default() })),
            },
            sent,
        );
    }

    fn page_of(journal: &Journal, filter: &Filter) -> Page {
        journal.page(filter, |_| true)
    }

    fn indices(page: &Page) -> Vec<u64> {
        page.entries.iter().map(|entry| entry.index).collect()
    }

    #[test]
    fn entry_exists_on_arrival_and_shows_its_end() {
        let journal = Journal::new(10, 1 << 20);
        let index =
            arrive(&journal, &request("/v2/p/users/%75/random-password?notification_type=email%2Cphone&x=1"), 3, 7);
        let entry = journal.entry(index).unwrap();
        assert_eq!((entry.state, entry.epoch, entry.at_ms), (EntryState::InFlight, 3, 7));
        assert_eq!((entry.project.as_deref(), entry.user.as_deref()), (Some("p"), Some("u")));
        assert_eq!(entry.notification_type, ["email", "phone"]);
        assert_eq!(entry.headers.get("x-auth-token").unwrap(), "[redacted]");
        assert_eq!(entry.headers.get("accept").unwrap(), "a, b");
        reject(&journal, index);
        let entry = journal.entry(index).unwrap();
        assert_eq!((entry.state, entry.problem.as_deref()), (EntryState::Rejected, Some("no")));
        let index = arrive(&journal, &request("/"), 3, 7);
        journal.cut(index, Duration::ZERO);
        assert_eq!(journal.entry(index).unwrap().state, EntryState::Cut);
        reject(&journal, index);
        assert_eq!(journal.entry(index).unwrap().state, EntryState::Cut);
    }

    #[test]
    fn later_decision_replaces_the_earlier_one() {
        let journal = Journal::new(10, 1 << 20);
        let index = arrive(&journal, &request("/"), 1, 0);
        let settle = |problem: &str| {
            let extras = Extras { problem: Some(problem.into()), ..Extras::default() };
            let request_id = RequestIds::new(0, "").uncounted();
            journal.settle(index, Settled { request_id, decided: None, extras: Some(Box::new(extras)) });
            journal.fill().bytes
        };
        let bytes = settle("no");
        assert_eq!((settle("never"), settle("no")), (bytes + 3, bytes));
        journal.clear();
        assert_eq!(journal.fill().bytes, 0);
    }

    #[test]
    fn ids_are_not_read_from_the_query() {
        let journal = Journal::new(10, 1 << 20);
        for target in ["http://host?/v2/p/users/u/random-password", "/?/v2/p/users/u/random-password"] {
            let entry = journal.entry(arrive(&journal, &request(target), 1, 0)).unwrap();
            assert_eq!((entry.operation, entry.project, entry.user), (None, None, None), "{target}");
        }
    }

    #[test]
    fn the_oldest_is_dropped_at_the_bound_of_entries() {
        let journal = Journal::new(3, 1 << 20);
        for _ in 0..3 {
            arrive(&journal, &request("/"), 1, 0);
        }
        assert_eq!(journal.fill().dropped, 0);
        arrive(&journal, &request("/"), 1, 0);
        let page = page_of(&journal, &Filter { limit: 9, ..Filter::default() });
        assert_eq!((indices(&page), page.truncated, page.dropped, page.next), (vec![2, 3, 4], true, 1, 4));
        let page = page_of(&journal, &Filter { since: 1, limit: 9, ..Filter::default() });
        assert!(!page.truncated);
    }

    #[test]
    fn the_oldest_is_dropped_at_the_bound_of_bytes() {
        let one = {
            let journal = Journal::new(9, 1 << 20);
            arrive(&journal, &request("/"), 1, 0);
            journal.fill().bytes
        };
        let journal = Journal::new(9, 2 * one);
        for _ in 0..3 {
            arrive(&journal, &request("/"), 1, 0);
        }
        assert_eq!(journal.fill(), JournalFill { entries: 2, bytes: 2 * one, dropped: 1 });
    }

    #[test]
    fn cursor_goes_on_past_filtered_entries() {
        let journal = Journal::new(9, 1 << 20);
        for user in ["a", "b", "a", "c"] {
            arrive(&journal, &request(&format!("/v2/p/users/{user}/random-password")), 1, 0);
        }
        let of = |since, limit, user: &str| {
            let filter = Filter { since, limit, user: Some(user.to_owned()), ..Filter::default() };
            let page = page_of(&journal, &filter);
            (indices(&page), page.next)
        };
        assert_eq!(of(0, 1, "a"), (vec![1], 1));
        assert_eq!(of(1, 1, "a"), (vec![3], 3));
        assert_eq!(of(3, 1, "a"), (vec![], 4));
        assert_eq!(of(9, 1, "a"), (vec![], 9));
    }

    #[test]
    fn indices_go_on_after_clearing() {
        let journal = Journal::new(9, 1 << 20);
        arrive(&journal, &request("/v2/p/users/u/random-password"), 1, 0);
        arrive(&journal, &request("/v2/q/users/u/random-password"), 1, 0);
        journal.restart(Some("p"), |_| ());
        assert_eq!(indices(&page_of(&journal, &Filter { limit: 9, ..Filter::default() })), [2]);
        journal.clear();
        assert_eq!(arrive(&journal, &request("/"), 1, 0), 3);
        reject(&journal, 2);
        assert_eq!(journal.fill().entries, 1);
    }
}
