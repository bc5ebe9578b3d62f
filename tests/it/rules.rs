//! The effects of a scenario's rules from a client's view.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use serde_json::Value;
use wksmock::MockServer;

fn with(rules: &str) -> MockServer {
    let scenario = format!(r#"{{"name": "flaky", "rules": [{rules}]}}"#);
    MockServer::builder().seed(7).scenario_json(scenario).start_blocking().unwrap()
}

fn statuses(client: &mut Client, calls: usize) -> Vec<u16> {
    let path = reset_path(&user("0001"));
    (0..calls).map(|_| client.get(&path).status).collect()
}

#[test]
fn sequence_plays_per_user_and_restarts_after_a_reset() {
    let mock = with(r#"{"name": "script", "sequence": [503, 500, 200], "then": "restart"}"#);
    let mut client = Client::connect(mock.url());
    assert_eq!(statuses(&mut client, 4), [503, 500, 200, 503]);
    assert_eq!(client.get(&reset_path(&user("0002"))).status, 503);
    mock.reset();
    assert_eq!(statuses(&mut client, 2), [503, 500]);
}

#[test]
fn refused_request_uses_no_place_in_a_sequence() {
    let mock = with(r#"{"name": "script", "sequence": [503, 500]}"#);
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&format!("{}?notification_type=pigeon", reset_path(&user("0001")))).status, 400);
    assert_eq!(statuses(&mut client, 3), [503, 500, 200]);
}

#[test]
fn rules_match_by_header_and_query() {
    let mock = with(
        r#"{"name": "canary", "when": {"header": {"X-Canary": "yes", "x-team": "a"}}, "status": 500},
           {"name": "by phone", "when": {"query": {"notification_type": "email,phone"}}, "status": 503}"#,
    );
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let mut status =
        |query: &str, headers: &[&str]| client.request("GET", &format!("{path}{query}"), headers, "").status;
    assert_eq!(status("", &[]), 200);
    assert_eq!(status("", &["x-canary: yes"]), 200);
    assert_eq!(status("", &["x-canary: yes", "X-Team: a"]), 500);
    assert_eq!(status("", &["x-canary: no", "x-canary: yes", "X-Team: a"]), 500);
    assert_eq!(status("?notification_type=email%2Cphone", &[]), 503);
    assert_eq!(status("?notification_type=email", &[]), 200);
}

#[test]
fn failure_after_the_side_effect_sets_the_password() {
    let mock = with(
        r#"{"name": "lost", "when": {"calls": "2"}, "status": 500, "phase": "after"},
           {"name": "refused", "when": {"calls": "3"}, "status": 500, "phase": "before"}"#,
    );
    let mut client = Client::connect(mock.url());
    assert_eq!(statuses(&mut client, 3), [200, 500, 500]);
    assert_eq!(mock.current_password(PROJECT, &user("0001")), mock.password(PROJECT, &user("0001"), 2));
    let entries = client.get("/__admin/requests").json();
    let decisions: Vec<_> = entries["requests"].as_array().unwrap().iter().map(|entry| &entry["decision"]).collect();
    assert_eq!([&decisions[0]["phase"], &decisions[0]["causes"]], [&Value::Null, &serde_json::json!({})]);
    assert_eq!((&decisions[1]["phase"], decisions[1]["password"].is_string()), (&"after".into(), true));
    assert_eq!((&decisions[2]["phase"], decisions[2]["password"].is_string()), (&"before".into(), false));
}

/// Returns which of a user's calls fail, sent over several connections at once.
fn struck(seed: u64, calls: usize) -> Vec<u64> {
    let rule = r#"{"rules": [{"name": "rare", "when": {"chance": 0.1}, "status": 500}]}"#;
    let mock = MockServer::builder().seed(seed).scenario_json(rule).start_blocking().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| statuses(&mut Client::connect(mock.url()), calls / 8));
        }
    });
    let failed = mock.requests().into_iter().filter(|entry| entry.answer.is_some_and(|answer| answer.status == 500));
    let mut failed: Vec<_> = failed.filter_map(|entry| entry.call).collect();
    failed.sort_unstable();
    failed
}

#[test]
fn servers_of_one_seed_fail_the_same_calls_in_any_order() {
    let failed = struck(7, 1_000);
    assert!((60..=140).contains(&failed.len()), "{}", failed.len());
    assert_eq!(failed, struck(7, 1_000));
    assert_ne!(failed, struck(8, 1_000));
}
