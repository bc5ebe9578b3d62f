//! A request of the admin API and its answer. It is not journalled: the journal is what consumers did.

use super::Shared;
use super::api_exchange::Exchanged;
use super::body::{self, BodyBounds, WholeBody};
use super::counting::count_limit;
use super::deadlines::{ConnectionPhase, Progress};
use super::live::Live;
use super::request_body::RequestBody;
use super::sending::{Reserved, Sending, leave};
#[cfg(feature = "console")]
use super::trying;
use crate::admin::{self, AdminProblem, Follower};
use crate::api::{self, PIECE, Refused};
use crate::contract::{Fidelity, Service};
use crate::state::{LimitHit, State};
use bytes::Bytes;
use hyper::Response;
use hyper::http::Version;
use hyper::http::header::{CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use tokio::runtime::Handle;

/// Answers a request. `home` is the runtime that serves.
pub(super) async fn answer(
    shared: &Shared,
    progress: &Progress,
    request: Parts,
    body: RequestBody,
    home: Handle,
) -> Exchanged {
    let state = &shared.state;
    let version = request.version;
    let (response, follower) = match admitted(shared, progress, request, body, home).await {
        Ok(answered) => answered,
        Err(problem) => (admin::refuse(state, problem), None),
    };
    count_limit(&state.metrics, response.status().as_u16());
    let mut response = match follower {
        None => whole(state, progress, response),
        Some(follower) => live(shared, progress, response, *follower, version),
    };
    if leave(state, progress, state.clock.now(), None) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    match response.body() {
        Sending::Long(_) => progress.go_on_to(ConnectionPhase::Giving),
        Sending::Live(_) => progress.go_on_to(ConnectionPhase::Speaking),
        Sending::Whole(_) => {}
    }
    Ok(response)
}

/// An answer, or the beginning of one with the follower that goes on with it.
type Begun = (Response<Bytes>, Option<Box<Follower>>);

/// Answers a request that is well-formed and admitted.
async fn admitted(
    shared: &Shared,
    progress: &Progress,
    request: Parts,
    body: RequestBody,
    #[cfg_attr(not(feature = "console"), expect(unused_variables, reason = "the console alone sends requests"))]
    home: Handle,
) -> Result<Begun, AdminProblem> {
    let (state, access) = (&shared.state, &shared.access);
    let well_formed = api::check_head(&request, &state.limits).map_err(|refused| problem(*refused));
    let (lead, admission) = match well_formed {
        Ok(()) => (admin::lead(state, access, &request), admin::admit(access, &request)),
        Err(problem) => (None, Err(problem)),
    };
    let bounds =
        if lead.is_some() || admission.is_err() { BodyBounds::of_api(state) } else { BodyBounds::of_admin(state) };
    let read = body::read(body, bounds).await;
    if read.is_err() {
        progress.leave_unread();
    }
    if let Some(lead) = lead {
        return Ok((lead, None));
    }
    let admission = admission?;
    // The values that are made of a body are no longer than the body, and replace it.
    let WholeBody { bytes, held: _held } = read.map_err(|unread| unread.problem(state))?;
    let response = match admin::answer(state, admission, request, bytes).await {
        admin::AdminAnswer::Now(response) => response,
        admin::AdminAnswer::Verdict(pending) => {
            progress.enter(ConnectionPhase::Waiting);
            pending.response(state).await
        }
        #[cfg(feature = "console")]
        admin::AdminAnswer::Try(trial) => {
            progress.enter(ConnectionPhase::Waiting);
            trying::carry_out(shared, trial, home).await?
        }
        admin::AdminAnswer::Live(watch) => {
            let (response, follower) = watch.begin(state)?;
            return Ok((response, Some(Box::new(follower))));
        }
    };
    Ok((response, None))
}

/// A refusal that concerns HTTP alone, as the admin API words it.
pub(super) fn problem(refused: Refused) -> AdminProblem {
    AdminProblem::new(refused.error(Service::Workspace, Fidelity::Documented).status, refused.message).closing()
}

/// A whole answer, if there is memory for it.
fn whole(state: &State, progress: &Progress, mut response: Response<Bytes>) -> Response<Sending> {
    let mut reserved = None;
    if response.body().len() > PIECE {
        reserved = state.budget.hold(response.body().len()).map(|held| Reserved { held, list: None });
        if reserved.is_none() {
            state.metrics.hit(LimitHit::HeldBytes);
            response = admin::refuse(state, AdminProblem::new(503, body::no_memory(state)));
        }
    }
    response.map(|body| Sending::of(body.into(), progress, reserved))
}

/// An answer that begins with the body of `response`. In HTTP/1.0 only the end of the connection ends it.
fn live(
    shared: &Shared,
    progress: &Progress,
    response: Response<Bytes>,
    follower: Follower,
    version: Version,
) -> Response<Sending> {
    let live = |first| Sending::Live(Box::new(Live::new(first, follower, &shared.timekeeper, progress)));
    let mut response = response.map(live);
    if version < Version::HTTP_11 {
        // hyper adds that the connection is kept to an answer of a later version.
        *response.version_mut() = version;
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
