//! Windows in which the server refuses connections.
#![expect(clippy::disallowed_methods, reason = "these tests wait for time")]

use crate::binary::{Served, run, stderr};
use crate::client::Client;
use crate::{raw_reset, reset_path, user};
use serde_json::json;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn scenario(folder: &tempfile::TempDir, down: &str) -> PathBuf {
    let file = folder.path().join("down.json");
    std::fs::write(&file, format!(r#"{{"rules": [], "down": {down}}}"#)).unwrap();
    file
}

/// Starts a server with a manual clock and a separate admin listener; returns a client of that listener too.
fn served(down: &str, flags: &[&str]) -> (Served, Client) {
    let folder = tempfile::tempdir().unwrap();
    let file = scenario(&folder, down);
    let own = ["--clock", "manual", "--admin-listen", "127.0.0.1:0", "--scenario", file.to_str().unwrap()];
    let ready = folder.path().join("log");
    let mut command = crate::binary::wksmock(&[&["serve", "--port", "0", "--log", "json"], &own[..], flags].concat());
    let log = std::fs::File::create(&ready).unwrap();
    let served = Served::spawn_with_stderr(&mut command, log);
    let admin = crate::binary::admin_url(&ready);
    let client = Client::connect(&admin);
    (served, client)
}

fn connects(url: &str) -> Result<TcpStream, ErrorKind> {
    TcpStream::connect(url.strip_prefix("http://").unwrap()).map_err(|error| error.kind())
}

fn advance(admin: &mut Client, ms: u64) {
    let answer = admin.request("POST", "/__admin/clock", &[], &json!({ "advance_ms": ms }).to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Waits until connections are accepted, or refused.
fn until(url: &str, connecting: bool) {
    let start = Instant::now();
    while connects(url).is_ok() != connecting {
        assert!(start.elapsed() < crate::client::PATIENCE);
        std::thread::yield_now();
    }
}

fn goes_down_and_comes_back(flags: &[&str]) {
    let (served, mut admin) = served(r#"[{"time_ms": [1000, 2000]}, {"time_ms": [5000, null]}]"#, flags);
    let mut idle: Vec<_> = (0..8).map(|_| served.client()).collect();
    for client in &mut idle {
        client.get(&reset_path(&user("0001"))).password();
    }
    advance(&mut admin, 999);
    idle[0].get(&reset_path(&user("0001"))).password();
    advance(&mut admin, 1);
    until(&served.url, false);
    assert_eq!(connects(&served.url).unwrap_err(), ErrorKind::ConnectionRefused);
    for client in &mut idle {
        assert!(client.ends_by_reset(), "an open connection was not reset");
    }
    advance(&mut admin, 1_000);
    until(&served.url, true);
    // Refused connections left no trace, but those that were reset did.
    let rules = admin.get("/__admin/scenario").json()["rules"].take();
    let windows: Vec<_> = rules.as_array().unwrap().iter().map(|one| (&one["rule"], one["struck"].as_u64())).collect();
    assert!(windows[0].0 == "down [1000, 2000]" && windows[0].1 >= Some(8), "{windows:?}");
    assert_eq!(windows[1], (&json!("down [5000, null]"), Some(0)));
    // The port and the counters are unchanged.
    assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
    let users = admin.get("/__admin/users").json();
    let calls = users["users"].as_array().unwrap().iter().filter(|one| one["id"] == user("0001").as_str());
    assert_eq!(calls.map(|one| one["calls"].as_u64().unwrap()).sum::<u64>(), 10);
    advance(&mut admin, 3_000);
    until(&served.url, false);
    // A reset sets the clock back to 0, which ends the window.
    assert_eq!(admin.request("POST", "/__admin/reset", &[], "").status, 200);
    until(&served.url, true);
    advance(&mut admin, 1_500);
    until(&served.url, false);
    let (code, ..) = served.terminate();
    assert_eq!(code, Some(0), "it ends also while it is down");
}

#[test]
fn down_refuses_connections_then_reopens_the_same_port() {
    goes_down_and_comes_back(&[]);
}

#[test]
fn down_stops_all_threads() {
    goes_down_and_comes_back(&["--threads", "2"]);
}

#[test]
fn down_ends_delays_and_dribbles() {
    let (served, mut admin) = served(r#"[{"time_ms": [1000, 2000]}]"#, &[]);
    for (rule, calls) in
        [(json!({"fault": {"dribble": {"chunks": 2, "over_ms": 9000}}}), 1), (json!({"delay": {"fixed_ms": 9000}}), 2)]
    {
        let rule = json!({"when": {"calls": calls.to_string()}, "name": calls.to_string(), "delay": rule["delay"], "fault": rule["fault"]});
        let rule: serde_json::Map<_, _> =
            rule.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
        assert_eq!(
            admin.request("POST", "/__admin/overrides", &[], &serde_json::Value::from(rule).to_string()).status,
            201
        );
    }
    let (mut dribbled, mut delayed) = (served.client(), served.client());
    dribbled.send(raw_reset(""));
    assert!(dribbled.piece().starts_with(b"HTTP/1.1 200"));
    delayed.send(raw_reset(""));
    while admin.get("/__admin/requests").json()["requests"][1]["decision"].is_null() {}
    advance(&mut admin, 1_500);
    assert!(delayed.ends_by_reset());
    assert!(dribbled.rest().0.len() < 30);
    let states = || {
        let entries = admin.get("/__admin/requests").json();
        entries["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["state"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut states = states;
    let start = Instant::now();
    while states() != ["cut", "cut"] {
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", states());
    }
}

#[test]
fn endless_down_window_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |down: &str, flags: &[&str]| {
        let file = scenario(&folder, down);
        let output = run(&[&["serve", "--port", "0", "--scenario", file.to_str().unwrap()], flags].concat());
        assert_eq!(output.status.code(), Some(2));
        stderr(&output).replace(folder.path().to_str().unwrap(), "")
    };
    let said = [
        check(r#"[{"time_ms": [5, null]}]"#, &[]),
        check(r#"[{"time_ms": [5, 6]}]"#, &["--clock", "manual"]),
        check(r#"[{"time": [5, 6]}, {}, {"time_ms": [6, 5]}]"#, &[]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
