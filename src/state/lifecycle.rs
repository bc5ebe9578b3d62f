//! Whether the server starts, serves or drains.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

/// What a server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Serving,
    Draining,
}

/// The life of one server.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    serving: AtomicBool,
    draining: CancellationToken,
    cut: CancellationToken,
}

impl Lifecycle {
    pub(crate) fn phase(&self) -> Phase {
        if self.draining.is_cancelled() {
            Phase::Draining
        } else if self.serving.load(Ordering::Acquire) {
            Phase::Serving
        } else {
            Phase::Starting
        }
    }

    /// Connections are accepted.
    pub(crate) fn serve(&self) {
        self.serving.store(true, Ordering::Release);
    }

    /// No further connections: those that are there are finished.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Ends at once: what is open is cut.
    pub(crate) fn cut(&self) {
        self.draining.cancel();
        self.cut.cancel();
    }

    /// Waits until everything shall be cut.
    pub(crate) async fn was_cut(&self) {
        self.cut.cancelled().await;
    }

    /// Waits until the server shall drain.
    pub(crate) async fn drained(&self) {
        self.draining.cancelled().await;
    }
}
