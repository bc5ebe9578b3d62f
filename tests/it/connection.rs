//! The behaviour of one connection.

use crate::client::Client;
use crate::{reset_path, user};
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer};

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let request =
        format!("GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n", reset_path(&user("0001")));
    client.send(request.repeat(8));
    for call in 1..=8 {
        assert_eq!(Some(client.answer(false).password()), mock.password(crate::PROJECT, &user("0001"), call));
    }
}

#[test]
fn half_closed_connection_still_gets_its_response() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
        reset_path(&user("0001"))
    ));
    client.half_close();
    assert_eq!(client.answer(false).status, 200);
}

#[test]
fn http_1_0_without_host_is_answered() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(format!("GET {} HTTP/1.0\r\nContent-Type: application/json\r\n\r\n", reset_path(&user("0001"))));
    assert_eq!(client.answer(false).status, 200);
    assert!(client.is_closed());
}

#[test]
fn absolute_target_is_routed_by_its_path() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    assert_eq!(client.get(&format!("http://elsewhere{path}")).status, 200);
    assert_eq!(mock.requests()[0].user, Some(user("0001")));
}

#[test]
fn body_past_its_limit_closes_the_connection() {
    let mut limits = Limits::default();
    limits.body_bytes_max = 10;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let path = reset_path(&user("0001"));
    let mut client = Client::connect(mock.url());
    assert_eq!(client.request("GET", &path, &[], &"x".repeat(10)).status, 200);
    let refused = client.request("GET", &path, &[], &"x".repeat(11));
    assert_eq!((refused.status, refused.header("connection")), (413, Some("close")));
    let mut chunked = Client::connect(mock.url());
    chunked.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nxxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n"));
    assert_eq!(chunked.answer(false).status, 413);
    let rejected = mock.requests().pop().unwrap();
    assert_eq!((rejected.state, rejected.call), (EntryState::Rejected, None));
}

#[test]
fn target_past_its_limit_is_refused() {
    let mut limits = Limits::default();
    limits.target_bytes_max = 200;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = format!("{}?", reset_path(&user("0001")));
    let padded = |length: usize| format!("{path}{}", "x".repeat(length - path.len()));
    assert_eq!(client.get(&padded(200)).status, 200);
    assert_eq!(client.get(&padded(201)).status, 414);
}

#[test]
fn slow_body_times_out() {
    let mut limits = Limits::default();
    limits.body_time = Duration::from_millis(20);
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nab",
        reset_path(&user("0001"))
    ));
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
}

#[test]
fn idle_connection_is_closed() {
    let mut limits = Limits::default();
    limits.idle = Duration::from_millis(20);
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    assert!(client.is_closed());
}

#[test]
fn connection_past_the_limit_waits_for_a_slot() {
    let mut limits = Limits::default();
    limits.connections_max = 1;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut first = Client::connect(mock.url());
    assert_eq!(first.get(&reset_path(&user("0001"))).status, 200);
    let mut second = Client::connect(mock.url());
    second.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
        reset_path(&user("0503"))
    ));
    assert_eq!(first.get(&reset_path(&user("0001"))).status, 200);
    assert_eq!(mock.requests().len(), 2, "the second is not served yet");
    drop(first);
    assert_eq!(second.answer(false).status, 503);
}

#[test]
fn calls_in_flight_at_a_reset_are_cut_and_never_reappear() {
    let users = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}, {"id": "q", "users": [{"id": "u"}]}]}"#;
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    let reset = |project: &str| format!("/v2/{project}/users/u/random-password");
    let unfinished = |project: &str| Client::connect(mock.url()).begin_reset(&reset(project));
    let (mut p, mut q) = (unfinished("p"), unfinished("q"));
    let states: Vec<_> = mock.requests().iter().map(|entry| entry.state).collect();
    assert_eq!(states, [EntryState::InFlight, EntryState::InFlight]);
    let reset = Client::connect(mock.url()).request("POST", "/__admin/reset", &[], r#"{"project": "p"}"#);
    assert_eq!(reset.status, 200);
    assert!(p.is_closed());
    q.send("{}");
    assert_eq!(q.answer(false).status, 200);
    let left: Vec<_> = mock.requests().iter().map(|entry| (entry.project.clone().unwrap(), entry.state)).collect();
    assert_eq!(left, [("q".to_owned(), EntryState::Answered)]);
}

#[test]
fn disconnected_client_leaves_a_cut_entry() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let client = Client::connect(mock.url()).begin_reset(&reset_path(&user("0001")));
    drop(client);
    // The server notices the end of the body's sender some time after the close.
    while mock.requests()[0].state == EntryState::InFlight {
        std::thread::yield_now();
    }
    let entry = &mock.requests()[0];
    assert!(matches!(entry.state, EntryState::Cut | EntryState::Rejected), "{entry:?}");
    assert_eq!(entry.call, None);
}

#[test]
fn reset_right_after_a_reset_cuts_calls_in_flight() {
    let users = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}, {"id": "q", "users": [{"id": "u"}]}]}"#;
    for second in ["{}", r#"{"project": "p"}"#] {
        let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
        let mut victim = Client::connect(mock.url());
        victim.send("GET /v2/p/users/u/random-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{");
        let mut admin = Client::connect(mock.url());
        while mock.requests().is_empty() {
            std::thread::yield_now();
        }
        let reset = |body: &str| {
            format!(
                "POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        admin.send(reset(r#"{"project": "q"}"#) + &reset(second));
        assert_eq!((admin.answer(false).status, admin.answer(false).status), (200, 200));
        victim.send("}");
        assert!(victim.next(false).is_none(), "{second}");
        assert!(mock.requests().is_empty());
        let answer = admin.get("/v2/p/users/u/random-password");
        assert_eq!(mock.requests()[0].call, Some(1));
        assert_eq!(Some(answer.password()), mock.password("p", "u", 1));
    }
}
