//! The admin API under `/__admin`: what a test or a person asks of the server about itself.
//!
//! One file a resource, and `routes.rs` the table of all. `guard.rs` decides who may ask, `query.rs` reads query
//! parameters, `problem.rs` is what goes wrong, and `reply.rs` what comes back. `page.rs` serves the console.

mod accounts;
mod changes;
mod check;
mod clock;
mod coverage;
mod document;
mod error_codes;
mod events;
mod explain;
mod guard;
mod health;
mod later;
mod meant;
#[cfg(feature = "metrics")]
mod metrics;
mod openapi;
mod outbox;
mod overrides;
mod page;
mod passwords;
mod problem;
mod projects;
mod query;
mod reply;
mod requests;
mod reset;
mod route;
mod routes;
mod samples;
mod scenario;
mod schemas;
mod tokens;
mod tried;
mod try_it;
mod users;
mod verify;
mod version;

pub(crate) use events::{Follower, Watch};
pub(crate) use guard::{Access, Admission, admit};
pub(crate) use later::Later;
pub(crate) use page::{lead, leads_to_page};
pub(crate) use problem::Problem;
pub(crate) use tried::{Ended, Tried};
pub(crate) use try_it::Trial;

use crate::state::{State, Work, apart};
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use later::Other;
use percent_encoding::percent_decode_str;
use reply::Reply;
use route::{Call, Run};
use routes::route;
use std::borrow::Cow;
use std::sync::Arc;
use verify::Asked;

const ROOT: &str = "/__admin";
/// Bytes of a body from which on another thread reads it: to take one apart that is as long as may be takes longer than others
/// should wait.
const LONG_BODY: usize = 64 << 10;

/// Whether a path belongs to the admin API.
pub(crate) fn is_admin(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An answer, or what there is to do before there is one.
pub(crate) enum Answer {
    Now(Response<Bytes>),
    Later(Later),
    /// A request that is to be tried.
    Try(Box<Trial>),
    /// A stream that is to be begun.
    Live(Watch),
}

/// Answers a request that was admitted and whose body has arrived. A long body is read beside the threads that serve.
pub(crate) async fn answer(state: &Arc<State>, admission: Admission, request: &Parts, body: Bytes) -> Answer {
    if body.len() <= LONG_BODY || is_answered_apart(request) {
        return answer_at_once(state, admission, request, &body);
    }
    let request = request.clone();
    apart(state, Work::Check, move |state| answer_at_once(state, admission, &request, &body)).await
}

/// Whether the body of a request is read by a thread of its own kind, whatever its length.
fn is_answered_apart(request: &Parts) -> bool {
    let pieces = pieces_of(request.uri.path()).unwrap_or_default();
    let pieces: Vec<&str> = pieces.iter().map(AsRef::as_ref).collect();
    route(&request.method, &pieces).is_ok_and(|route| matches!(route.run(), Run::Apart(..)))
}

pub(crate) fn answer_at_once(state: &State, admission: Admission, request: &Parts, body: &Bytes) -> Answer {
    if let Some(shown) = page::show(admission, request) {
        let response = |reply: Reply| reply.into_response(state.uncounted_id());
        return Answer::Now(shown.map_or_else(|problem| refuse(state, problem), response));
    }
    let answered = pieces_of(request.uri.path()).and_then(|pieces| {
        let pieces: Vec<&str> = pieces.iter().map(AsRef::as_ref).collect();
        let call = Call { state, admission, request, body, pieces: &pieces };
        Ok(match route(&request.method, &pieces)?.run() {
            Run::Now(run) => Answer::Now(run(&call)?.into_response(state.uncounted_id())),
            Run::Later(run) => Answer::Later(run(&call)?),
            Run::Try(run) => Answer::Try(Box::new(run(&call)?)),
            Run::Live(run) => Answer::Live(run(&call)?),
            Run::Apart(kind, run) => {
                let other = Other { run, admission, request: request.clone(), body: body.clone() };
                Answer::Later(Later::Other(kind, Box::new(other)))
            }
        })
    });
    answered.unwrap_or_else(|problem| Answer::Now(refuse(state, problem)))
}

/// Answers with what is wrong.
pub(crate) fn refuse(state: &State, problem: Problem) -> Response<Bytes> {
    problem.into_reply().into_response(state.uncounted_id())
}

/// The pieces of a path below the root, decoded.
fn pieces_of(path: &str) -> Result<Vec<Cow<'_, str>>, Problem> {
    let Some(path) = path.strip_prefix(ROOT) else {
        return Err(Problem::new(404, format!("This address serves only the admin API, under {ROOT}.")));
    };
    let mut pieces = Vec::new();
    for piece in path.split('/').skip(1) {
        let decoded = percent_decode_str(piece).decode_utf8();
        pieces.push(decoded.map_err(|_| Problem::new(400, format!("{piece:?} is not valid percent-encoded UTF-8.")))?);
    }
    Ok(pieces)
}
