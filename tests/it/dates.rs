//! Every response has exactly one correct `Date`.
#![expect(clippy::disallowed_methods, reason = "these tests check the time of day")]

use crate::client::{Answer, Client};
use crate::{raw_reset, reset_path, user};
use serde_json::json;
use std::time::{Duration, SystemTime};
use wksmock::{EntryState, MockServer};

fn dates(answer: &Answer) -> Vec<&str> {
    answer.headers.iter().filter(|(name, _)| name == "date").map(|(_, value)| value.as_str()).collect()
}

fn is_now(date: &str) -> bool {
    let then = httpdate::parse_http_date(date).unwrap();
    let now = SystemTime::now();
    let apart = now.duration_since(then).or_else(|_| then.duration_since(now)).unwrap();
    apart < Duration::from_secs(5)
}

#[test]
fn every_response_has_one_date() {
    for fault in
        ["", r#", "fault": "truncated_body""#, r#", "fault": "wrong_length""#, r#", "fault": "malformed_json""#]
    {
        let scenario = format!(r#"{{"rules": [{{"name": "r", "status": 503{fault}}}]}}"#);
        let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(raw_reset("Connection: close\r\n"));
        let (bytes, _) = client.rest();
        let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
        let found: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("date: ")).collect();
        assert_eq!(found.len(), 1, "{head}");
        assert!(head.contains(&found[0].to_ascii_lowercase()));
    }
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for path in [reset_path(&user("0001")), "/nowhere".to_owned(), "/__admin/health".to_owned()] {
        let answer = client.get(&path);
        assert!(matches!(dates(&answer)[..], [date] if is_now(date)), "{answer:?}");
    }
    for broken in ["GET / HTTP/1.1\r\nno field\r\n\r\n", "GET /__admin/health HTTP/1.1\r\nno field\r\n\r\n"] {
        let mut client = Client::connect(mock.url());
        client.send(broken);
        let answer = client.answer(false);
        assert!(matches!(dates(&answer)[..], [date] if is_now(date)), "{answer:?}");
    }
}

#[test]
fn date_set_by_a_rule_is_kept() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for fault in ["", r#", "fault": "wrong_length""#] {
        let scenario =
            format!(r#"{{"rules": [{{"name": "r", "status": 503, "headers": {{"Date": "{date}"}}{fault}}}]}}"#);
        let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(raw_reset("Connection: close\r\n"));
        let (bytes, _) = client.rest();
        let answer = String::from_utf8(bytes).unwrap();
        let lines = answer.lines().filter(|line| line.to_ascii_lowercase().starts_with("date:"));
        assert_eq!(lines.map(|line| &line[6..]).collect::<Vec<_>>(), [date], "{fault}");
    }
}

#[test]
fn pipelined_responses_read_late_each_have_a_date() {
    // More than the system buffers for a client that reads nothing.
    const COUNT: usize = 1_000;
    let rule = json!({"name": "long", "status": 503, "undocumented": true, "headers": {"X-One": "1"}, "body": "x".repeat(15_000)});
    let mock = MockServer::builder().scenario_json(json!({ "rules": [rule] }).to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("").repeat(COUNT));
    // The rest waits for room.
    let other = Client::connect(mock.url()).get("/__admin/health");
    assert_eq!(other.status, 200);
    for at in 0..COUNT {
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.body.len()), (503, 15_000), "{at}");
        assert!(matches!(dates(&answer)[..], [date] if is_now(date)), "{at}: {:?}", answer.headers);
    }
    let answered = mock.requests().iter().filter(|entry| entry.state == EntryState::Answered).count();
    assert_eq!(answered, COUNT);
}
