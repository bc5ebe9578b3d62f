//! Answers that take the processor for long, or that wait: they are made beside the thread that serves, so that nobody
//! else waits for them.

use super::{Asked, Problem, refuse, reply::Reply, scenario};
use crate::state::State;
use bytes::Bytes;
use hyper::Response;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;

/// An answer that is still to be made.
#[derive(Debug)]
pub(crate) enum Later {
    Verdict(Asked),
    /// The text of a scenario that is put in the place of all files.
    Scenario(Box<str>),
    /// That the files' scenarios are in force again.
    NoScenario,
}

impl Later {
    pub(crate) async fn answer(self, state: &Arc<State>) -> Response<Bytes> {
        let answered = match self {
            Self::Verdict(asked) => asked.answer(state).await.map(|verdict| Reply::json(200, &verdict)),
            Self::NoScenario => {
                let taken_back = |state: &State| {
                    state.take_back_scenario();
                    Ok(Reply::empty(204))
                };
                apart(state, taken_back).await
            }
            Self::Scenario(text) => apart(state, move |state| scenario::renew(state, &text)).await,
        };
        match answered {
            Ok(reply) => reply.into_response(state.uncounted_id()),
            Err(problem) => refuse(state, problem),
        }
    }
}

/// Has work done by another thread.
pub(super) async fn apart<T: Send + 'static>(
    state: &Arc<State>,
    work: impl FnOnce(&State) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let state = Arc::clone(state);
    match tokio::task::spawn_blocking(move || work(&state)).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime goes down, and nobody asks any more.
        Err(Err(_)) => pending().await,
    }
}
