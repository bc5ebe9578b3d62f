//! The counter of one user, or of one name's calls of one operation.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

/// Documented statuses of an operation at most: one bit each.
pub(super) const STATUSES_MAX: usize = 16;

/// Calls from 1, since the last reset.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    calls: AtomicU64,
    /// The highest successful call number, if any: the current password is that call's.
    highest: AtomicU64,
    /// Bit `row` is set once the documented status of that row was met.
    met: AtomicU16,
}

impl Counter {
    /// Counts a call, and gives its number.
    #[inline]
    pub(crate) fn count(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notes the side effect of a call: its password is the current one, unless a later call's is.
    #[inline]
    pub(in crate::state) fn succeed(&self, call: u64) {
        self.highest.fetch_max(call, Ordering::Relaxed);
    }

    /// Number of counted calls.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The highest successful call number, if there is one.
    pub(in crate::state) fn highest(&self) -> Option<u64> {
        Some(self.highest.load(Ordering::Relaxed)).filter(|call| *call > 0)
    }

    /// Notes that a documented status was met, by its row.
    #[inline]
    pub(in crate::state) fn meet(&self, row: usize) {
        self.met.fetch_or(1 << row, Ordering::Relaxed);
    }

    pub(in crate::state) fn has_met(&self, row: usize) -> bool {
        self.met.load(Ordering::Relaxed) & (1 << row) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Operation;

    #[test]
    fn calls_are_counted_from_one_and_the_highest_success_stands() {
        let counter = Counter::default();
        assert_eq!((counter.calls(), counter.highest()), (0, None));
        assert_eq!([counter.count(), counter.count(), counter.count()], [1, 2, 3]);
        counter.succeed(3);
        counter.succeed(2);
        assert_eq!((counter.calls(), counter.highest()), (3, Some(3)));
    }

    #[test]
    fn every_documented_status_has_a_bit() {
        assert!(Operation::all().all(|operation| operation.statuses.len() <= STATUSES_MAX));
        let counter = Counter::default();
        counter.meet(2);
        assert_eq!([1, 2, 3].map(|row| counter.has_met(row)), [false, true, false]);
    }
}
