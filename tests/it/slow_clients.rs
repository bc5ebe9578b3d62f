//! Slow clients: each costs a connection, is cut on time, and delays no other client.

use crate::client::Client;
use crate::{limited, raw_reset, reset_path, user};
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer};

/// Returns how often a limit was reached, by the metrics.
pub(crate) fn hits(mock: &MockServer, limit: &str) -> usize {
    Client::connect(mock.url()).metric(&format!("wksmock_limit_hits_total{{limit=\"{limit}\"}}"))
}

#[test]
fn unfinished_head_times_out_with_408() {
    // A partial request behind a complete one counts as idle until more of it arrives.
    let mock = limited(|limits| (limits.head, limits.idle) = (Duration::from_millis(100), Duration::from_millis(100)));
    for before in ["", &raw_reset("")] {
        let mut client = Client::connect(mock.url());
        client.send(format!("{before}GET /v2/half HTTP/1.1\r\nHost:"));
        if !before.is_empty() {
            assert_eq!(client.answer(false).status, 200);
        }
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
        assert!(answer.body.contains("within 100 ms"), "{}", answer.body);
        assert!(client.is_closed());
        let entry = mock.requests().pop().unwrap();
        assert_eq!((entry.state, entry.target.as_str()), (EntryState::Rejected, "/v2/half"));
        assert_eq!(entry.request_id, Some(answer.request_id()));
    }
    assert_eq!(hits(&mock, "head"), 2);
}

#[test]
fn dripping_head_gets_no_extra_time() {
    let mock = limited(|limits| limits.head = Duration::from_millis(100));
    let mut client = Client::connect(mock.url());
    client.send("GET /v2/");
    // Send each byte once the server has read the last one or given up.
    while !client.has_answer_within(Duration::from_millis(5)) {
        client.send_if_open(b"x");
    }
    assert_eq!(client.answer(false).status, 408);
}

#[test]
fn silent_connection_is_closed_without_a_response() {
    let mock = limited(|limits| limits.head = Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    assert!(client.is_closed());
    assert!(mock.requests().is_empty());
}

#[test]
fn unfinished_admin_head_is_a_problem() {
    let mock = limited(|limits| limits.head = Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    client.send("GET /__admin/users HTTP/1.1\r\n");
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.header("content-type")), (408, Some("application/problem+json")));
    assert!(mock.requests().is_empty());
}

#[test]
fn non_reading_client_is_reset() {
    let mut limits = Limits::default();
    limits.stall = Duration::from_millis(100);
    let mock = MockServer::builder().users("fixtures/population.json").limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    // Far more than the buffers of both sides.
    client.send("GET /__admin/users?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200));
    while hits(&mock, "stall") == 0 {
        std::thread::yield_now();
    }
    assert!(client.ends_by_reset());
}

#[test]
fn silent_clients_delay_no_other_client() {
    let mock = limited(|_| ());
    let crowd: Vec<_> = (0..400)
        .map(|at| {
            let mut client = Client::connect(mock.url());
            match at % 3 {
                0 => {}
                1 => client.send("GET /half"),
                _ => client.send(raw_reset("").replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n{")),
            }
            client
        })
        .collect();
    let mut client = Client::connect(mock.url());
    for call in 1..=50 {
        assert_eq!(Some(client.get(&reset_path(&user("0002"))).status), Some(400), "call {call}");
    }
    let mut health = Client::connect(mock.url());
    while mock.requests().iter().filter(|entry| entry.state == EntryState::InFlight).count() < 133 {
        assert_eq!(health.get("/__admin/health").status, 200);
    }
    drop(crowd);
    while mock.requests().iter().any(|entry| entry.state == EntryState::InFlight) {
        assert_eq!(health.get("/__admin/health").status, 200);
    }
}

#[test]
fn last_request_of_a_connection_is_marked_close() {
    let mock = limited(|limits| limits.requests_per_connection_max = 3);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("").repeat(5));
    let last: Vec<_> = (0..3).map(|_| client.answer(false).header("connection").map(str::to_owned)).collect();
    assert_eq!(last, [None, None, Some("close".to_owned())]);
    assert!(client.next(false).is_none());
    assert_eq!(mock.requests().len(), 3);
    assert_eq!(hits(&mock, "requests_per_connection"), 1);
}

#[test]
fn refusal_arrives_before_the_request_is_read() {
    let mock = limited(|_| ());
    let mut client = Client::connect(mock.url());
    let megabytes = 8 << 20;
    client.send(raw_reset("").replace("\r\n\r\n", &format!("\r\nContent-Length: {megabytes}\r\n\r\n")));
    // Without a reader on the other side this would fail midway.
    client.send("a".repeat(megabytes));
    assert_eq!(client.answer(false).status, 413);
    assert!(client.is_closed());
    assert_eq!(hits(&mock, "body_bytes"), 1);
}
