//! The admin API under `/__admin`, by which a test or a person watches and controls the server.
//!
//! One file a resource, and besides:
//!
//! - `routes.rs`: the table of all routes; `route.rs`: a row of it
//! - `schemas.rs`: the bodies for the OpenAPI document; tests derive them from the types that are serialised
//! - `access.rs`: address and token of the admin API; `address.rs`: the addresses for a client
//! - `guard.rs`: whether a request is admitted
//! - `routing.rs`: the route of a request; `request.rs`: a request, parsed once; `query.rs`: its query parameters;
//!   `meant.rs`: the users that it names
//! - `reply.rs` and `problem.rs`: the answers
//! - `page.rs`: the console's files; `no_page.rs` without the feature `console`

mod access;
mod accounts;
#[cfg(feature = "console")]
mod address;
mod changes;
mod check;
mod clock;
mod coverage;
#[cfg(feature = "console")]
mod document;
mod error_codes;
mod events;
mod explain;
mod guard;
mod health;
mod meant;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "console")]
mod openapi;
mod outbox;
mod overrides;
#[cfg_attr(not(feature = "console"), path = "no_page.rs")]
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
mod routing;
#[cfg(feature = "console")]
mod samples;
mod scenario;
#[cfg(feature = "console")]
mod schemas;
mod tokens;
#[cfg(feature = "console")]
mod tried;
#[cfg(feature = "console")]
mod try_it;
mod users;
mod verify;
mod version;

pub(crate) use access::{Access, Admission, is_admin};
pub(crate) use events::{EventWatch, Follower};
pub(crate) use guard::admit;
pub(crate) use page::{lead, leads_to_page};
pub(crate) use problem::{AdminProblem, refuse};
#[cfg(feature = "console")]
pub(crate) use tried::{TrialEnd, Tried};
#[cfg(feature = "console")]
pub(crate) use try_it::Trial;
pub(crate) use verify::{PendingVerdict, judged_within};

use crate::state::{State, Work, run_on_worker};
use bytes::Bytes;
use hyper::Response;
use hyper::http::request::Parts;
use problem::respond;
use request::{AdminRequest, SHORT_BODY};
use route::{Answerer, Route};
use std::sync::Arc;

/// Bytes of a body from which on another thread reads it: others should not wait for a body of the greatest length.
const LONG_BODY: usize = 64 << 10;

/// An answer, or the work from which one comes.
pub(crate) enum AdminAnswer {
    Now(Response<Bytes>),
    Verdict(PendingVerdict),
    /// A request to send.
    #[cfg(feature = "console")]
    Try(Box<Trial>),
    /// A stream to begin.
    Live(EventWatch),
}

/// Answers a request that was admitted and whose body has arrived. Long work, and a long body, are for threads that do not
/// serve.
pub(crate) async fn answer(state: &Arc<State>, admission: Admission, head: Parts, body: Bytes) -> AdminAnswer {
    let (route, request) = match routed(state, admission, head, body) {
        Ok(routed) => routed,
        Err(response) => return AdminAnswer::Now(*response),
    };
    let is_short = request.body.len() <= SHORT_BODY;
    if let Some(answered) = route.in_brief.filter(|_| is_short).and_then(|in_brief| in_brief(state, &request)) {
        return AdminAnswer::Now(respond(state, answered));
    }
    let work = match route.run {
        Answerer::Apart(work, _) => Some(work),
        _ => (request.body.len() > LONG_BODY).then_some(Work::Check),
    };
    match work {
        Some(work) => run_on_worker(state, work, move |state| run(state, route, &request)).await,
        None => run(state, route, &request),
    }
}

/// Answers a request without a body on this thread.
#[cfg(any(clippy, fuzzing))]
pub(crate) fn answer_at_once(state: &State, admission: Admission, head: Parts) -> AdminAnswer {
    routed(state, admission, head, Bytes::new())
        .map_or_else(|response| AdminAnswer::Now(*response), |(route, request)| run(state, route, &request))
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
    routing::route(admission, head, body).map_err(|problem| Box::new(refuse(state, problem)))
}

fn run(state: &State, route: &Route, request: &AdminRequest) -> AdminAnswer {
    let answered = match route.run {
        Answerer::Now(run) | Answerer::Apart(_, run) => Ok(AdminAnswer::Now(respond(state, run(state, request)))),
        Answerer::Verdict(run) => run(state, request).map(AdminAnswer::Verdict),
        #[cfg(feature = "console")]
        Answerer::Try(run) => run(state, request).map(|trial| AdminAnswer::Try(Box::new(trial))),
        Answerer::Live(run) => run(state, request).map(AdminAnswer::Live),
    };
    answered.unwrap_or_else(|problem| AdminAnswer::Now(refuse(state, problem)))
}
