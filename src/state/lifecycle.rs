//! Whether the server serves or drains. Nobody meets one that is still starting: until everything is loaded, no port
//! is open.

use tokio_util::sync::CancellationToken;

/// The life of one server.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    draining: CancellationToken,
    cut: CancellationToken,
}

impl Lifecycle {
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
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
