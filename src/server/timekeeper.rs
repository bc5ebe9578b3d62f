//! Keeps time for whatever waits, so that the threads that serve have no timers of their own.
//!
//! A runtime that can have timers reads the clock each time it sleeps and each time it wakes, and sets a timer in the
//! kernel where one is due. With one client that calls again and again that is once for each request.

use super::within::{Leash, Within};
use crate::state::Workers;
use std::future::Future;
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// A thread with timers, and threads for work that takes long. It sleeps while nothing waits, and ends when this is
/// dropped.
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
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().max_blocking_threads(Workers::THREADS).build()?;
        let handle = runtime.handle().clone();
        let (open, ended) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("wksmock-time".to_owned()).spawn(move || {
            let _ = runtime.block_on(ended);
            // Work that takes long ends when it looks whether anybody waits for it.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, open: Some(open), thread: Some(thread) })
    }

    /// Runs a future that waits; dropping the result ends it.
    pub(crate) fn run(&self, waiting: impl Future<Output = ()> + Send + 'static) -> Leash {
        Leash::of(&self.handle.spawn(waiting))
    }

    /// Gives a future timers, and threads for work that takes long. It still runs where it is awaited, and must open no
    /// socket.
    pub(crate) fn with_timers<F: Future>(&self, future: F) -> Within<F> {
        Within::new(future, self.handle.clone())
    }

    /// Waits for a length of real time.
    pub(crate) async fn sleep(&self, time: Duration) {
        self.with_timers(async move { tokio::time::sleep(time).await }).await;
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
