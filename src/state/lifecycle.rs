//! Whether the server starts, serves or drains. It starts until every thread accepts connections; an earlier connection was
//! accepted by a faster thread.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

/// The phase of a server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Serving,
    Draining,
}

/// The life of one server.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    /// Threads that do not accept connections yet.
    starting: AtomicUsize,
    draining: CancellationToken,
    cut: CancellationToken,
}

impl Lifecycle {
    pub(crate) fn phase(&self) -> Phase {
        if self.draining.is_cancelled() {
            Phase::Draining
        } else if self.starting.load(Ordering::Acquire) > 0 {
            Phase::Starting
        } else {
            Phase::Serving
        }
    }

    /// Sets the number of serving threads.
    pub(crate) fn expect(&self, threads: usize) {
        self.starting.store(threads, Ordering::Release);
    }

    /// One of them does.
    pub(crate) fn serve(&self) {
        // An unexpected thread changes nothing.
        let _ = self.starting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |starting| starting.checked_sub(1));
    }

    /// No further connections: those that are there are finished.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Ends at once: open connections are cut.
    pub(crate) fn cut(&self) {
        self.draining.cancel();
        self.cut.cancel();
    }

    /// Waits for the cut.
    pub(crate) async fn was_cut(&self) {
        self.cut.cancelled().await;
    }

    /// Waits for the drain.
    pub(crate) async fn drained(&self) {
        self.draining.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_starts_until_the_last_thread_serves() {
        let lifecycle = Lifecycle::default();
        lifecycle.expect(2);
        assert_eq!(lifecycle.phase(), Phase::Starting);
        lifecycle.serve();
        assert_eq!(lifecycle.phase(), Phase::Starting);
        lifecycle.serve();
        assert_eq!(lifecycle.phase(), Phase::Serving);
        lifecycle.drain();
        assert_eq!(lifecycle.phase(), Phase::Draining);
    }
}
