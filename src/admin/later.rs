//! Answers that take the processor for long, or that wait: they are made beside the thread that serves, so that nobody
//! else waits for them.

use super::{Admission, Asked, Call, Problem, pieces_of, refuse, reply::Reply};
use crate::state::{State, Work, apart};
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use std::sync::Arc;

/// An answer that is still to be made.
pub(crate) enum Later {
    Verdict(Asked),
    /// A request whose answer may be long, or change much.
    Other(Work, Box<Other>),
}

/// A request, and who answers it.
pub(crate) struct Other {
    pub(super) run: fn(&Call<'_>) -> Result<Reply, Problem>,
    pub(super) admission: Admission,
    pub(super) request: Parts,
    pub(super) body: Bytes,
}

impl Later {
    /// Whether it ends when its client goes away: it may take long.
    pub(crate) fn ends_with_its_client(&self) -> bool {
        matches!(self, Self::Verdict(_))
    }

    pub(crate) async fn answer(self, state: &Arc<State>) -> Response<Bytes> {
        let answered = match self {
            Self::Verdict(asked) => asked.answer(state).await.map(|verdict| Reply::json(200, &verdict)),
            Self::Other(kind, other) => apart(state, kind, move |state| other.answer(state)).await,
        };
        match answered {
            Ok(reply) => reply.into_response(state.uncounted_id()),
            Err(problem) => refuse(state, problem),
        }
    }
}

impl Other {
    fn answer(&self, state: &State) -> Result<Reply, Problem> {
        let pieces = pieces_of(self.request.uri.path())?;
        let pieces: Vec<&str> = pieces.iter().map(AsRef::as_ref).collect();
        let Self { run, admission, request, body } = self;
        run(&Call { state, admission: *admission, request, body, pieces: &pieces })
    }
}
