//! What is logged, and what is not.

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
fn json_logs_have_one_object_a_request() {
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
fn text_logs_have_one_line_a_request() {
    let log = log_of(&[]);
    let lines: Vec<_> = log.lines().filter(|line| line.contains("INFO request ")).collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains("status=503") && lines[0].contains("rule=\"magic 503\""), "{log}");
    assert_eq!(log_of(&["--log-level", "warn"]), "");
}

#[test]
fn unread_logs_hold_up_no_answer() {
    let served = Served::start(&["--log-level", "info"]);
    let mut client = served.client();
    // Some 300 bytes a line: several times what a pipe holds, and nobody reads it.
    for _ in 0..2_000 {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
}
