//! The admin API under `/__admin`: what a test or a person asks of the server about itself.
//!
//! One file a resource, and besides:
//!
//! - `routes.rs`: the table of all routes; `route.rs`: a row of it; `schemas/`: the bodies, for the OpenAPI document
//! - `guard.rs`: who may ask
//! - `request.rs`: a request, parsed once; `query.rs`: its query parameters; `meant.rs`: the users, projects and accounts
//!   that it names
//! - `reply.rs` and `problem.rs`: the answers
//! - `page.rs`: the console's files

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
mod request;
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
pub(crate) use page::{lead, leads_to_page};
pub(crate) use problem::Problem;
pub(crate) use tried::{Ended, Tried};
pub(crate) use try_it::Trial;
pub(crate) use verify::PendingVerdict;

use crate::state::{State, Work, apart};
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use reply::Reply;
use request::AdminRequest;
use route::{Route, Run};
use std::sync::Arc;

const ROOT: &str = "/__admin";
/// Bytes of a body from which on another thread reads it: others should not wait for a body of the greatest length.
const LONG_BODY: usize = 64 << 10;

/// Whether a path belongs to the admin API.
pub(crate) fn is_admin(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An answer, or the work from which one comes.
pub(crate) enum Answer {
    Now(Response<Bytes>),
    Apart(Box<ApartAnswer>),
    Verdict(PendingVerdict),
    /// A request to send.
    Try(Box<Trial>),
    /// A stream to begin.
    Live(Watch),
}

/// An answer that is worked out beside the threads that serve.
pub(crate) struct ApartAnswer {
    work: Work,
    run: route::Handler,
    request: AdminRequest,
}

/// Answers a request that was admitted and whose body has arrived. A long body is read beside the threads that serve.
pub(crate) async fn answer(state: &Arc<State>, admission: Admission, head: Parts, body: Bytes) -> Answer {
    let (route, request) = match routed(state, admission, head, body) {
        Ok(routed) => routed,
        Err(response) => return Answer::Now(*response),
    };
    if request.body.len() <= LONG_BODY || matches!(route.run, Run::Apart(..)) {
        return run(state, route, request);
    }
    apart(state, Work::Check, move |state| run(state, route, request)).await
}

/// Answers a request without a body.
#[cfg(fuzzing)]
pub(crate) fn answer_at_once(state: &State, admission: Admission, head: Parts) -> Answer {
    routed(state, admission, head, Bytes::new())
        .map_or_else(|response| Answer::Now(*response), |(route, request)| run(state, route, request))
}

/// The route of a request; a response where it is a file of the console's, or is refused.
fn routed(
    state: &State,
    admission: Admission,
    head: Parts,
    body: Bytes,
) -> Result<(&'static Route, AdminRequest), Box<Response<Bytes>>> {
    if let Some(shown) = page::show(admission, &head) {
        return Err(Box::new(respond(state, shown)));
    }
    AdminRequest::routed(admission, head, body).map_err(|problem| Box::new(refuse(state, problem)))
}

fn run(state: &State, route: &'static Route, request: AdminRequest) -> Answer {
    let answered = match route.run {
        Run::Now(run) => Ok(Answer::Now(respond(state, run(state, &request)))),
        Run::Apart(work, run) => Ok(Answer::Apart(Box::new(ApartAnswer { work, run, request }))),
        Run::Verdict(run) => run(state, &request).map(Answer::Verdict),
        Run::Try(run) => run(state, &request).map(|trial| Answer::Try(Box::new(trial))),
        Run::Live(run) => run(state, &request).map(Answer::Live),
    };
    answered.unwrap_or_else(|problem| Answer::Now(refuse(state, problem)))
}

impl ApartAnswer {
    /// Waits for the answer.
    pub(crate) async fn response(self, state: &Arc<State>) -> Response<Bytes> {
        let Self { work, run, request } = self;
        respond(state, apart(state, work, move |state| run(state, &request)).await)
    }
}

fn respond(state: &State, answered: Result<Reply, Problem>) -> Response<Bytes> {
    answered.unwrap_or_else(Problem::into_reply).into_response(state.uncounted_id())
}

/// Answers with a problem.
pub(crate) fn refuse(state: &State, problem: Problem) -> Response<Bytes> {
    respond(state, Err(problem))
}
