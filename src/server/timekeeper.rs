//! Keeps time for whatever waits long without being asked, so that the threads that serve have no timer.
//!
//! A runtime that has a timer sets one in the kernel each time it sleeps. With one client that calls again and again
//! that is once for each request, and a fifth of its cost.

use std::future::{Future, pending};
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// A thread with timers. It sleeps without one while nobody waits, and ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Timekeeper {
    handle: Handle,
    /// The thread ends when this is gone.
    open: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Timekeeper {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let (open, ended) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("wksmock-time".to_owned()).spawn(move || {
            let _ = runtime.block_on(ended);
        })?;
        Ok(Self { handle, open: Some(open), thread: Some(thread) })
    }

    /// Runs a future that waits; dropping the result ends it.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        waiting: impl Future<Output = T> + Send + 'static,
    ) -> AbortOnDropHandle<T> {
        AbortOnDropHandle::new(self.handle.spawn(waiting))
    }

    /// Waits so long.
    pub(super) async fn sleep(&self, time: Duration) {
        // It fails only when the thread ends, and with it whoever waits.
        if self.run(async move { tokio::time::sleep(time).await }).await.is_err() {
            pending::<()>().await;
        }
    }
}

impl Drop for Timekeeper {
    fn drop(&mut self) {
        drop(self.open.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
