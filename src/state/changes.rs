//! Tells whoever waits for it that the journal has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Changes of a journal. While nobody waits, a change costs one look.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    waiting: AtomicUsize,
    told: Notify,
}

/// Somebody who waits for changes.
#[derive(Debug)]
pub(crate) struct Waiting<'c>(&'c Changes);

impl Changes {
    /// To be called under the lock of what has changed. Who waits has said so before he looked under the same lock: so
    /// either he saw the change, or he is seen here.
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
