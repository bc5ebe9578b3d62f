//! Clients that take their time: they cost a connection, are cut on time, and nobody else waits for them.

use crate::client::Client;
use crate::{limited, raw_reset, reset_path, user};
use std::time::Duration;
use wksmock::{EntryState, Limits, Mock};

/// How often a limit was reached, as the metrics tell it.
pub(crate) fn hits(mock: &Mock, limit: &str) -> String {
    let metrics = Client::connect(mock.url()).get("/__admin/metrics").body;
    let name = format!("wksmock_limit_hits_total{{limit=\"{limit}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap().to_owned()
}

#[test]
fn half_a_head_is_answered_with_408_when_its_time_is_over() {
    // What comes together with the request before it is taken for idleness until more of it comes.
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
    assert_eq!(hits(&mock, "head"), "2");
}

#[test]
fn a_head_that_drips_in_has_no_more_time_than_another() {
    let mock = limited(|limits| limits.head = Duration::from_millis(100));
    let mut client = Client::connect(mock.url());
    client.send("GET /v2/");
    // Each byte is waited for until the server has read it or given up.
    while !client.has_answer_within(Duration::from_millis(5)) {
        client.send_if_open(b"x");
    }
    assert_eq!(client.answer(false).status, 408);
}

#[test]
fn a_silent_connection_is_closed_without_a_word() {
    let mock = limited(|limits| limits.head = Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    assert!(client.is_closed());
    assert!(mock.requests().is_empty());
}

#[test]
fn an_admin_head_that_does_not_come_is_a_problem() {
    let mock = limited(|limits| limits.head = Duration::from_millis(50));
    let mut client = Client::connect(mock.url());
    client.send("GET /__admin/users HTTP/1.1\r\n");
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.header("content-type")), (408, Some("application/problem+json")));
    assert!(mock.requests().is_empty());
}

#[test]
fn a_client_that_reads_nothing_is_reset() {
    let mut limits = Limits::default();
    limits.stall = Duration::from_millis(100);
    let mock = Mock::builder().users("fixtures/population.json").limits(limits).start().unwrap();
    let mut client = Client::connect(mock.url());
    // Far more than the buffers of both sides hold.
    client.send("GET /__admin/users?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200));
    while hits(&mock, "stall") == "0" {
        std::thread::yield_now();
    }
    assert!(client.ends_by_reset());
}

#[test]
fn a_crowd_of_silent_clients_holds_up_nobody() {
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
fn a_connection_has_so_many_requests_and_the_last_says_so() {
    let mock = limited(|limits| limits.requests_per_connection_max = 3);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("").repeat(5));
    let last: Vec<_> = (0..3).map(|_| client.answer(false).header("connection").map(str::to_owned)).collect();
    assert_eq!(last, [None, None, Some("close".to_owned())]);
    assert!(client.next(false).is_none());
    assert_eq!(mock.requests().len(), 3);
    assert_eq!(hits(&mock, "requests_per_connection"), "1");
}

#[test]
fn a_refusal_arrives_although_its_request_was_not_read() {
    let mock = limited(|_| ());
    let mut client = Client::connect(mock.url());
    let megabytes = 8 << 20;
    client.send(raw_reset("").replace("\r\n\r\n", &format!("\r\nContent-Length: {megabytes}\r\n\r\n")));
    // Without a reader on the other side this would fail half-way.
    client.send("a".repeat(megabytes));
    assert_eq!(client.answer(false).status, 413);
    assert!(client.is_closed());
    assert_eq!(hits(&mock, "body_bytes"), "1");
}
