//! Reads the changes that a follower of the journal has not seen: new entries, and later states of entries in flight.

use super::store::{Journal, Kept};
use crate::state::journal::entry::Entry;
use crate::state::journal::record::Record;
use std::ops::Range;
use std::sync::Arc;

/// Entries and bytes of text and bodies that are copied under one hold of the lock; one entry is always copied whole.
const ENTRIES_MAX: usize = 256;
const TEXT_BYTES_MAX: usize = 64 << 10;

/// How much of the journal a follower has seen.
#[derive(Clone, Debug, Default)]
pub(in crate::state) struct EntryMark {
    /// The highest index that was seen.
    pub(in crate::state) seen: u64,
    /// Entries that were in flight when they were seen, by ascending index, each with whether it was decided.
    open: Arc<Vec<(u64, bool)>>,
}

/// Entries that a follower has not seen as they are now. They are copied under the lock, and put together after it.
#[derive(Debug, Default)]
pub(in crate::state) struct Glance {
    copied: Vec<(Record, Range<usize>)>,
    texts: Vec<u8>,
    /// Of the bodies that were copied with their records.
    body_bytes: usize,
    /// Shown of a body that is made of the decision.
    body_bytes_max: usize,
    /// Entries dropped before the follower saw them, or their end. For a follower without gaps, deleted ones count too.
    pub(in crate::state) missed: u64,
    /// Whether there is more to see now.
    pub(in crate::state) more: bool,
}

impl EntryMark {
    /// The mark of a follower that has seen everything up to an index, and nothing in flight.
    pub(in crate::state) fn at(seen: u64) -> Self {
        Self { seen, open: Arc::default() }
    }

    /// The highest index up to which the end of every entry was seen.
    pub(in crate::state) fn ended_through(&self) -> u64 {
        self.open.first().map_or(self.seen, |(index, _)| index - 1)
    }

    /// Whether an entry was seen in flight and has changed since.
    fn is_to_see_again(&self, record: &Record) -> bool {
        self.decided(record.index).is_some_and(|decided| !is_as_seen(record, decided))
    }

    /// Whether an entry was decided that was in flight when it was seen.
    fn decided(&self, index: u64) -> Option<bool> {
        let at = self.open.binary_search_by_key(&index, |(index, _)| *index).ok()?;
        self.open.get(at).map(|(_, decided)| *decided)
    }

    /// The memory of the list, which marks share.
    pub(in crate::state) fn bytes(&self) -> usize {
        self.open.len() * size_of::<(u64, bool)>()
    }
}

/// Whether an entry is as it was when it was seen in flight.
fn is_as_seen(record: &Record, decided: bool) -> bool {
    record.is_in_flight() && record.is_settled() == decided
}

impl Glance {
    /// The entries in order: first the changed ones, then the new ones, both by index.
    pub(in crate::state) fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.copied.iter().map(|(record, text)| {
            let text = invariant!(self.texts.get(text.clone()), &[], "each record was copied with its text");
            record.entry(text, self.body_bytes_max)
        })
    }

    fn is_full(&self) -> bool {
        self.copied.len() >= ENTRIES_MAX || self.texts.len() + self.body_bytes >= TEXT_BYTES_MAX
    }

    fn copy(&mut self, kept: &Kept, record: &Record) {
        let from = self.texts.len();
        self.texts.extend_from_slice(kept.texts.get(record.span));
        self.body_bytes += record.body_bytes();
        self.copied.push((record.clone(), from..self.texts.len()));
    }

    /// Copies changes of entries that were in flight, but for those that the follower `through` has not seen either.
    fn look_at_open(&mut self, kept: &Kept, mark: &mut EntryMark, through: Option<&EntryMark>) {
        let mut left = Vec::new();
        for (index, decided) in mark.open.iter() {
            let record = kept.position(*index).and_then(|at| kept.records.get(at));
            let Some(record) = record else {
                // An entry that is gone and was not dropped by a limit was deleted.
                self.missed += u64::from(*index <= kept.dropped_through);
                continue;
            };
            let is_told =
                is_as_seen(record, *decided) || through.is_some_and(|through| through.is_to_see_again(record));
            if is_told || self.is_full() {
                self.more |= !is_told;
                left.push((*index, *decided));
                continue;
            }
            self.copy(kept, record);
            if record.is_in_flight() {
                left.push((*index, record.is_settled()));
            }
        }
        if left != *mark.open {
            mark.open = Arc::new(left);
        }
    }

    /// Copies entries that the follower has not seen, up to those that the follower `through` has, and as far as that.
    fn look_at_new(&mut self, kept: &Kept, mark: &mut EntryMark, through: Option<&EntryMark>) {
        let last = through.map_or(kept.last_index, |through| through.seen);
        let dropped_through = kept.dropped_through.min(last);
        self.missed += dropped_through.saturating_sub(mark.seen);
        mark.seen = mark.seen.max(dropped_through);
        // A follower without gaps has seen an entry before it was deleted, unless that was too soon. A reset is an event itself.
        let unseen = |mark: &EntryMark, until: u64| match through {
            None => until.saturating_sub(mark.seen.max(kept.reset_through)),
            Some(_) => 0,
        };
        let from = kept.records.partition_point(|record| record.index <= mark.seen);
        for record in kept.records.range(from..).take_while(|record| record.index <= last) {
            if self.is_full() {
                self.more = true;
                return;
            }
            self.missed += unseen(mark, record.index - 1);
            mark.seen = record.index;
            let open = if let Some(through) = through.filter(|through| through.is_to_see_again(record)) {
                through.decided(record.index)
            } else {
                self.copy(kept, record);
                record.is_in_flight().then(|| record.is_settled())
            };
            Arc::make_mut(&mut mark.open).extend(open.map(|decided| (record.index, decided)));
        }
        self.missed += unseen(mark, last);
        mark.seen = mark.seen.max(last);
    }
}

impl Journal {
    /// The mark of a follower that has seen all there is.
    pub(in crate::state) fn mark(&self) -> EntryMark {
        let kept = self.kept.lock();
        let open = kept.records.iter().filter(|record| record.is_in_flight());
        let open = open.map(|record| (record.index, record.is_settled())).collect();
        EntryMark { seen: kept.last_index, open: Arc::new(open) }
    }

    /// Copies the changes that a follower has not seen, up to those that the follower `through` has, and moves the mark.
    pub(in crate::state) fn look(&self, mark: &mut EntryMark, through: Option<&EntryMark>) -> Glance {
        let kept = self.kept.lock();
        let mut glance = Glance { body_bytes_max: self.body_bytes_max, ..Glance::default() };
        if !mark.open.is_empty() {
            glance.look_at_open(&kept, mark, through);
        }
        if !glance.more {
            glance.look_at_new(&kept, mark, through);
        }
        glance
    }

    /// Runs `together` between two arrivals, with the index of the last entry.
    pub(in crate::state) fn between<T>(&self, together: impl FnOnce(u64) -> T) -> T {
        let kept = self.kept.lock();
        together(kept.last_index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RequestIds;
    use crate::state::{Arrival, At, EntryState, Sent, Settled};
    use std::time::Duration;

    const MALFORMED: Arrival<'_> = Arrival::Malformed { method: "GET", target: "/", tls: None };

    fn arrive(journal: &Journal) -> u64 {
        journal
            .arrive(&MALFORMED, || {
                (At { epoch: 1, at_ms: 0, time: Duration::ZERO, by_console: false, is_http_2: false }, ())
            })
            .0
    }

    fn settled() -> Settled {
        Settled { request_id: RequestIds::new(0, "").uncounted(), decided: None, extras: None }
    }

    fn answer(journal: &Journal, index: u64) {
        journal.answer(index, Sent { status: 200, bytes: 0, took: Duration::ZERO });
    }

    fn seen(journal: &Journal, mark: &mut EntryMark) -> (Vec<(u64, EntryState, bool)>, u64, bool) {
        let glance = journal.look(mark, None);
        let entries = glance.entries().map(|entry| (entry.index, entry.state, entry.request_id.is_some()));
        (entries.collect(), glance.missed, glance.more)
    }

    #[test]
    fn follower_sees_each_state_of_an_entry_once() {
        let journal = Journal::new(9, 1 << 20);
        let mut mark = journal.mark();
        let first = arrive(&journal);
        let second = arrive(&journal);
        answer(&journal, second);
        let (in_flight, ended) = (EntryState::InFlight, EntryState::Rejected);
        assert_eq!(seen(&journal, &mut mark).0, [(first, in_flight, false), (second, ended, false)]);
        assert_eq!((mark.seen, mark.ended_through()), (second, first - 1));
        assert_eq!(seen(&journal, &mut mark), (vec![], 0, false));
        journal.settle(first, settled());
        assert_eq!(seen(&journal, &mut mark).0, [(first, in_flight, true)]);
        assert_eq!(seen(&journal, &mut mark), (vec![], 0, false));
        // One who begins now sees its end too.
        let mut late = journal.mark();
        answer(&journal, first);
        assert_eq!(seen(&journal, &mut mark).0, [(first, ended, true)]);
        assert_eq!(seen(&journal, &mut late).0, [(first, ended, true)]);
        assert_eq!((seen(&journal, &mut mark), mark.ended_through()), ((vec![], 0, false), second));
    }

    #[test]
    fn late_follower_reads_entries_that_others_have_read() {
        let journal = Journal::new(9, 1 << 20);
        let mut other = journal.mark();
        let [ended, decided, as_seen] = [0; 3].map(|_| arrive(&journal));
        seen(&journal, &mut other);
        answer(&journal, ended);
        journal.settle(decided, settled());
        let mut late = EntryMark::at(0);
        let caught_up = |late: &mut EntryMark| {
            let glance = journal.look(late, Some(&other));
            assert!(!glance.more);
            glance.entries().map(|entry| (entry.index, entry.state)).collect::<Vec<_>>()
        };
        assert_eq!(caught_up(&mut late), [(as_seen, EntryState::InFlight)]);
        assert_eq!((late.seen, late.ended_through()), (as_seen, 0));
        answer(&journal, as_seen);
        assert_eq!(caught_up(&mut late), []);
        // Both are still to see the same, each once.
        let rest = [
            (ended, EntryState::Rejected, false),
            (decided, EntryState::InFlight, true),
            (as_seen, EntryState::Rejected, false),
        ];
        for mark in [&mut late, &mut other.clone()] {
            assert_eq!(seen(&journal, mark), (rest.to_vec(), 0, false));
            assert_eq!(mark.ended_through(), decided - 1);
        }
    }

    #[test]
    fn dropped_entries_are_counted_and_deleted_ones_not() {
        let journal = Journal::new(3, 1 << 20);
        let mut mark = journal.mark();
        arrive(&journal);
        seen(&journal, &mut mark);
        for _ in 0..5 {
            arrive(&journal);
        }
        let (entries, missed, _) = seen(&journal, &mut mark);
        assert_eq!(entries.iter().map(|(index, ..)| *index).collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!(missed, 3, "the end of the first, the second and the third");
        journal.clear();
        assert_eq!((seen(&journal, &mut mark), mark.ended_through()), ((vec![], 0, false), 6));
        // Entries that no constant follower has read yet.
        arrive(&journal);
        arrive(&journal);
        journal.clear();
        let mut late = EntryMark::at(6);
        assert_eq!(journal.look(&mut late, Some(&journal.mark())).missed, 0);
        arrive(&journal);
        let (entries, missed, _) = seen(&journal, &mut mark);
        assert_eq!((entries.len(), missed, mark.seen), (1, 2, 9));
        arrive(&journal);
        journal.clear();
        assert_eq!((seen(&journal, &mut mark), mark.seen), ((vec![], 1, false), 10));
        // A reset tells of itself.
        arrive(&journal);
        journal.restart(None, |_| ());
        assert_eq!((seen(&journal, &mut mark), mark.seen), ((vec![], 0, false), 11));
    }

    #[test]
    fn glance_is_bounded_and_reports_more() {
        let journal = Journal::new(10_000, 1 << 20);
        let mut mark = journal.mark();
        let count = ENTRIES_MAX as u64 + 1;
        for _ in 0..count {
            arrive(&journal);
        }
        let (entries, _, more) = seen(&journal, &mut mark);
        assert_eq!((entries.len(), more, mark.seen), (ENTRIES_MAX, true, ENTRIES_MAX as u64));
        let (entries, _, more) = seen(&journal, &mut mark);
        assert_eq!((entries.len(), more, mark.seen), (1, false, count));
        // Their ends are bounded too, and none is lost.
        (1..=count).for_each(|index| answer(&journal, index));
        let (entries, _, more) = seen(&journal, &mut mark);
        assert_eq!((entries.len(), more, mark.ended_through()), (ENTRIES_MAX, true, count - 1));
        assert_eq!(seen(&journal, &mut mark), (vec![(count, EntryState::Rejected, false)], 0, false));
    }
}
