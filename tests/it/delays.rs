//! Delays, and virtual time.
#![expect(clippy::disallowed_methods, reason = "these tests wait for time")]

use crate::binary::Served;
use crate::client::Client;
use crate::{PROJECT, raw_reset, reset_path, user};
use std::time::{Duration, Instant};
use wksmock::{ClockMode, EntryState, MockServer, MockServerBuilder};

const SECOND: Duration = Duration::from_secs(1);

fn with(rules: &str) -> MockServerBuilder {
    MockServer::builder().seed(7).scenario_json(format!(r#"{{"rules": [{rules}]}}"#))
}

fn stopped(rules: &str) -> MockServer {
    with(rules).clock(ClockMode::Manual).start_blocking().unwrap()
}

/// Waits until this many calls are decided and unanswered.
fn held(mock: &MockServer, count: usize) {
    let is_held = |entry: &wksmock::Entry| entry.state == EntryState::InFlight && entry.decision.is_some();
    while mock.requests().iter().filter(|entry| is_held(entry)).count() < count {
        std::thread::yield_now();
    }
}

#[test]
fn delay_holds_only_the_response() {
    let mock = stopped(r#"{"name": "slow", "when": {"calls": "1"}, "delay": {"fixed_ms": 2000}}"#);
    let mut slow = Client::connect(mock.url());
    slow.send(raw_reset(""));
    held(&mock, 1);
    // The side effect is done, and the journal has the coming response.
    let decision = mock.requests()[0].decision.clone().unwrap();
    assert_eq!(
        (decision.status, decision.delay_ms, decision.causes.delay.unwrap().rule.as_str()),
        (200, 2_000, "slow")
    );
    assert_eq!(mock.current_password(PROJECT, &user("0001")), decision.password);
    // The same user's next call is not delayed, and its password is not reverted later.
    let second = Client::connect(mock.url()).get(&reset_path(&user("0001"))).password();
    mock.advance(SECOND);
    assert_eq!(Client::connect(mock.url()).get("/__admin/clock").json()["now_ms"], 1_000);
    assert_eq!(mock.requests()[0].state, EntryState::InFlight);
    mock.advance(SECOND);
    assert_eq!(slow.answer(false).password(), decision.password.unwrap());
    assert_eq!(mock.current_password(PROJECT, &user("0001")), Some(second));
    assert_eq!(mock.requests()[0].state, EntryState::Answered);
}

#[test]
fn disconnect_behind_pipelined_bytes_cuts_a_held_response() {
    for behind in ["", "GET", &raw_reset("")] {
        let mock = stopped(r#"{"name": "slow", "when": {"calls": "1"}, "delay": {"fixed_ms": 2000}}"#);
        let mut client = Client::connect(mock.url());
        client.send(format!("{}{behind}", raw_reset("")));
        held(&mock, 1);
        drop(client);
        while mock.requests()[0].state == EntryState::InFlight {
            std::thread::yield_now();
        }
        assert_eq!(mock.requests()[0].state, EntryState::Cut, "{behind:?}");
    }
}

#[test]
fn delay_takes_real_time_with_a_running_clock() {
    let mock = with(r#"{"name": "slow", "delay": {"uniform_ms": [60, 80]}}"#).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for call in 1..=3 {
        let start = Instant::now();
        client.get(&reset_path(&user("0001"))).password();
        let took = u64::try_from(start.elapsed().as_millis()).unwrap();
        let entry = mock.requests().pop().unwrap();
        let delay = entry.decision.unwrap().delay_ms;
        assert!((60..=80).contains(&delay) && took >= delay, "call {call}: {took} ms of {delay}");
        assert!(entry.answer.unwrap().after_ms >= delay);
    }
}

#[test]
fn slow_and_failing_calls_need_only_two_rules() {
    let mock = with(
        r#"{"name": "some", "when": {"calls": "2"}, "status": 503},
           {"name": "slow", "delay": {"fixed_ms": 300000}}"#,
    )
    .instant_delays(true)
    .start_blocking()
    .unwrap();
    let mut client = Client::connect(mock.url());
    let statuses: Vec<_> = (0..3).map(|_| client.get(&reset_path(&user("0001"))).status).collect();
    assert_eq!(statuses, [200, 503, 200]);
    assert!(mock.requests().iter().all(|entry| entry.decision.as_ref().unwrap().delay_ms == 300_000));
}

#[test]
fn disconnect_during_a_delay_is_cut() {
    let mock = stopped(r#"{"name": "slow", "delay": {"fixed_ms": 2000}}"#);
    let clients: Vec<_> = (0..3).map(|_| Client::connect(mock.url())).collect();
    for (at, mut client) in clients.into_iter().enumerate() {
        client.send(raw_reset(""));
        held(&mock, 1);
        match at {
            0 => drop(client),
            1 => client.reset(),
            _ => {
                // Another request follows that the server never reads.
                client.send(raw_reset("X: y\r\n"));
                client.reset();
                mock.advance(SECOND * 2);
            }
        }
        while mock.requests()[at].state == EntryState::InFlight {
            std::thread::yield_now();
        }
    }
    assert!(mock.requests()[..2].iter().all(|entry| entry.state == EntryState::Cut && entry.answer.is_none()));
}

#[test]
fn time_rules_apply_in_their_window_of_virtual_time() {
    let mock = stopped(
        r#"{"name": "maintenance", "when": {"time_ms": [1000, 3000]}, "status": 503},
           {"name": "after", "when": {"time_ms": [5000, null]}, "status": 500}"#,
    );
    let mut client = Client::connect(mock.url());
    let mut status = || client.get(&reset_path(&user("0001"))).status;
    assert_eq!(status(), 200);
    for (ms, expected) in [(999, 200), (1, 503), (1_999, 503), (1, 200), (2_000, 500)] {
        mock.advance(Duration::from_millis(ms));
        assert_eq!(status(), expected, "{:?}", mock.now());
    }
    assert_eq!(mock.requests().last().unwrap().at_ms, 5_000);
    mock.reset();
    assert_eq!((mock.now(), status()), (Duration::ZERO, 200));
}

#[test]
fn clock_moves_only_forward() {
    let served = Served::start(&["--clock", "manual"]);
    let mut client = served.client();
    let mut post = |body: &str| client.request("POST", "/__admin/clock", &[], body);
    assert_eq!(post(r#"{"advance_ms": 1500}"#).json(), serde_json::json!({"now_ms": 1500, "mode": "manual"}));
    assert_eq!(post(r#"{"set_ms": 60000}"#).json()["now_ms"], 60_000);
    let back = post(r#"{"set_ms": 59999}"#);
    assert_eq!(back.status, 409);
    assert!(back.json()["detail"].as_str().unwrap().contains("60000 ms"), "{back:?}");
    for wrong in ["{}", r#"{"advance_ms": 1, "set_ms": 70000}"#, r#"{"advance_ms": -1}"#, r#"{"advance": 1}"#] {
        assert_eq!(post(wrong).status, 422, "{wrong}");
    }
    assert_eq!(post("").status, 400);
    assert_eq!(client.get("/__admin/clock").json()["now_ms"], 60_000);
    assert_eq!(client.request("PUT", "/__admin/clock", &[], "").header("allow"), Some("GET, POST"));
}

#[test]
fn drain_cuts_delays_and_hangs_at_once() {
    let flags = ["--fault", "8a2c3f9579d240820179d51e6caf0001=hang", "--scenario"];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slow.json");
    std::fs::write(&file, r#"{"rules": [{"name": "slow", "delay": {"fixed_ms": 300000}}]}"#).unwrap();
    let served = Served::start(&[&flags[..], &[file.to_str().unwrap()]].concat());
    let mut waiting: Vec<_> = ["0001", "0400", "0503"]
        .iter()
        .map(|end| {
            let mut client = served.client();
            client.send(raw_reset("").replace(&user("0001"), &user(end)));
            client
        })
        .collect();
    let mut admin = served.client();
    while admin.get("/__admin/requests").json()["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| !entry["decision"].is_null())
        .count()
        < 3
    {}
    let start = Instant::now();
    let (code, ..) = served.terminate();
    assert_eq!(code, Some(0));
    assert!(start.elapsed() < SECOND * 2, "the drain waited");
    for client in &mut waiting {
        assert_eq!(client.rest().0, b"");
    }
}

#[test]
fn reset_cuts_delayed_responses_out_of_the_next_epoch() {
    let mock = stopped(r#"{"name": "slow", "delay": {"fixed_ms": 2000}}"#);
    let mut waiting: Vec<_> = (0..500).map(|_| Client::connect(mock.url())).collect();
    for client in &mut waiting {
        client.send(raw_reset(""));
    }
    held(&mock, 500);
    mock.reset();
    assert!(mock.requests().is_empty());
    for client in &mut waiting {
        assert_eq!(client.rest().0, b"", "an answer of the old epoch");
    }
    let mut client = Client::connect(mock.url());
    client.send(raw_reset(""));
    held(&mock, 1);
    mock.advance(SECOND * 2);
    assert_eq!(client.answer(false).password(), mock.password(PROJECT, &user("0001"), 1).unwrap());
    let entries = mock.requests();
    assert_eq!((entries.len(), entries[0].epoch, entries[0].call), (1, 2, Some(1)));
}
