//! Log lines, and the secrets and details that stay out of them.

use crate::binary::Served;
use crate::{reset_path, user};

fn log_of(flags: &[&str]) -> String {
    let served = Served::start(&[flags, &["--auth", "off"]].concat());
    let mut client = served.client();
    let signature = "Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=5ec2e7";
    client.request(
        "GET",
        &format!("{}?notification_type=email", reset_path(&user("0503"))),
        &["X-Auth-Token: 5ec2e7", signature],
        "",
    );
    client.get("/nowhere");
    client.get("/__admin/health");
    drop(client);
    let (code, _, log) = served.terminate();
    assert_eq!(code, Some(0));
    assert!(!log.contains("5ec2e7"), "{log}");
    log
}

#[test]
fn json_log_has_one_object_per_request() {
    let log = log_of(&["--log", "json"]);
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<_> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert_eq!(requests.len(), 2, "{log}");
    let first = requests[0];
    assert_eq!((first["level"].as_str(), first["method"].as_str()), (Some("INFO"), Some("GET")));
    assert_eq!(first["path"], reset_path(&user("0503")));
    assert_eq!(first["user"], user("0503"));
    assert_eq!((first["call"].as_u64(), first["status"].as_u64()), (Some(1), Some(503)));
    assert_eq!(first["rule"], "magic 503");
    assert!(first["duration_us"].is_u64());
    assert_eq!((requests[1]["status"].as_u64(), requests[1].get("user")), (Some(404), None));
}

#[test]
fn text_log_has_one_line_per_request() {
    let log = log_of(&[]);
    let lines: Vec<_> = log.lines().filter(|line| line.contains("INFO request ")).collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains("status=503") && lines[0].contains("rule=\"magic 503\""), "{log}");
    assert_eq!(log_of(&["--log-level", "warn"]), "");
}

/// Returns the log lines of calls in each state of rules and own behaviour, without the parts that vary by run.
fn log_of_every_kind(form: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    let of = |end: &str| user(end);
    let rules = serde_json::json!({ "rules": [
        { "name": "outage", "when": { "user": of("0001"), "calls": "1" }, "status": 503, "phase": "after" },
        { "name": "slow", "when": { "user": of("0001") }, "delay": { "fixed_ms": 1 } },
        { "name": "lost before", "when": { "user": of("0002"), "calls": "1" }, "fault": "reset" },
        { "name": "lost after", "when": { "user": of("0002"), "calls": "2" }, "fault": "empty_response", "phase": "after" },
        { "name": "torn", "when": { "user": of("0002"), "calls": "3" }, "fault": "truncated_body" },
        { "name": "odd", "when": { "user": of("0002"), "calls": "4" }, "fault": "random_data" },
        { "name": "lost outage", "when": { "user": of("0001"), "calls": "2" }, "fault": "reset" },
        { "name": "behind it", "when": { "user": of("0001"), "calls": "2" }, "status": 500 },
    ] });
    std::fs::write(&file, rules.to_string()).unwrap();
    let served = Served::start(&["--log", form, "--scenario", file.to_str().unwrap()]);
    let reset = |end: &str, query: &str| {
        let mut client = served.client();
        let head = format!("GET {}{query} HTTP/1.1\r\nHost: localhost\r\n", reset_path(&user(end)));
        client.send(format!("{head}Content-Type: application/json\r\nConnection: close\r\n\r\n"));
        client.rest();
    };
    for _ in 0..3 {
        reset("0001", "");
    }
    for _ in 0..4 {
        reset("0002", "?notification_type=email");
    }
    // A self-activating user needs a notification, which a reset without a type does not send.
    reset("0002", "");
    let mut client = served.client();
    client.get("/v2/users/");
    client.send("GET /x HTTP/1.1\r\nno field\r\n\r\n");
    client.rest();
    let (_, _, log) = served.terminate();
    let is_of_request = |line: &&str| line.contains("INFO request ") || line.contains(r#""message":"request""#);
    log.lines().filter(is_of_request).map(without_times).collect::<Vec<_>>().join("\n")
}

/// Removes time, duration and request id from a line.
fn without_times(line: &str) -> String {
    if let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(line) {
        for name in ["timestamp", "duration_us", "request_id"] {
            assert!(fields.shift_remove(name).is_some(), "{line}");
        }
        return serde_json::Value::Object(fields).to_string();
    }
    let (_, line) = line.split_once("INFO ").unwrap();
    let (line, rest) = line.split_once(" duration_us=").unwrap();
    assert!(rest.contains(" request_id="), "{line}");
    line.to_owned()
}

#[test]
fn text_line_names_operation_phase_rules_and_bytes_sent() {
    insta::assert_snapshot!(log_of_every_kind("text"));
}

#[test]
fn json_line_names_operation_phase_rules_and_bytes_sent() {
    insta::assert_snapshot!(log_of_every_kind("json"));
}

#[test]
fn unread_logs_delay_no_response() {
    let served = Served::start(&["--log-level", "info"]);
    let mut client = served.client();
    // About 300 bytes a line: several times the capacity of a pipe that is not read.
    for _ in 0..2_000 {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
}
