//! One request and its answer: journalled on arrival, answered once its body has arrived, logged. What rules inject into
//! the answer is `injection.rs`'s.

use super::body::{self, Bounds, Unread, Whole};
use super::deadlines::{Phase, Progress};
use super::live::Live;
use super::log_line::{self, Line};
use super::room::{RAISE, give, no_room, refused};
use super::sending::Sending;
use super::{Shared, trying};
use crate::admin;
use crate::api::{self, Answered, PIECE, Refused, Request as ApiRequest};
use crate::contract::{Fidelity, Operation, Service};
use crate::state::{
    Arrival, Decided, DecidedBy, HandedOut, KeptBody, LimitHit, Metrics, Running, Secrets, Sent, Settled, State, Work,
    WorkPlace, apart_at, is_created, password_of_call,
};
use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::http::Version;
use hyper::http::header::{CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// The exchange ends without an answer, and the connection with it.
#[derive(Debug, thiserror::Error)]
#[error("the request was cut")]
pub(super) struct Cut;

/// The answer to a request, or the wait for it.
pub(super) enum Answering<'s> {
    /// There was nothing to wait for. Empty once it was taken.
    Now(Option<Response<Sending>>),
    Later(Pin<Box<dyn Future<Output = Answer> + Send + 's>>),
}

pub(super) type Answer = Result<Response<Sending>, Cut>;

impl Future for Answering<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        match &mut *self {
            Self::Now(response) => Poll::Ready(response.take().ok_or(Cut)),
            Self::Later(response) => response.as_mut().poll(context),
        }
    }
}

/// Answers one request. Only one whose body is still to come needs a future of its own: that costs an allocation,
/// and to move what the future holds.
pub(super) fn exchange<'s>(shared: &'s Shared, progress: &'s Progress, request: Request<Incoming>) -> Answering<'s> {
    if progress.is_writing() {
        return wait_in_turn(shared, progress, request);
    }
    progress.enter(Phase::Busy);
    let (request, body) = request.into_parts();
    let path = request.uri.path();
    if !shared.api
        || admin::is_admin(path)
        || (path == "/" && admin::leads_to_page(&shared.state, &shared.access, &request))
    {
        // Where timers are had from, there are no sockets.
        let home = Handle::current();
        return later(shared, async move {
            let version = request.version;
            let (response, follower) = administer(shared, progress, request, body, home).await;
            count_limit(&shared.state.metrics, response.status().as_u16());
            let mut response = match follower {
                None => give(&shared.state, progress, response),
                Some(follower) => Live::response(response, *follower, &shared.timekeeper, progress, version),
            };
            leave(&shared.state, progress, shared.state.clock.now(), &mut response);
            match response.body() {
                Sending::Long(_) => progress.go_on_to(Phase::Giving),
                Sending::Live(_) => progress.go_on_to(Phase::Speaking),
                Sending::Whole(_) => {}
            }
            Ok(response)
        });
    }
    let mut exchange = Exchange::arrive(&shared.state, progress, request);
    if !body.is_end_stream() || exchange.request.takes_long() {
        // It is in flight for a while, which those who follow the journal are to see.
        shared.state.journal.changes.tell();
        return later(shared, async move {
            let counting = exchange.counting();
            let answered = exchange.read(&shared.state, body).await.ok_or(Cut)?;
            exchange.counted(counting, &answered);
            if is_held(&answered) {
                exchange.inject(&shared.state, answered).await
            } else {
                Ok(exchange.finish(answered))
            }
        });
    }
    let counting = exchange.counting();
    let answered = exchange.answer();
    exchange.counted(counting, &answered);
    if is_held(&answered) {
        later(shared, exchange.inject(&shared.state, answered))
    } else {
        Answering::Now(Some(exchange.finish(answered)))
    }
}

/// Lets a request that came behind another wait until the answer to that is out: answers that nobody reads do not pile up.
#[cold]
fn wait_in_turn<'s>(shared: &'s Shared, progress: &'s Progress, request: Request<Incoming>) -> Answering<'s> {
    Answering::Later(Box::pin(async move {
        progress.written().await;
        exchange(shared, progress, request).await
    }))
}

/// Waits for an answer, with timers.
fn later<'s>(shared: &Shared, answer: impl Future<Output = Answer> + Send + 's) -> Answering<'s> {
    Answering::Later(Box::pin(shared.timekeeper.with_timers(answer)))
}

/// Whether a rule does more to the answer than to decide it.
fn is_held(answered: &Answered) -> bool {
    answered.decided.as_ref().is_some_and(|(_, outcome)| outcome.injected.is_some())
}

/// Counts an answer that leaves now, and lets it be the connection's last where it must.
fn leave(state: &State, progress: &Progress, now: Duration, response: &mut Response<Sending>) {
    progress.set_date(state.clock.date(now));
    if progress.answered() >= state.limits.requests_per_connection_max {
        state.metrics.hit(LimitHit::RequestsPerConnection);
        // Further requests may be on their way, and must not turn the close into a reset.
        progress.leave_unread();
    }
    if progress.is_unread() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// A request of the admin API. It is not journalled: the journal is what consumers did. Gives the answer, or the beginning
/// of one that a follower goes on with.
async fn administer(
    shared: &Shared,
    progress: &Progress,
    request: Parts,
    body: Incoming,
    home: Handle,
) -> (Response<Bytes>, Option<Box<admin::Follower>>) {
    let state = &shared.state;
    let limits = &state.limits;
    let well_formed = api::check_head(&request, limits).map_err(|refused| problem(*refused));
    if let (Ok(()), Some(lead)) = (&well_formed, admin::lead(state, &shared.access, &request)) {
        if body::read(body, Bounds::of_api(limits, &state.budget)).await.is_err() {
            progress.leave_unread();
        }
        return (lead, None);
    }
    let admission = match well_formed.and_then(|()| admin::admit(&shared.access, &request)) {
        Ok(admission) => admission,
        Err(problem) => {
            if body::read(body, Bounds::of_api(limits, &state.budget)).await.is_err() {
                progress.leave_unread();
            }
            return (admin::refuse(state, problem), None);
        }
    };
    let bounds = Bounds::of_admin(limits, &state.budget);
    let response = match body::read(body, bounds).await {
        // What is made of a body is no longer than that, and there in its place.
        Ok(Whole { bytes, held: _held }) => match admin::answer(state, admission, request, bytes).await {
            admin::Answer::Now(response) => response,
            admin::Answer::Try(trial) => {
                progress.enter(Phase::Waiting);
                let tried = trying::carry_out(shared, trial, home).await;
                tried.unwrap_or_else(|problem| admin::refuse(state, problem))
            }
            admin::Answer::Live(watch) => match watch.begin(state) {
                Ok((response, follower)) => return (response, Some(Box::new(follower))),
                Err(problem) => admin::refuse(state, problem),
            },
            admin::Answer::Apart(answer) => answer.response(state).await,
            admin::Answer::Verdict(pending) => {
                progress.enter(Phase::Waiting);
                pending.response(state).await
            }
        },
        Err(unread) => {
            progress.leave_unread();
            let (status, detail) = match &unread {
                Unread::TooLarge => (413, too_large(bounds)),
                Unread::TooSlow => (408, too_slow(bounds)),
                Unread::NoRoom => (503, format!("{} {RAISE}", no_room(state))),
                Unread::Broken(what) => (400, broken(what)),
            };
            if status == 503 {
                state.metrics.hit(LimitHit::HeldBytes);
            }
            admin::refuse(state, admin::Problem::new(status, detail).closing())
        }
    };
    (response, None)
}

/// A request of the API, from its arrival on. Dropped without an answer, it was cut.
pub(super) struct Exchange<'s> {
    pub(super) state: &'s State,
    pub(super) progress: &'s Progress,
    pub(super) request: ApiRequest,
    /// What decides: on arrival, or once the body is there.
    pub(super) running: Arc<Running>,
    /// Whether the journal knows what was decided.
    pub(super) settled: bool,
    pub(super) ended: bool,
}

impl<'s> Exchange<'s> {
    fn arrive(state: &'s State, progress: &'s Progress, head: Parts) -> Self {
        let arrived = state.clock.now();
        let by_console = progress.is_by_console();
        let (index, running) = state.arrive(&Arrival::Request(&head), arrived, by_console);
        if by_console {
            progress.arrived(index);
        }
        let request = ApiRequest::new(head, index, arrived, by_console);
        Self { state, progress, request, running, settled: false, ended: false }
    }

    /// What a request without a body is answered with.
    fn answer(&self) -> Answered {
        api::answer(self.state, &self.running, &self.request, &[], self.request.arrived)
    }

    /// Waits for a place to work out what takes long. Who goes away meanwhile has nothing worked out; nor has one whom a
    /// reset concerns.
    async fn turn(&self, state: &State) -> Option<WorkPlace> {
        if let Some(place) = state.workers.free_place(Work::List) {
            return Some(place);
        }
        self.progress.enter(Phase::Waiting);
        let place = tokio::select! {
            place = state.workers.place(Work::List) => place,
            () = self.ending().cancelled() => return None,
        };
        self.progress.enter(Phase::Busy);
        Some(place)
    }

    /// Answers once the body is there. A reset that concerns the request cuts it: it never shows up in the new epoch.
    async fn read(&mut self, state: &Arc<State>, body: Incoming) -> Option<Answered> {
        let limits = &self.state.limits;
        let bounds = Bounds::of_api(limits, &state.budget);
        let ending = self.ending().clone();
        let read = tokio::select! {
            read = body::read(body, bounds) => read,
            () = ending.cancelled() => return None,
        };
        self.running = arc_swap::Guard::into_inner(self.state.running());
        if ending.is_cancelled() {
            return None;
        }
        Some(match read {
            Ok(body) => {
                let now = self.state.clock.now();
                let most = limits.entry_body_bytes_max;
                let kept = KeptBody::of(&self.running.setup, &body.bytes, body.bytes.len() as u64, most);
                let mut answered = if self.request.takes_long() {
                    let place = self.turn(state).await?;
                    let (running, request) = (Arc::clone(&self.running), self.request.clone());
                    let bytes = body.bytes.clone();
                    let answer = move |state: &State| api::answer(state, &running, &request, &bytes, now);
                    let answered = apart_at(state, place, answer).await;
                    if ending.is_cancelled() {
                        return None;
                    }
                    answered
                } else {
                    api::answer(self.state, &self.running, &self.request, &body.bytes, now)
                };
                if kept.is_some() {
                    answered.aside.get_or_insert_default().request_body = kept;
                }
                answered
            }
            Err(unread) => {
                self.progress.leave_unread();
                if matches!(unread, Unread::NoRoom) {
                    self.state.metrics.hit(LimitHit::HeldBytes);
                }
                api::reject(self.state, self.request.operation(), refused(self.state, unread))
            }
        })
    }

    /// The version that the client speaks.
    pub(super) fn version(&self) -> Version {
        self.request.head.version
    }

    /// What is cancelled by a reset that concerns the request.
    pub(super) fn ending(&self) -> &CancellationToken {
        self.running.ending(self.request.project())
    }

    /// The answer as hyper sends it, journalled and counted.
    pub(super) fn finish(&mut self, mut answered: Answered) -> Response<Sending> {
        self.ended = true;
        let is_long = answered.reply.content_length() > PIECE as u64;
        let room = if is_long { self.take_room(&mut answered) } else { None };
        let took = self.note(&answered);
        let Answered { reply, decided, aside, .. } = answered;
        let sent = Sent { status: reply.status(), bytes: reply.content_length(), took };
        if self.settled {
            self.state.journal.answer(self.request.index, sent);
        } else {
            let decided = decided.map(|(call, outcome)| Decided::new(call, outcome));
            self.state.journal.finish(
                self.request.index,
                Settled { request_id: reply.request_id(), decided, aside },
                sent,
            );
        }
        let (progress, is_long) = (self.progress, room.is_some());
        let mut response = reply
            .into_response(mem::take(&mut self.request.head.headers), |content| Sending::of(content, progress, room));
        leave(self.state, self.progress, self.request.arrived + took, &mut response);
        if is_long {
            progress.go_on_to(Phase::Giving);
        }
        response
    }

    /// Logs and counts an answer; gives how long it took from the request's arrival.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is done once for each request, and its parts are short")]
    pub(super) fn note(&self, answered: &Answered) -> Duration {
        let took = self.log(answered);
        self.count(answered, took);
        self.note_secret(answered);
        took
    }

    /// Logs what became of the request; gives how long it took from its arrival.
    #[inline]
    pub(super) fn log(&self, answered: &Answered) -> Duration {
        let took = self.state.clock.now().saturating_sub(self.request.arrived);
        // Looked at before anything is put together.
        if tracing::enabled!(tracing::Level::INFO) {
            let setup = &self.running.setup;
            let (operation, user) = (self.request.operation(), self.request.user());
            let line = Line { method: self.request.method(), path: self.request.path(), operation, user };
            log_line::write(setup, &line, answered, took);
        }
        took
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is done once for each request, and its parts are short")]
    fn count(&self, answered: &Answered, took: Duration) {
        let status = answered.reply.status();
        let metrics = &self.state.metrics;
        let decided_by = match &answered.decided {
            Some((_, outcome)) if outcome.rule.is_some() => {
                self.strike(answered, outcome);
                DecidedBy::Rule
            }
            Some(_) => DecidedBy::OwnBehaviour,
            None => DecidedBy::Rejection,
        };
        metrics.answered(self.request.operation().map(Operation::index), decided_by, status, took);
        if answered.decided.is_none() {
            count_limit(metrics, status);
            self.reject(answered);
        }
        if !is_held(answered) {
            self.meet(answered);
        }
    }

    #[cold]
    fn cut(&self) {
        self.state.journal.cut(self.request.index, self.state.clock.now());
    }

    #[inline]
    fn note_secret(&self, answered: &Answered) {
        if let Some(secrets) = self.state.secrets.get() {
            hand_out(secrets, &self.running, answered);
        }
    }
}

#[cold]
fn hand_out(secrets: &Secrets, running: &Running, answered: &Answered) {
    if let Some((what, secret)) = answered.secret.as_deref() {
        secrets.hand_out_other(secret, what);
    }
    if let (Some((call, outcome)), Some(user)) = (&answered.decided, answered.user)
        && let Some(password) = &outcome.password
    {
        let how = if is_created(user.user) {
            let (project, id) = running.ids_of(user);
            HandedOut::Otherwise(password_of_call(*call, &id, &project).into())
        } else {
            HandedOut::Reset(user, *call)
        };
        secrets.hand_out(password, how);
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
            self.cut();
        }
    }
}

/// A refusal that concerns HTTP alone, as the admin API puts it.
pub(super) fn problem(refused: Refused) -> admin::Problem {
    admin::Problem::new(refused.error(Service::Workspace, Fidelity::Documented).status, refused.message).closing()
}

pub(super) fn too_large(bounds: Bounds<'_>) -> String {
    format!("The request body is larger than {} bytes.", bounds.bytes_max)
}

pub(super) fn too_slow(bounds: Bounds<'_>) -> String {
    format!("The request body did not arrive within {} ms.", bounds.time.as_millis())
}

pub(super) fn broken(what: &str) -> String {
    format!("The request body is not well-formed: {what}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntryState, Mock};
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    fn asking(mock: &Mock) -> TcpStream {
        let mut stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
        let project = "0bec5db98280d2d02fd6c00c2de791ce";
        let head = format!("GET /v2/{project}/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).unwrap();
        stream
    }

    fn all_places(mock: &Mock) -> Vec<WorkPlace> {
        places(mock, Work::List)
    }

    fn places(mock: &Mock, work: Work) -> Vec<WorkPlace> {
        std::iter::from_fn(|| mock.state().workers.free_place(work)).collect()
    }

    /// Sends a request to the admin API with a body of so many bytes.
    fn administering(mock: &Mock, request: &str, bytes: usize) -> TcpStream {
        let mut stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
        let fields = "Host: localhost\r\nContent-Type: application/json\r\nConnection: close";
        let body = format!("{{}}{}", " ".repeat(bytes - 2));
        let head = format!("{request} HTTP/1.1\r\n{fields}\r\nContent-Length: {bytes}\r\n\r\n");
        stream.write_all([head, body].concat().as_bytes()).unwrap();
        stream
    }

    fn answer_of(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn states(mock: &Mock) -> Vec<(EntryState, Option<u64>)> {
        mock.requests().iter().map(|entry| (entry.state, entry.call)).collect()
    }

    #[test]
    fn a_list_that_waits_for_its_turn_ends_with_its_client() {
        let mock = Mock::builder().start().unwrap();
        let places = all_places(&mock);
        let gone = asking(&mock);
        while mock.requests().is_empty() {}
        let mut there = asking(&mock);
        while mock.requests().len() < 2 {}
        drop(gone);
        while states(&mock)[0].0 == EntryState::InFlight {}
        assert_eq!(states(&mock), [(EntryState::Cut, None), (EntryState::InFlight, None)]);
        drop(places);
        let mut answer = String::new();
        there.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("]}"), "{answer}");
        // It is the first that was worked out.
        assert_eq!(states(&mock), [(EntryState::Cut, None), (EntryState::Answered, Some(1))]);
    }

    #[test]
    fn a_list_that_waits_for_its_turn_ends_with_a_reset() {
        let mock = Mock::builder().start().unwrap();
        let _places = all_places(&mock);
        let mut waiting = asking(&mock);
        while mock.requests().is_empty() {}
        mock.reset();
        let mut answer = Vec::new();
        let _ = waiting.read_to_end(&mut answer);
        assert!(answer.is_empty() && mock.requests().is_empty(), "{answer:?}");
    }

    #[test]
    fn a_long_body_of_the_admin_api_is_read_by_another_thread() {
        let mock = Mock::builder().start().unwrap();
        let checks = places(&mock, Work::Check);
        for (request, answered) in [
            ("POST /__admin/try", "422"),
            ("POST /__admin/verify", "200"),
            ("POST /__admin/clock", "422"),
            ("DELETE /__admin/tokens/none", "404"),
        ] {
            let waiting = administering(&mock, request, 200 << 10);
            // Others are answered meanwhile, short bodies among them, and what is worked out by threads of its own.
            for (other, status) in [(request, answered), ("POST /__admin/reset", "200"), ("GET /__admin/health", "200")]
            {
                let answer = answer_of(administering(&mock, other, 10));
                assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{other}: {answer}");
            }
            waiting.set_nonblocking(true).unwrap();
            let nothing = waiting.peek(&mut [0]).unwrap_err();
            assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock, "{request}");
            // Those of a resource that has threads of its own wait for no check.
            let reset = answer_of(administering(&mock, "POST /__admin/reset", 200 << 10));
            assert!(reset.starts_with("HTTP/1.1 200"), "{reset}");
        }
        let waiting = administering(&mock, "POST /__admin/try", 200 << 10);
        drop(checks);
        let answer = answer_of(waiting);
        assert!(answer.starts_with("HTTP/1.1 422") && answer.contains("operation"), "{answer}");
    }
}
