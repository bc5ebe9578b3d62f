//! The memory that unread answers and unfinished request bodies share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bound of bytes over all connections of a server.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    most: usize,
}

/// Bytes of a budget, returned when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), most })
    }

    /// Takes bytes, if they are available.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> Option<Held> {
        let mut held = Held { budget: Arc::clone(self), bytes: 0 };
        held.grow(bytes).then_some(held)
    }
}

impl Held {
    /// Takes more bytes; false if they are not available.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let most = self.budget.most;
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= most);
        let is_there = self.budget.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.bytes += if is_there { bytes } else { 0 };
        is_there
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_gives_no_more_than_it_has() {
        let budget = Budget::new(10);
        let mut first = budget.hold(4).unwrap();
        assert!(first.grow(5) && !first.grow(2));
        assert!(budget.hold(2).is_none());
        let second = budget.hold(1).unwrap();
        assert!(budget.hold(1).is_none());
        drop(first);
        assert!(budget.hold(9).is_some() && budget.hold(10).is_none());
        drop(second);
        assert!(budget.hold(10).is_some() && budget.hold(usize::MAX).is_none());
    }
}
