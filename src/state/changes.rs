//! Signals that the journal, the outbox or the history has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A signal of changes. Without waiters, a change costs one load.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    waiting: AtomicUsize,
    told: Notify,
}

/// A waiter for changes.
#[derive(Debug)]
pub(crate) struct Waiting<'c>(&'c Changes);

impl Changes {
    /// Signals a change. Call it under the lock of the changed data: a waiter registers before it looks under the same lock, so
    /// it sees the change or the signal.
    pub(crate) fn tell(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.told.notify_waiters();
        }
    }

    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }
}

impl Waiting<'_> {
    /// The next change from now on, whenever it is awaited.
    pub(crate) fn next(&self) -> Notified<'_> {
        self.0.told.notified()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
