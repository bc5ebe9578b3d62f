//! Places for work that would keep others waiting: by kind, so that no kind waits for another.

use parking_lot::Mutex;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Work that is done beside the threads that serve.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// Judging expectations.
    Verdict,
    /// Assembling a long answer of the admin API.
    Read,
    /// Assembling a long answer of the emulated API, whose callers need no credentials.
    List,
    /// Compiling a scenario to put it in force.
    Change,
    /// Writing events.
    Events,
    /// Compiling a scenario to report its errors, perhaps at each stroke of a key.
    Check,
}

/// A place for work, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct WorkPlace {
    _permit: OwnedSemaphorePermit,
}

/// How much work of each kind is done at once.
#[derive(Debug)]
pub(crate) struct Workers([Arc<Semaphore>; Self::PLACES.len()]);

impl Workers {
    /// Places of verdicts, reads, lists, changes, events and checks.
    const PLACES: [usize; 6] = [2, 2, 4, 2, 2, 2];
    /// Threads that all of them need.
    pub(crate) const THREADS: usize = {
        let [verdicts, reads, lists, changes, events, checks] = Self::PLACES;
        verdicts + reads + lists + changes + events + checks
    };

    /// Takes a place if one is free and no other task waits for it.
    pub(crate) fn free_place(&self, work: Work) -> Option<WorkPlace> {
        Arc::clone(self.places(work)).try_acquire_owned().ok().map(|permit| WorkPlace { _permit: permit })
    }

    /// Waits for a place.
    pub(crate) async fn place(&self, work: Work) -> WorkPlace {
        match Arc::clone(self.places(work)).acquire_owned().await {
            Ok(permit) => WorkPlace { _permit: permit },
            // They are never closed.
            Err(_) => pending().await,
        }
    }

    fn places(&self, work: Work) -> &Arc<Semaphore> {
        let [verdicts, reads, lists, changes, events, checks] = &self.0;
        match work {
            Work::Verdict => verdicts,
            Work::Read => reads,
            Work::List => lists,
            Work::Change => changes,
            Work::Events => events,
            Work::Check => checks,
        }
    }
}

impl Default for Workers {
    fn default() -> Self {
        Self(Self::PLACES.map(|count| Arc::new(Semaphore::new(count))))
    }
}

/// Runs work on another thread, once a place for its kind is free.
pub(crate) async fn run_on_worker<S: AsRef<Workers> + Send + Sync + 'static, T: Send + 'static>(
    state: &Arc<S>,
    kind: Work,
    work: impl FnOnce(&S) -> T + Send + 'static,
) -> T {
    run_at(state, (**state).as_ref().place(kind).await, work).await
}

/// Runs work on another thread, at a place that is already taken.
pub(crate) async fn run_at<S: Send + Sync + 'static, T: Send + 'static>(
    state: &Arc<S>,
    place: WorkPlace,
    work: impl FnOnce(&S) -> T + Send + 'static,
) -> T {
    let (state, done) = (Arc::clone(state), Arc::new(Mutex::new(None)));
    let result = Arc::clone(&done);
    // Boxed, so that the task is compiled once and not for each kind of work.
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let _place = place;
        let done = work(&state);
        *result.lock() = Some(done);
    });
    if let Err(Ok(panic)) = tokio::task::spawn_blocking(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        resume_unwind(panic);
    }
    let done = done.lock().take();
    match done {
        Some(done) => done,
        // The runtime shuts down, and the result is no longer needed.
        None => pending().await,
    }
}
