//! Places for work that would keep others waiting: by kind, so that no kind waits for another.

use super::State;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Work that is done beside the threads that serve.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// To judge expectations.
    Verdict,
    /// To put something together that is long, for the admin API.
    Read,
    /// The same for the emulated API, where whoever asks needs no credentials.
    List,
    /// To compile a scenario.
    Change,
    /// To write events.
    Events,
    /// The same to say what is wrong with it, perhaps at each stroke of a key.
    Check,
}

/// A place for work, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct WorkPlace {
    _permit: OwnedSemaphorePermit,
}

/// How much of each kind is done at once.
#[derive(Debug)]
pub(crate) struct Workers {
    verdicts: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    lists: Arc<Semaphore>,
    changes: Arc<Semaphore>,
    events: Arc<Semaphore>,
    checks: Arc<Semaphore>,
}

impl Workers {
    const VERDICTS: usize = 2;
    const READS: usize = 2;
    const LISTS: usize = 4;
    const CHANGES: usize = 2;
    const EVENTS: usize = 2;
    const CHECKS: usize = 2;
    /// Threads that all of them need.
    pub(crate) const THREADS: usize =
        Self::VERDICTS + Self::READS + Self::LISTS + Self::CHANGES + Self::EVENTS + Self::CHECKS;

    /// A place, if one is free and nobody waits for it.
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
        match work {
            Work::Verdict => &self.verdicts,
            Work::Read => &self.reads,
            Work::List => &self.lists,
            Work::Change => &self.changes,
            Work::Events => &self.events,
            Work::Check => &self.checks,
        }
    }
}

impl Default for Workers {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            verdicts: places(Self::VERDICTS),
            reads: places(Self::READS),
            lists: places(Self::LISTS),
            changes: places(Self::CHANGES),
            events: places(Self::EVENTS),
            checks: places(Self::CHECKS),
        }
    }
}

/// Has work done by another thread, once one has a place for work of this kind.
pub(crate) async fn apart<T: Send + 'static>(
    state: &Arc<State>,
    kind: Work,
    work: impl FnOnce(&State) -> T + Send + 'static,
) -> T {
    apart_at(state, state.workers.place(kind).await, work).await
}

/// The same at a place that is there.
pub(crate) async fn apart_at<T: Send + 'static>(
    state: &Arc<State>,
    place: WorkPlace,
    work: impl FnOnce(&State) -> T + Send + 'static,
) -> T {
    let state = Arc::clone(state);
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        work(&state)
    });
    match done.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime goes down, and nobody asks any more.
        Err(Err(_)) => pending().await,
    }
}
