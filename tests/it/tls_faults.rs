//! Faults over TLS, as a client of TLS sees them.

use crate::client::Client;
use crate::socket::Ending;
use crate::{PROJECT, ended, raw_reset, reset_path, user};
use std::time::Duration;
use wksmock::{EntryState, Limits, MockServer, MockServerBuilder};

/// Builds a server whose first call of each user has the fault.
fn with(fault: &str) -> MockServerBuilder {
    let rule = format!(r#"{{"name": "broken", "when": {{"calls": "1"}}, "fault": {fault}}}"#);
    MockServer::builder().seed(7).tls().scenario_json(format!(r#"{{"rules": [{rule}]}}"#))
}

/// The bytes of a first call without the parts that differ between two runs, and its end.
fn first_call(mut client: Client) -> (String, Ending) {
    client.send(raw_reset(""));
    let (bytes, ending) = client.ending();
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let date = text.lines().find(|line| line.starts_with("Date: ")).unwrap_or("no date").to_owned();
    (text.replace(&date, "Date: …"), ending)
}

#[test]
fn each_fault_has_its_bytes_and_its_end_over_tls() {
    for (fault, ending) in [
        (r#""reset""#, Ending::Reset),
        (r#""empty_response""#, Ending::Announced),
        (r#""random_data""#, Ending::Announced),
        (r#""tls_garbage""#, Ending::NotTls),
        (r#""truncated_body""#, Ending::Closed),
        (r#""wrong_length""#, Ending::Announced),
        (r#""malformed_chunk""#, Ending::Announced),
        (r#"{"dribble": {"chunks": 5, "over_ms": 20}}"#, Ending::Announced),
    ] {
        let [over_tls, over_tcp] = [Client::secure as fn(&MockServer) -> Client, |mock| Client::connect(mock.url())];
        let mock = with(fault).start_blocking().unwrap();
        let (bytes, found) = first_call(over_tls(&mock));
        assert_eq!(found, ending, "{fault}: {bytes:?}");
        let over_tls = ended(&mock);
        // The bytes are those that a plain client gets.
        let mock = with(fault).start_blocking().unwrap();
        let (plain, found) = first_call(over_tcp(&mock));
        assert_eq!(found, if ending == Ending::Reset { Ending::Reset } else { Ending::Closed }, "{fault}");
        if ending == Ending::NotTls {
            assert_eq!((bytes.len(), plain.chars().count()), (0, 128));
        } else {
            assert_eq!(bytes, plain, "{fault}");
        }
        let plain = ended(&mock);
        let told = |entry: &wksmock::Entry| {
            let decision = entry.decision.clone().unwrap();
            let note = entry.answer_body.clone().unwrap().note;
            (entry.state, entry.request_id.clone(), decision.fault, decision.password, decision.phase, note)
        };
        assert_eq!(told(&over_tls), told(&plain), "{fault}");
        // The next call is answered as usual.
        let mut client = Client::secure(&mock);
        client.get(&reset_path(&user("0001"))).password();
    }
}

#[test]
fn tls_garbage_is_drawn_and_counted() {
    let garbage = || {
        let mock = with(r#""tls_garbage""#).start_blocking().unwrap();
        let (bytes, _) = first_call(Client::connect(mock.url()));
        let metrics = Client::connect(mock.url()).get("/__admin/metrics").body;
        assert!(metrics.contains("wksmock_faults_total{fault=\"tls_garbage\"} 1\n"), "{metrics}");
        bytes
    };
    assert_eq!(garbage(), garbage());
}

#[test]
fn malformed_json_keeps_the_connection_over_tls() {
    let mock = with(r#""malformed_json""#).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    let answer = client.get(&reset_path(&user("0001")));
    assert!(answer.status == 200 && serde_json::from_str::<serde_json::Value>(&answer.body).is_err(), "{answer:?}");
    client.get(&reset_path(&user("0001"))).password();
}

#[test]
fn hang_over_tls_ends_at_its_limit_or_disconnect() {
    let mut limits = Limits::default();
    limits.hang = Duration::from_millis(50);
    let mock = with(r#""hang""#).limits(limits).start_blocking().unwrap();
    assert_eq!(first_call(Client::secure(&mock)), (String::new(), Ending::Closed));
    assert_eq!(ended(&mock).state, EntryState::Cut);
    let mock = with(r#""hang""#).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset(""));
    while mock.requests().first().is_none_or(|entry| entry.decision.is_none()) {
        std::thread::yield_now();
    }
    drop(client);
    assert_eq!(ended(&mock).state, EntryState::Cut);
}

#[test]
fn dribble_over_tls_ends_at_reset_or_disconnect() {
    let slow = r#"{"dribble": {"chunks": 5, "over_ms": 60000}}"#;
    let mock = with(slow).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset(""));
    client.piece();
    assert!(mock.reset_project(PROJECT));
    let (bytes, ending) = client.ending();
    assert!(ending == Ending::Reset && bytes.len() < 20, "{bytes:?}");
    let mock = with(slow).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset(""));
    client.piece();
    drop(client);
    assert_eq!(ended(&mock).state, EntryState::Cut);
}

#[test]
fn fault_over_tls_follows_complete_pipelined_responses() {
    let mock = MockServer::builder().tls().fault(format!("{}=reset:3", user("0001"))).start_blocking().unwrap();
    let mut client = Client::secure(&mock);
    client.send(raw_reset("").repeat(3));
    for _ in 0..2 {
        client.answer(false).password();
    }
    assert_eq!(client.ending(), (Vec::new(), Ending::Reset));
}
