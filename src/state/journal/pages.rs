//! Reads pages of the journal.
//!
//! A page is read in slices, and the journal is unlocked between them: no request waits for a reader longer than a slice
//! takes. Hiding secrets and looking for a text take long, and are done without the lock.

use super::entry::Entry;
use super::filter::{Filter, Order, Page};
use super::store::Journal;

/// Attempts at a page: it is read again if entries were removed meanwhile, so that it shows one moment.
const BEGUN_MAX: usize = 4;

impl Journal {
    /// Reads a page. `keep` has each entry that passes all conditions but the text, and says whether it is part of the page.
    pub(crate) fn page(&self, filter: &Filter, mut keep: impl FnMut(&mut Entry) -> bool) -> Page {
        let mut begun = 1;
        loop {
            match self.page_of_one_time(filter, &mut keep, begun == BEGUN_MAX) {
                Some(page) => return page,
                None => begun += 1,
            }
        }
    }

    /// Reads a page; `None` if entries were removed meanwhile, unless that does not matter.
    fn page_of_one_time(
        &self,
        filter: &Filter,
        keep: &mut impl FnMut(&mut Entry) -> bool,
        whatever_is_removed: bool,
    ) -> Option<Page> {
        let mut page = Page { entries: Vec::new(), next: 0, truncated: false, dropped: 0 };
        let mut at = match filter.order {
            Order::Oldest => filter.since,
            Order::Newest => filter.before.unwrap_or(u64::MAX),
        };
        let (mut until, mut removals) = (None, None);
        loop {
            // The number of entries with the text is not known yet.
            let room = if filter.text.is_some() { usize::MAX } else { filter.limit - page.entries.len() };
            let slice = self.slice(filter, at, until, room);
            if !whatever_is_removed && *removals.get_or_insert(slice.removals) != slice.removals {
                return None;
            }
            page.dropped = slice.dropped;
            page.truncated |= filter.order == Order::Oldest && at < slice.dropped_through;
            until = Some(slice.until);
            at = slice.at;
            for mut entry in slice.entries {
                if page.entries.len() < filter.limit && keep(&mut entry) {
                    page.entries.push(entry);
                }
            }
            let is_full = page.entries.len() >= filter.limit;
            if !is_full && !slice.is_last {
                continue;
            }
            let last = page.entries.last().filter(|_| is_full).map(|last| last.index);
            page.next = match filter.order {
                Order::Oldest => last.unwrap_or(slice.until.max(filter.since)),
                Order::Newest => last.filter(|last| *last > slice.first).unwrap_or(0),
            };
            page.truncated |= filter.order == Order::Newest && page.next == 0 && slice.dropped_through > 0;
            return Some(page);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::SLICE;
    use super::*;
    use crate::state::{Arrival, At};
    use hyper::Request;
    use proptest::prelude::*;
    use std::time::Duration;

    fn arrive(journal: &Journal, user: &str) -> u64 {
        let request = Request::get(format!("/v2/p/users/{user}/random-password")).body(()).unwrap().into_parts().0;
        journal
            .arrive(&Arrival::of(&request), || {
                (At { epoch: 1, at_ms: 0, time: Duration::ZERO, by_console: false, is_http_2: false }, ())
            })
            .0
    }

    fn filled(entries_max: usize, users: &[u8]) -> Journal {
        let journal = Journal::new(entries_max, usize::MAX);
        for user in users {
            arrive(&journal, &format!("u{user}"));
        }
        journal
    }

    fn indices(page: &Page) -> Vec<u64> {
        page.entries.iter().map(|entry| entry.index).collect()
    }

    #[test]
    fn journal_is_unlocked_between_slices() {
        let journal = filled(10_000, &[7; 10 * SLICE]);
        let none = Filter { limit: 9, user: Some("nobody".to_owned()), ..Filter::default() };
        let slice = journal.slice(&none, 0, None, 9);
        assert_eq!((slice.at, slice.is_last), (SLICE as u64, false));
        let (mut looked, mut arrived) = (0, 0);
        let page = journal.page(&Filter { limit: 5, text: Some("x".to_owned()), ..Filter::default() }, |_| {
            looked += 1;
            arrived = arrive(&journal, "late");
            false
        });
        // Entries that arrive meanwhile belong to the next page; otherwise a page would have no end.
        assert_eq!((looked, page.next, arrived), (10 * SLICE, 10 * SLICE as u64, 20 * SLICE as u64));
    }

    #[test]
    fn page_shows_one_moment() {
        let journal = filled(10_000, &[7; 2 * SLICE]);
        let mut is_first = true;
        let page = journal.page(&Filter { limit: 10_000, ..Filter::default() }, |_| {
            if std::mem::take(&mut is_first) {
                journal.clear();
                arrive(&journal, "new");
            }
            true
        });
        assert_eq!(indices(&page), [2 * SLICE as u64 + 1]);
        // A client that removes entries repeatedly does not stop readers.
        let journal = filled(10_000, &[7; 2 * SLICE]);
        let page = journal.page(&Filter { limit: 10_000, order: Order::Newest, ..Filter::default() }, |_| {
            journal.clear();
            for _ in 0..=SLICE {
                arrive(&journal, "new");
            }
            true
        });
        assert_eq!((page.entries.len(), page.next), (SLICE, 0));
    }

    #[test]
    fn page_reports_entries_dropped_while_reading() {
        let journal = filled(2 * SLICE, &[7; 2 * SLICE]);
        let mut is_first = true;
        let page = journal.page(&Filter { limit: 10_000, ..Filter::default() }, |_| {
            if std::mem::take(&mut is_first) {
                for _ in 0..=SLICE {
                    arrive(&journal, "late");
                }
            }
            true
        });
        assert_eq!((page.entries.len(), page.truncated), (2 * SLICE - 1, true));
    }

    proptest! {
        #[test]
        fn pages_of_either_order_have_each_entry_once(
            users in prop::collection::vec(0..4_u8, 0..300),
            entries_max in 1..400_usize,
            limit in 1..150_usize,
            asked in prop::option::of(0..5_u8),
            by_text in any::<bool>(),
        ) {
            let journal = filled(entries_max, &users);
            let name = asked.map(|user| format!("u{user}"));
            let dropped = users.len().saturating_sub(entries_max);
            let there = (1..=users.len() as u64).zip(&users).skip(dropped);
            let expected: Vec<_> =
                there.filter(|(_, user)| asked.is_none_or(|asked| asked == **user)).map(|(index, _)| index).collect();
            for order in [Order::Oldest, Order::Newest] {
                let (user, text) = if by_text { (None, name.clone()) } else { (name.clone(), None) };
                let mut filter = Filter { order, limit, user, text, ..Filter::default() };
                let mut read = Vec::new();
                let ended = loop {
                    let page = journal.page(&filter, |entry| {
                        filter.text.as_deref().is_none_or(|text| entry.user.as_deref() == Some(text))
                    });
                    prop_assert!(page.entries.len() <= limit);
                    read.extend(indices(&page));
                    match order {
                        Order::Oldest if filter.since == page.next => break page,
                        Order::Oldest => filter.since = page.next,
                        Order::Newest if page.next == 0 => break page,
                        Order::Newest => filter.before = Some(page.next),
                    }
                };
                if order == Order::Newest {
                    read.reverse();
                    prop_assert_eq!(ended.truncated, dropped > 0);
                }
                prop_assert_eq!(&read, &expected, "{:?}", order);
            }
        }
    }
}
