//! One request and its answer, of the emulated API or of the admin API.

use super::api_exchange::{Cut, Exchange, Exchanged, is_held};
use super::deadlines::{ConnectionPhase, Progress};
use super::request_body::RequestBody;
use super::sending::Sending;
use super::{Shared, admin_exchange};
use crate::admin;
use crate::api::Request as ApiRequest;
use crate::contract::route;
use crate::state::{Arrival, OverTls};
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{Request, Response};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;

/// The answer to a request, or the wait for it.
pub(super) enum Answering<'s> {
    /// There was nothing to wait for. Empty once it was taken.
    Now(Option<Response<Sending>>),
    Later(Pin<Box<dyn Future<Output = Exchanged> + Send + 's>>),
}

impl Future for Answering<'_> {
    type Output = Exchanged;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchanged> {
        match &mut *self {
            Self::Now(response) => Poll::Ready(response.take().ok_or(Cut)),
            Self::Later(response) => response.as_mut().poll(context),
        }
    }
}

/// Answers one request. Only a request whose body is still to come needs a future of its own, which costs an allocation.
pub(super) fn exchange<'s, B>(shared: &'s Shared, progress: &'s Progress, request: Request<B>) -> Answering<'s>
where
    B: Body + Into<RequestBody> + Send + 's,
{
    if progress.is_writing() {
        return wait_in_turn(shared, progress, request);
    }
    progress.enter(ConnectionPhase::Busy);
    let tls = progress.tls();
    let path = request.uri().path();
    if !shared.api
        || admin::is_admin(path)
        || (path == "/" && admin::leads_to_page(&shared.state, &shared.access, request.method(), request.headers()))
    {
        let (mut request, body) = request.into_parts();
        if tls.is_some() {
            mark(&mut request);
        }
        // The runtime that serves has the sockets, and the one of timers has none.
        let home = Handle::current();
        return later(shared, admin_exchange::answer(shared, progress, request, body.into(), home));
    }
    let state = &*shared.state;
    let (arrived, by_console) = (state.clock.now(), progress.is_by_console());
    let (index, running) = state.arrive(&Arrival::of_request(&request, tls), arrived, by_console);
    if by_console {
        progress.arrived(index);
    }
    let found = route(request.uri().path(), request.method().as_str());
    // A head is large. It was read in place so far, and is copied once, here.
    let (head, body) = request.into_parts();
    let mut exchange = Exchange {
        state,
        progress,
        request: ApiRequest { head, found, index, arrived, by_console },
        running,
        settled: false,
        ended: false,
    };
    if tls.is_some() {
        mark(&mut exchange.request.head);
    }
    if !body.is_end_stream() || exchange.request.takes_long() {
        // It is in flight for a while, which readers of the journal are to see.
        shared.state.journal.changes.tell();
        let body = body.into();
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
    let answered = exchange.answer();
    if is_held(&answered) {
        later(shared, exchange.inject(&shared.state, answered))
    } else {
        Answering::Now(Some(exchange.finish(answered)))
    }
}

/// Marks a request that came over TLS, for the links in its answer.
#[cold]
#[inline(never)]
fn mark(head: &mut Parts) {
    head.extensions.insert(OverTls);
}

/// Answers a request that came before the last answer was out, once that is out: unread answers do not pile up.
#[cold]
fn wait_in_turn<'s, B>(shared: &'s Shared, progress: &'s Progress, request: Request<B>) -> Answering<'s>
where
    B: Body + Into<RequestBody> + Send + 's,
{
    Answering::Later(Box::pin(async move {
        progress.written().await;
        exchange(shared, progress, request).await
    }))
}

/// Waits for an answer, with timers.
fn later<'s>(shared: &Shared, answer: impl Future<Output = Exchanged> + Send + 's) -> Answering<'s> {
    Answering::Later(Box::pin(shared.timekeeper.with_timers(answer)))
}

#[cfg(test)]
mod tests {
    use crate::PROJECT;
    use crate::state::{Work, WorkPlace};
    use crate::{EntryState, MockServer};
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    fn asking(mock: &MockServer) -> TcpStream {
        let mut stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
        let project = "0bec5db98280d2d02fd6c00c2de791ce";
        let head = format!("GET /v2/{project}/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).unwrap();
        stream
    }

    fn all_places(mock: &MockServer) -> Vec<WorkPlace> {
        places(mock, Work::List)
    }

    fn places(mock: &MockServer, work: Work) -> Vec<WorkPlace> {
        std::iter::from_fn(|| mock.state().workers.free_place(work)).collect()
    }

    /// Sends a request to the admin API with a body of this length.
    fn administering(mock: &MockServer, request: &str, bytes: usize) -> TcpStream {
        sending(mock, request, &format!("{{}}{}", " ".repeat(bytes - 2)))
    }

    fn sending(mock: &MockServer, request: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
        let fields = "Host: localhost\r\nContent-Type: application/json\r\nConnection: close";
        let head = format!("{request} HTTP/1.1\r\n{fields}\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all([&head, body].concat().as_bytes()).unwrap();
        stream
    }

    fn answer_of(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn states(mock: &MockServer) -> Vec<(EntryState, Option<u64>)> {
        mock.requests().iter().map(|entry| (entry.state, entry.call)).collect()
    }

    #[test]
    fn a_list_that_waits_for_its_turn_ends_with_its_client() {
        let mock = MockServer::builder().start_blocking().unwrap();
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
        let mock = MockServer::builder().start_blocking().unwrap();
        let _places = all_places(&mock);
        let mut waiting = asking(&mock);
        while mock.requests().is_empty() {}
        mock.reset();
        let mut answer = Vec::new();
        let _ = waiting.read_to_end(&mut answer);
        assert!(answer.is_empty() && mock.requests().is_empty(), "{answer:?}");
    }

    #[test]
    fn brief_work_on_a_clone_needs_no_other_thread() {
        let rules: Vec<_> =
            (1..300).map(|n| format!(r#"{{"name": "r{n}", "when": {{"calls": "{n}"}}, "status": 503}}"#)).collect();
        let scenario = format!(r#"{{"rules": [{}]}}"#, rules.join(","));
        let builders = [MockServer::builder(), MockServer::builder().scenario_json(&scenario)];
        for (has_rules, builder) in [false, true].into_iter().zip(builders) {
            let mock = builder.start_blocking().unwrap();
            let _taken = [Work::Verdict, Work::Change].map(|work| places(&mock, work));
            let clone = |id: &str, more: &str| format!(r#"{{"from": "{PROJECT}", "id": "{id}"{more}}}"#);
            let begun = |request: &str, body: &str| answer_of(sending(&mock, request, body));
            let waits = |request: &str, body: &str| {
                let waiting = sending(&mock, request, body);
                // Later requests are answered, so this one has arrived.
                assert!(begun("GET /__admin/health", "").starts_with("HTTP/1.1 200"));
                waiting.set_nonblocking(true).unwrap();
                let nothing = waiting.peek(&mut [0]).unwrap_err();
                assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock, "{request} {body}");
            };
            for id in ["a", "b"] {
                assert!(begun("POST /__admin/projects", &clone(id, "")).starts_with("HTTP/1.1 201"));
            }
            waits("POST /__admin/verify", r#"{"expect": []}"#);
            waits("POST /__admin/projects", &clone("c", r#", "scenario": {"rules": []}"#));
            if has_rules {
                waits("POST /__admin/verify", r#"{"project": "a"}"#);
                waits("DELETE /__admin/projects/b", "");
                continue;
            }
            for (request, body, status) in [
                ("POST /__admin/verify", r#"{"project": "a"}"#, "200"),
                ("POST /__admin/verify", r#"{"project": "a", "also_expect": [{"name": "x"}]}"#, "422"),
                ("POST /__admin/verify", r#"{"project": "a", "delete": true}"#, "200"),
                ("DELETE /__admin/projects/b", "", "204"),
                ("POST /__admin/verify", r#"{"project": "b"}"#, "404"),
            ] {
                let answer = begun(request, body);
                assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request} {body}: {answer}");
            }
            // The journal may have calls of the earlier clone.
            waits("POST /__admin/projects", &clone("a", ""));
        }
    }

    #[test]
    fn a_long_body_of_the_admin_api_is_read_by_another_thread() {
        let mock = MockServer::builder().start_blocking().unwrap();
        let checks = places(&mock, Work::Check);
        for (request, answered) in [
            ("POST /__admin/try", "422"),
            ("POST /__admin/verify", "200"),
            ("POST /__admin/clock", "422"),
            ("DELETE /__admin/tokens/none", "404"),
        ] {
            let waiting = administering(&mock, request, 200 << 10);
            // Requests with short bodies, and those for other threads, are answered meanwhile.
            for (other, status) in [(request, answered), ("POST /__admin/reset", "200"), ("GET /__admin/health", "200")]
            {
                let answer = answer_of(administering(&mock, other, 10));
                assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{other}: {answer}");
            }
            waiting.set_nonblocking(true).unwrap();
            let nothing = waiting.peek(&mut [0]).unwrap_err();
            assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock, "{request}");
            // A resource with threads of its own waits for no check.
            let reset = answer_of(administering(&mock, "POST /__admin/reset", 200 << 10));
            assert!(reset.starts_with("HTTP/1.1 200"), "{reset}");
        }
        let waiting = administering(&mock, "POST /__admin/try", 200 << 10);
        drop(checks);
        let answer = answer_of(waiting);
        assert!(answer.starts_with("HTTP/1.1 422") && answer.contains("operation"), "{answer}");
    }
}
