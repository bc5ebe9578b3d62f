//! Faults on the wire, in the bytes that a client reads.

use crate::client::Client;
use crate::{PROJECT, ended, raw_reset, reset_path, user};
use std::time::Duration;
use wksmock::{ClockMode, EntryState, MockServer};

/// Starts a server whose first call of each user has the fault.
fn with(fault: &str) -> MockServer {
    let rule = format!(r#"{{"name": "broken", "when": {{"calls": "1"}}, {fault}}}"#);
    MockServer::builder().seed(7).scenario_json(format!(r#"{{"rules": [{rule}]}}"#)).start_blocking().unwrap()
}

/// Returns the bytes of the first call, and whether it ends by a reset.
fn first_call(mock: &MockServer) -> (String, bool) {
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    let (bytes, reset) = client.rest();
    (String::from_utf8_lossy(&bytes).into_owned(), reset)
}

/// Head and body.
fn parts(answer: &str) -> (&str, &str) {
    answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"))
}

fn length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    line.unwrap_or_else(|| panic!("no length: {head}")).parse().unwrap()
}

/// Returns the password of the user's first call.
fn password(mock: &MockServer) -> String {
    mock.password(PROJECT, &user("0001"), 1).unwrap()
}

fn current(mock: &MockServer) -> Option<String> {
    mock.current_password(PROJECT, &user("0001"))
}

#[test]
fn reset_fault_resets_before_the_side_effect() {
    let mock = with(r#""fault": "reset""#);
    assert_eq!(first_call(&mock), (String::new(), true));
    let entry = ended(&mock);
    let decision = entry.decision.unwrap();
    assert_eq!((entry.state, entry.answer.is_some()), (EntryState::Cut, false));
    assert_eq!((decision.fault, decision.phase, decision.password), (Some("reset"), Some("before"), None));
    assert_eq!(decision.causes.fault.unwrap().rule, "broken");
    assert_eq!(current(&mock), None);
    // The user's next call is answered as usual.
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    let metrics = client.get("/__admin/metrics").body;
    assert!(metrics.contains("wksmock_faults_total{fault=\"reset\"} 1\n"), "{metrics}");
    assert!(metrics.contains("wksmock_faults_total{fault=\"dribble\"} 0\n"), "{metrics}");
    // The lost call is not journalled as answered.
    assert_eq!(metrics.lines().filter(|line| line.starts_with("wksmock_requests_total")).count(), 1);
}

#[test]
fn reset_fault_after_the_side_effect_keeps_the_password() {
    let mock = with(r#""fault": "reset", "phase": "after""#);
    assert_eq!(first_call(&mock), (String::new(), true));
    let decision = ended(&mock).decision.unwrap();
    assert_eq!((decision.phase, decision.password), (Some("after"), Some(password(&mock))));
    assert_eq!(current(&mock), Some(password(&mock)));
}

#[test]
fn reset_fault_follows_complete_pipelined_responses() {
    let mock = MockServer::builder().fault(format!("{}=reset:3", user("0001"))).start_blocking().unwrap();
    for _ in 0..20 {
        let mut client = Client::connect(mock.url());
        // Three in a row, and a fourth that the server does not read.
        let body = "x".repeat(60_000);
        let unread = raw_reset(&format!("Content-Length: {}\r\n", body.len()));
        client.send(raw_reset("").repeat(3));
        // A client that sees the reset while sending does not see it again while reading.
        let told = !client.send_if_open((unread + &body).as_bytes());
        for _ in 0..2 {
            assert_eq!(client.answer(false).status, 200);
        }
        assert!(told || client.ends_by_reset());
        mock.reset();
    }
}

#[test]
fn empty_response_closes_without_a_byte_when_pipelined() {
    let mock = with(r#""fault": "empty_response""#);
    assert_eq!(first_call(&mock), (String::new(), false));
    assert_eq!(ended(&mock).decision.unwrap().fault, Some("empty_response"));
    let mock = with(r#""fault": "empty_response""#);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("") + &raw_reset("X: y\r\n"));
    assert_eq!(client.rest(), (Vec::new(), false));
}

#[test]
fn random_data_is_invalid_http_and_repeatable() {
    let data = || {
        let mock = with(r#""fault": "random_data""#);
        let mut client = Client::connect(mock.url());
        client.send(raw_reset(""));
        let (bytes, reset) = client.rest();
        assert!(!reset && ended(&mock).state == EntryState::Cut);
        bytes
    };
    let bytes = data();
    assert_eq!((bytes.len(), bytes.starts_with(b"HTTP")), (128, false));
    assert_eq!(bytes, data());
}

#[test]
fn truncated_body_is_half_of_its_content_length() {
    let mock = with(r#""fault": "truncated_body""#);
    let (answer, reset) = first_call(&mock);
    let (head, body) = parts(&answer);
    let whole = format!(r#"{{"password":"{}"}}"#, password(&mock));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && !reset, "{answer}");
    assert_eq!((length(head), body), (whole.len(), &whole[..whole.len() / 2]));
    let entry = ended(&mock);
    assert_eq!((entry.state, entry.answer.unwrap().status), (EntryState::Answered, 200));
    assert_eq!(entry.decision.unwrap().phase, None);
    // The password was reset anyway: this is the danger of the fault.
    assert_eq!(current(&mock), Some(password(&mock)));
}

#[test]
fn wrong_length_is_shorter_than_the_body() {
    let mock = with(r#""fault": "wrong_length""#);
    let (answer, reset) = first_call(&mock);
    let (head, body) = parts(&answer);
    assert_eq!(body, format!(r#"{{"password":"{}"}}"#, password(&mock)));
    assert_eq!((length(head), reset), (body.len() / 2, false));
}

#[test]
fn malformed_chunk_has_an_invalid_size() {
    let mock = with(r#""fault": "malformed_chunk""#);
    let (answer, reset) = first_call(&mock);
    let (head, body) = parts(&answer);
    assert!(head.contains("\r\nTransfer-Encoding: chunked") && !head.contains("Content-Length") && !reset, "{head}");
    let size = body.lines().next().unwrap();
    assert!(usize::from_str_radix(size, 16).is_err(), "{size}");
    assert!(body.contains(&password(&mock)));
}

#[test]
fn malformed_json_keeps_valid_http_and_the_connection() {
    let mock = with(r#""fault": "malformed_json""#);
    let mut client = Client::connect(mock.url());
    let answer = client.get(&reset_path(&user("0001")));
    assert_eq!((answer.status, answer.body.len()), (200, format!(r#"{{"password":"{}"}}"#, password(&mock)).len()));
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err(), "{}", answer.body);
    client.get(&reset_path(&user("0001"))).password();
}

#[test]
fn malformed_json_is_invalid_for_every_body() {
    for body in ["12", "1e5", "true", r#"\"text\""#, "[]", " {} ", "x"] {
        let mock =
            with(&format!(r#""status": 200, "undocumented": true, "body": "{body}", "fault": "malformed_json""#));
        let answer = Client::connect(mock.url()).get(&reset_path(&user("0001")));
        assert_eq!(answer.body.len(), body.replace('\\', "").len(), "{}", answer.body);
        assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err(), "{}", answer.body);
    }
}

#[test]
fn body_fault_applies_to_the_decided_status() {
    let rules = r#"{"name": "down", "when": {"calls": "1"}, "status": 503, "phase": "after", "headers": {"Retry-After": "1"}},
                   {"name": "torn", "fault": "truncated_body"}"#;
    let mock = MockServer::builder().scenario_json(format!(r#"{{"rules": [{rules}]}}"#)).start_blocking().unwrap();
    let (answer, _) = first_call(&mock);
    let (head, body) = parts(&answer);
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nRetry-After: 1"), "{head}");
    assert_eq!(body.len(), length(head) / 2);
    let decision = ended(&mock).decision.unwrap();
    let causes = decision.causes;
    assert_eq!((causes.status.unwrap().rule, causes.fault.unwrap().rule), ("down".to_owned(), "torn".to_owned()));
    assert_eq!(decision.phase, Some("after"));
}

#[test]
fn dribble_sends_the_whole_response_in_paused_pieces() {
    let rule = r#"{"name": "broken", "fault": {"dribble": {"chunks": 5, "over_ms": 250}}}"#;
    let mock = MockServer::builder()
        .clock(ClockMode::Manual)
        .scenario_json(format!(r#"{{"rules": [{rule}]}}"#))
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    let head = String::from_utf8(client.piece()).unwrap();
    // Time moves by a pause at a time, so one piece arrives after another.
    let pieces = [(); 5].map(|()| {
        assert_eq!(mock.requests()[0].state, EntryState::InFlight);
        mock.advance(Duration::from_millis(50));
        String::from_utf8(client.piece()).unwrap()
    });
    let body = pieces.concat();
    assert_eq!(body, format!(r#"{{"password":"{}"}}"#, password(&mock)));
    assert_eq!(parts(&head).0.lines().next(), Some("HTTP/1.1 200 OK"));
    assert_eq!(length(&head), body.len());
    assert!(client.is_closed());
    let entry = ended(&mock);
    assert_eq!((entry.state, entry.decision.unwrap().fault), (EntryState::Answered, Some("dribble")));
}

#[test]
fn dribbled_response_without_body_has_no_length() {
    for (status, says_length) in [(204, false), (304, false), (205, true)] {
        let mock = with(&format!(
            r#""status": {status}, "undocumented": true, "fault": {{"dribble": {{"chunks": 2, "over_ms": 10}}}}"#
        ));
        let (bytes, is_reset) = first_call(&mock);
        assert!(!is_reset && bytes.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}");
        assert_eq!(bytes.contains("Content-Length"), says_length, "{bytes}");
        assert_eq!(parts(&bytes).1, "");
    }
}

#[test]
fn body_fault_without_a_body_changes_nothing() {
    let bare = [(204, ""), (304, ""), (200, r#", "body": """#)];
    let bare = bare.map(|(status, body)| format!(r#""status": {status}, "undocumented": true{body}"#));
    for fault in ["truncated_body", "wrong_length", "malformed_chunk", "malformed_json"] {
        for rule in &bare {
            let rules = format!(
                r#"{{"name": "bare", {rule}}}, {{"name": "torn", "when": {{"calls": "1"}}, "fault": "{fault}"}}"#
            );
            let mock =
                MockServer::builder().scenario_json(format!(r#"{{"rules": [{rules}]}}"#)).start_blocking().unwrap();
            let mut client = Client::connect(mock.url());
            // The connection stays usable, so no bytes follow the head.
            let answers: Vec<_> = (0..2).map(|_| client.get(&reset_path(&user("0001")))).collect();
            assert_eq!(answers[0].status, answers[1].status);
            for answer in answers {
                assert_eq!((answer.body.as_str(), answer.header("transfer-encoding")), ("", None), "{fault} {rule}");
            }
        }
    }
}

#[test]
fn dribble_ends_at_reset_or_disconnect() {
    let slow = r#""fault": {"dribble": {"chunks": 5, "over_ms": 60000}}"#;
    let mock = with(slow);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    client.piece();
    assert!(mock.reset_project(PROJECT));
    let (bytes, is_reset) = client.rest();
    assert!(is_reset && bytes.len() < 20, "{bytes:?}");
    assert_eq!((mock.requests().len(), current(&mock)), (0, None));
    let mock = with(slow);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    client.piece();
    drop(client);
    assert_eq!(ended(&mock).state, EntryState::Cut);
}

#[test]
fn hang_ends_at_its_limit_or_disconnect() {
    let mock = crate::limited(|limits| limits.hang = Duration::from_millis(50));
    mock.override_json(r#"{"fault": "hang", "phase": "after"}"#).unwrap();
    assert_eq!(first_call(&mock), (String::new(), false));
    assert_eq!((ended(&mock).state, current(&mock)), (EntryState::Cut, Some(password(&mock))));
    let mock = with(r#""fault": "hang""#);
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    while mock.requests().first().is_none_or(|entry| entry.decision.is_none()) {
        std::thread::yield_now();
    }
    assert_eq!(mock.requests()[0].state, EntryState::InFlight);
    drop(client);
    assert_eq!(ended(&mock).state, EntryState::Cut);
}

#[test]
fn fault_leaves_other_connections_alone() {
    let rules = format!(
        r#"{{"name": "a", "when": {{"user": "{}"}}, "fault": "reset"}}, {{"name": "b", "when": {{"user": "{}"}}, "fault": "hang"}}"#,
        user("0001"),
        user("0400")
    );
    let mock = MockServer::builder().scenario_json(format!(r#"{{"rules": [{rules}]}}"#)).start_blocking().unwrap();
    let mut steady = Client::connect(mock.url());
    let mut hanging = Client::connect(mock.url());
    hanging.send(raw_reset("").replace(&user("0001"), &user("0400")));
    for _ in 0..20 {
        assert_eq!(first_call(&mock), (String::new(), true));
        assert_eq!(steady.get("/v2/x/users/y/random-password").status, 404);
    }
}
