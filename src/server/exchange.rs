//! One request and its answer: journalled on arrival, answered once its body has arrived, logged.

use super::Shared;
use super::body::{self, Bounds, Unread};
use super::progress::{Phase, Progress};
use crate::admin;
use crate::api::{self, Answered, Refused};
use crate::contract::{Fidelity, Operation, PAYLOAD_TOO_LARGE, PathValue, REQUEST_TIMEOUT, Situation, route};
use crate::limits::Limits;
use crate::state::{Answer, Arrival, Decided, DecidedBy, Finish, LimitHit, Metrics, Running, State};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::http::header::{CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

/// The exchange ends without an answer, and the connection with it.
#[derive(Debug, thiserror::Error)]
#[error("the request was cut")]
pub(super) struct Cut;

/// Answers one request.
pub(super) async fn exchange(
    shared: Arc<Shared>,
    progress: Arc<Progress>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    progress.enter(Phase::Busy);
    let (request, body) = request.into_parts();
    let mut response = if !shared.api || admin::is_admin(request.uri.path()) {
        let response = administer(&shared, &progress, &request, body).await;
        count_limit(&shared.state.metrics, response.status().as_u16());
        response
    } else {
        let answer = Exchange::arrive(&shared.state, &progress, &request).answer(body).await;
        answer.ok_or(Cut)?
    };
    let is_last = progress.answered() >= shared.state.limits.requests_per_connection_max;
    if is_last {
        shared.state.metrics.hit(LimitHit::RequestsPerConnection);
        // Further requests may be on their way, and must not turn the close into a reset.
        progress.leave_unread();
    }
    if progress.is_unread() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(Full::new))
}

/// A request of the admin API. It is not journalled: the journal is what consumers did.
async fn administer(shared: &Shared, progress: &Progress, request: &Parts, body: Incoming) -> Response<Bytes> {
    let state = &shared.state;
    let limits = &state.limits;
    let well_formed = api::check_head(request, limits).map_err(|refused| problem(*refused));
    let admission = match well_formed.and_then(|()| admin::admit(&shared.access, request)) {
        Ok(admission) => admission,
        Err(problem) => {
            let bounds = Bounds { bytes_max: limits.body_bytes_max, time: limits.body_time };
            if body::read(body, bounds).await.is_err() {
                progress.leave_unread();
            }
            return admin::refuse(state, problem);
        }
    };
    let bounds = Bounds { bytes_max: limits.admin_body_bytes_max, time: limits.admin_body_time };
    match body::read(body, bounds).await {
        Ok(body) => admin::answer(state, admission, request, &body),
        Err(unread) => {
            progress.leave_unread();
            let (status, detail) = match &unread {
                Unread::TooLarge => (413, too_large(bounds)),
                Unread::TooSlow => (408, too_slow(bounds)),
                Unread::Broken(what) => (400, broken(what)),
            };
            admin::refuse(state, admin::Problem::new(status, detail).closing())
        }
    }
}

/// A request of the API, from its arrival on. Dropped without an answer, it was cut.
struct Exchange<'s> {
    state: &'s State,
    progress: &'s Progress,
    request: &'s Parts,
    index: u64,
    arrived: Duration,
    /// What decided on arrival.
    running: Arc<Running>,
    ended: bool,
}

impl<'s> Exchange<'s> {
    fn arrive(state: &'s State, progress: &'s Progress, request: &'s Parts) -> Self {
        let arrived = state.clock.now();
        let (index, running) = state.arrive(&Arrival::Request(request), arrived);
        Self { state, progress, request, index, arrived, running, ended: false }
    }

    async fn answer(mut self, body: Incoming) -> Option<Response<Bytes>> {
        let answered = if body.is_end_stream() {
            api::answer(self.state, &self.running, self.request)
        } else {
            self.read(body).await?
        };
        self.ended = true;
        Some(self.finish(answered))
    }

    /// Answers once the body is there. A reset that concerns the request cuts it: it never shows up in the new epoch.
    async fn read(&self, body: Incoming) -> Option<Answered> {
        let limits = &self.state.limits;
        let bounds = Bounds { bytes_max: limits.body_bytes_max, time: limits.body_time };
        let ending = self.running.epoch.ending(self.project());
        let read = tokio::select! {
            read = body::read(body, bounds) => read,
            () = ending.cancelled() => return None,
        };
        let running = self.state.running();
        if ending.is_cancelled() {
            return None;
        }
        Some(match read {
            Ok(_) => api::answer(self.state, &running, self.request),
            Err(unread) => {
                self.progress.leave_unread();
                api::reject(self.state, refused(unread, limits))
            }
        })
    }

    /// The project of the path, if it is loaded.
    fn project(&self) -> Option<u32> {
        let known = route(self.request.uri.path(), self.request.method.as_str()).known_path();
        let Some((_, [PathValue::Text(project), _])) = known else {
            return None;
        };
        let (index, _) = self.running.set_up.directory().project(&project)?;
        Some(index)
    }

    fn finish(&self, answered: Answered) -> Response<Bytes> {
        let took = self.state.clock.now().saturating_sub(self.arrived);
        let answer = Answer {
            status: answered.response.status().as_u16(),
            bytes: answered.response.body().len() as u64,
            after_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        log(self.request.method.as_str(), self.request.uri.path(), &answered, took);
        self.count(&answered, answer.status, took);
        let finish = Finish {
            request_id: answered.request_id,
            decided: answered.decided.map(|(call, outcome)| Decided::new(call, outcome)),
            answer,
            problem: answered.problem,
        };
        self.state.journal.finish(self.index, finish);
        answered.response
    }
}

impl Exchange<'_> {
    fn count(&self, answered: &Answered, status: u16, took: Duration) {
        let metrics = &self.state.metrics;
        let decided_by = match &answered.decided {
            Some((_, outcome)) if outcome.rule.is_some() => DecidedBy::Rule,
            Some(_) => DecidedBy::OwnBehaviour,
            None => DecidedBy::Rejection,
        };
        metrics.answered(answered.operation.and_then(Operation::index), decided_by, status, took);
        if answered.decided.is_none() {
            count_limit(metrics, status);
        }
    }
}

/// Counts the bound that a rejection is about, if its status tells of one.
fn count_limit(metrics: &Metrics, status: u16) {
    match status {
        408 => metrics.hit(LimitHit::BodyTime),
        413 => metrics.hit(LimitHit::BodyBytes),
        414 => metrics.hit(LimitHit::TargetBytes),
        _ => {}
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.state.journal.cut(self.index);
        }
    }
}

/// The one line that is logged of a request.
pub(super) fn log(method: &str, path: &str, answered: &Answered, took: Duration) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let user = match route(path, method).known_path() {
        Some((_, [_, PathValue::Text(user)])) => Some(user),
        _ => None,
    };
    let decided = answered.decided.as_ref();
    let rule = decided.and_then(|(_, outcome)| outcome.rule.as_deref());
    tracing::info!(
        method,
        path,
        user = user.as_deref(),
        call = decided.map(|(call, _)| *call),
        status = answered.response.status().as_u16(),
        rule = rule.map(|rule| rule.label.name.as_str()),
        problem = answered.problem.as_deref(),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request_id = %answered.request_id,
        "request"
    );
}

/// A refusal that concerns HTTP alone, as the admin API puts it.
pub(super) fn problem(refused: Refused) -> admin::Problem {
    admin::Problem::new(refused.error(Fidelity::Documented).status, refused.message).closing()
}

fn refused(unread: Unread, limits: &Limits) -> Refused {
    let bounds = Bounds { bytes_max: limits.body_bytes_max, time: limits.body_time };
    match unread {
        Unread::TooLarge => Refused::transport(&PAYLOAD_TOO_LARGE, too_large(bounds)),
        Unread::TooSlow => Refused::transport(&REQUEST_TIMEOUT, too_slow(bounds)),
        Unread::Broken(what) => Refused::new(Situation::MalformedRequest, broken(&what)).closing(),
    }
}

fn too_large(bounds: Bounds) -> String {
    format!("The request body is larger than {} bytes.", bounds.bytes_max)
}

fn too_slow(bounds: Bounds) -> String {
    format!("The request body did not arrive within {} ms.", bounds.time.as_millis())
}

fn broken(what: &str) -> String {
    format!("The request body is not well-formed: {what}.")
}
