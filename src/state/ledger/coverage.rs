//! Which documented answers were met: counted when they leave, not read from the journal, which forgets.

use super::counter::STATUSES_MAX;
use crate::contract::Operation;
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of times that each documented status was met, by operation and row.
#[derive(Debug)]
pub(in crate::state) struct Met(Box<[AtomicU64]>);

impl Default for Met {
    fn default() -> Self {
        Self((0..Operation::ALL.len() * STATUSES_MAX).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Met {
    /// Counts an answer.
    #[inline]
    pub(in crate::state) fn count(&self, operation: usize, row: usize) {
        if let Some(count) = self.0.get(operation * STATUSES_MAX + row) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(in crate::state) fn times(&self, operation: usize, row: usize) -> u64 {
        self.0.get(operation * STATUSES_MAX + row).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Adds the counts of another.
    pub(in crate::state) fn add(&self, other: &Self) {
        for (count, more) in self.0.iter().zip(&other.0) {
            count.fetch_add(more.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
}
