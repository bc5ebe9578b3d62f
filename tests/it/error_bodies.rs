//! Every error body as sent on the wire.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use wksmock::{Auth, Fidelity, Limits, MockServer, MockServerBuilder};

/// Returns status and body of the answer to raw bytes, with the varying parts replaced.
fn check(builder: MockServerBuilder, request: &str) -> String {
    let mock = builder.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(request);
    let answer = client.answer(false);
    let id = answer.request_id();
    let connection = answer.header("connection").map_or(String::new(), |value| format!(", {value}"));
    format!("{}{connection}\n{}", answer.status, answer.body.replace(&id, "REQUEST_ID"))
}

fn get(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{lines}\r\n")
}

fn reset(end: &str) -> String {
    get(&reset_path(&user(end)), "")
}

#[test]
fn magic_users_give_their_error_bodies() {
    let all: Vec<_> = ["0400", "0401", "0403", "0404", "0405", "0500", "0503"]
        .iter()
        .map(|end| check(MockServer::builder(), &reset(end)))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn refusals_before_counting_have_their_bodies() {
    let path = reset_path(&user("0001"));
    let requests = [
        ("own behaviour of a user-activated user", reset("0002")),
        ("unknown user", get(&reset_path("nobody"), "")),
        ("unknown project", get(&path.replace(PROJECT, "nowhere"), "")),
        ("unknown path", get("/v2", "")),
        ("wrong method", get(&path, "").replace("GET", "DELETE")),
        ("empty id", get(&reset_path(""), "")),
        ("undecodable id", get(&reset_path("%ff"), "")),
        ("unknown notification type", get(&format!("{path}?notification_type=sms"), "")),
        ("notification type twice", get(&format!("{path}?notification_type=email&notification_type=email"), "")),
        ("wrong content type", get(&path, "").replace("application/json", "text/html")),
        ("missing content type", get(&path, "").replace("Content-Type: application/json\r\n", "")),
        ("empty token", get(&path, "X-Auth-Token:\r\n")),
        ("no signature", get(&path, "Authorization: Basic dTpw\r\n")),
        ("no host", get(&path, "").replace("Host: x\r\n", "")),
        ("two hosts", get(&path, "Host: y\r\n")),
        ("connect", get("x:1", "").replace("GET", "CONNECT")),
        ("asterisk", get("*", "").replace("GET", "OPTIONS")),
        ("long target", get(&format!("/{}", "a".repeat(16 << 10)), "")),
        ("large body", get(&path, &format!("Content-Length: {}\r\n", (64 << 10) + 1))),
    ];
    let all: Vec<_> =
        requests.iter().map(|(what, request)| format!("# {what}\n{}", check(MockServer::builder(), request))).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn refusals_of_other_settings_have_their_bodies() {
    let observed = || MockServer::builder().fidelity(Fidelity::Observed);
    let slow = || {
        let mut limits = Limits::default();
        limits.body_time = std::time::Duration::from_millis(1);
        MockServer::builder().limits(limits)
    };
    let path = reset_path(&user("0001"));
    let all = [
        check(MockServer::builder().auth(Auth::Required), &reset("0001")),
        check(observed(), &get(&reset_path("nobody"), "")),
        check(observed(), &get(&path.replace(PROJECT, "nowhere"), "")),
        check(observed(), &get(&path, "").replace("GET", "PUT")),
        check(observed(), &reset("0401")),
        check(slow(), &get(&path, "Content-Length: 5\r\n")),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn rules_change_error_bodies() {
    let rules = [
        r#""status": 500, "error": {"code": "WKS.99999999", "message": "Ours."}"#,
        r#""status": 400, "error": {"reason": "a reason"}"#,
        r#""status": 418, "undocumented": true"#,
        r#""status": 429, "undocumented": true, "headers": {"Retry-After": "1"}"#,
        r#""status": 502, "undocumented": true, "body": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}"#,
        r#""status": 202, "undocumented": true"#,
        r#""status": 204, "undocumented": true"#,
    ];
    let all: Vec<_> = rules
        .iter()
        .map(|rule| {
            let scenario = format!(r#"{{"rules": [{{"name": "r", {rule}}}]}}"#);
            check(MockServer::builder().scenario_json(scenario), &reset("0001"))
        })
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}
