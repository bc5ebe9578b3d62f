//! Futures inside a runtime, and tasks that end with their owner. The feature `rt` of tokio-util has both, but brings
//! futures-util: three seconds of the build of a test that embeds the server.

use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

pin_project! {
    /// A future inside a runtime that runs where it is awaited.
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        runtime: Handle,
    }
}

impl<F> Within<F> {
    pub(super) fn new(future: F, runtime: Handle) -> Self {
        Self { future, runtime }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _inside = this.runtime.enter();
        this.future.poll(context)
    }
}

/// Ends a task when it is dropped.
#[derive(Debug)]
pub(crate) struct Leash(AbortHandle);

impl Leash {
    pub(super) fn of<T>(task: &JoinHandle<T>) -> Self {
        Self(task.abort_handle())
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.abort();
    }
}
