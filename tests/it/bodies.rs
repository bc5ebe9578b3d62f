//! Request and response bodies in the journal: their beginnings, without secrets, and the effect of faults on them.

use crate::binary::Served;
use crate::client::Client;
use crate::events::Reader;
use crate::signer::login_body;
use crate::{PROJECT, ended, limited, raw_reset, reset_path, user};
use serde_json::{Value, json};
use wksmock::{Body, Entry, MockServer};

const JSON: &str = "Content-Type: application/json";
const USERS: &str = "/v2/0bec5db98280d2d02fd6c00c2de791ce/users";

fn entry(client: &mut Client, index: u64) -> Value {
    let answer = client.get(&format!("/__admin/requests/{index}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn text(body: Option<&Body>) -> &str {
    body.and_then(|body| body.text.as_deref()).unwrap_or("none")
}

#[test]
fn journal_shows_both_bodies_without_secrets() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let answer = client.get(&reset_path(&user("0001")));
    let shown = entry(&mut client, 1);
    assert_eq!(shown["request_body"], Value::Null);
    let expected =
        json!({ "text": "{\"password\":\"***\"}", "bytes": answer.body.len(), "cut_at": null, "note": null });
    assert_eq!(shown["answer_body"], expected);
    let login = login_body("wksmock", "developer", "wksmock-password", &json!({ "project": { "name": "cn-north-4" } }));
    let answer = client.request("POST", "/v3/auth/tokens", &[JSON], &login);
    let shown = entry(&mut client, 2);
    assert_eq!(shown["request_body"]["text"], login.replace("wksmock-password", "***"));
    assert_eq!((&shown["answer_body"]["text"], answer.status), (&json!(answer.body), 201));
    // A refusal by the server, and a failure set by a rule.
    let answer = client.request("GET", &reset_path("nobody"), &[JSON], "{}");
    let shown = entry(&mut client, 3);
    assert_eq!((&shown["request_body"]["text"], &shown["answer_body"]["text"]), (&json!("{}"), &json!(answer.body)));
    let rule = json!({ "status": 200, "undocumented": true, "body": "{\"password\":\"by a rule\"}" }).to_string();
    assert_eq!(client.request("POST", "/__admin/overrides", &[JSON], &rule).status, 201);
    client.get(&reset_path(&user("0001")));
    assert_eq!(entry(&mut client, 4)["answer_body"]["text"], "{\"password\":\"***\"}");
    // Lists and events show the same bodies.
    let page = client.get("/__admin/requests?since=1&limit=1").json();
    assert_eq!(page["requests"][0], entry(&mut client, 2));
    let mut reader = Reader::open(mock.url(), "?since=1");
    let event = reader.until("request").remove(0);
    assert_eq!(event.data, entry(&mut client, 2));
}

#[test]
fn non_json_body_shows_no_secret() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let login = login_body("wksmock", "developer", "guessed-5ec2e7", &json!({}));
    for broken in
        [&login[..login.len() - 20], &format!("{login}}}"), "password: guessed-5ec2e7", "it is wksmock-password"]
    {
        assert_eq!(client.request("POST", "/v3/auth/tokens", &[JSON], broken).status, 400, "{broken}");
        let entry = mock.requests().pop().unwrap();
        let text = text(entry.request_body.as_ref());
        assert!(text.contains("***") && !text.contains("5ec2e7") && !text.contains("wksmock-password"), "{text}");
    }
}

#[test]
fn long_body_is_cut_at_the_limit_and_dropped_at_0() {
    let most = 64;
    for limit in [0, most] {
        let mock = limited(|limits| limits.entry_body_bytes_max = limit);
        let mut client = Client::connect(mock.url());
        for length in [most, most + 1] {
            let body = format!("{{\"x\":\"{}\"}}", "y".repeat(length - 8));
            client.request("POST", "/v3/auth/tokens", &[JSON], &body);
            let entry = mock.requests().pop().unwrap();
            if limit == 0 {
                assert_eq!((entry.request_body, entry.answer_body), (None, None));
                continue;
            }
            let shown = entry.request_body.unwrap();
            assert_eq!(shown.text.as_deref(), Some(&body[..most]));
            assert_eq!((shown.bytes, shown.cut_at), (length as u64, (length > most).then_some(most)));
        }
    }
}

#[test]
fn beginning_of_a_long_list_is_kept() {
    let users = json!({ "projects": [{ "id": PROJECT, "generate": { "count": 900, "id_prefix": "load" } }] });
    let mock = MockServer::builder().users_json(users.to_string()).start_blocking().unwrap();
    let answer = Client::connect(mock.url()).get(&format!("{USERS}?limit=1000"));
    assert!(answer.body.len() > 64 << 10);
    let shown = mock.requests().remove(0).answer_body.unwrap();
    assert_eq!((shown.text.as_deref(), shown.cut_at), (answer.body.get(..4 << 10), Some(4 << 10)));
    assert_eq!(shown.bytes, answer.body.len() as u64);
}

#[test]
fn journal_shows_the_out_of_memory_response() {
    let users = json!({ "projects": [{ "id": PROJECT, "generate": { "count": 900, "id_prefix": "load" } }] });
    for rule in [r#""delay": {"fixed_ms": 1}"#, r#""fault": "truncated_body""#, r#""status": 200"#] {
        let mut limits = wksmock::Limits::default();
        limits.held_bytes_max = 1_024;
        let mock = MockServer::builder().users_json(users.to_string()).limits(limits);
        let rules = format!(r#"{{"rules": [{{"name": "a", "when": {{"operation": "ListUsers"}}, {rule}}}]}}"#);
        let mock = mock.scenario_json(rules).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(format!("GET {USERS}?limit=1000 HTTP/1.1\r\nHost: x\r\n{JSON}\r\nConnection: close\r\n\r\n"));
        client.rest();
        let entry = ended(&mock);
        assert_eq!(entry.answer.unwrap().status, 503, "{rule}");
        let body = entry.answer_body.unwrap();
        assert!(body.text.as_ref().unwrap().contains("no memory left"), "{rule}: {body:?}");
        assert!(entry.problem.unwrap().contains("held_bytes_max"), "{rule}");
    }
}

#[test]
fn bodies_are_dropped_before_entries() {
    let mock = limited(|limits| {
        limits.journal_bytes_max = 64 << 10;
        limits.entry_body_bytes_max = 2 << 10;
    });
    let mut client = Client::connect(mock.url());
    let body = format!("[{}", "1,".repeat(1_000));
    for _ in 0..40 {
        client.request("POST", "/v3/auth/tokens", &[JSON], &body);
    }
    let entries = mock.requests();
    assert_eq!(entries.len(), 40, "no entry is dropped");
    let has_text = |entry: &Entry| entry.request_body.as_ref().unwrap().text.is_some();
    let kept = entries.iter().filter(|entry| has_text(entry)).count();
    assert!((10..=16).contains(&kept), "half of the memory has room for {kept}");
    assert!(entries.iter().skip(40 - kept).all(has_text), "the newest have theirs");
    let dropped = entries[0].request_body.as_ref().unwrap();
    assert_eq!((dropped.bytes, dropped.text.as_deref()), (body.len() as u64, None));
    assert!(dropped.note.as_ref().unwrap().starts_with("Dropped"), "{dropped:?}");
    let health = client.get("/__admin/health").json();
    assert!(health["journal"]["bytes"].as_u64().unwrap() <= 64 << 10, "{health}");
    // A reset removes all bodies.
    mock.reset();
    client.request("POST", "/v3/auth/tokens", &[JSON], &body);
    assert!(has_text(&mock.requests()[0]));
}

#[test]
fn journal_reports_a_faults_effect_on_the_body() {
    let hidden = "{\"password\":\"***\"}";
    for (fault, shown, said) in [
        (r#""truncated_body""#, hidden, "Only the first 12 of these 25 bytes were sent."),
        (r#""wrong_length""#, hidden, "Sent completely, with a Content-Length of 12 bytes."),
        (r#""malformed_chunk""#, hidden, "Sent completely, as a chunk whose size is not a number."),
        (
            r#""malformed_json""#,
            "{\"password\":\"***\"\\",
            "The last byte was replaced by a backslash, so the body is not JSON.",
        ),
        (r#"{"dribble": {"chunks": 2, "over_ms": 1}}"#, hidden, "Sent in at most 2 pieces over 1 ms."),
        (r#""reset""#, "none", "Not sent: the connection was reset."),
        (r#""empty_response""#, "none", "Not sent: the connection was closed without an answer."),
        (r#""random_data""#, "none", "Not sent: random bytes were sent instead of the answer."),
        (r#""hang""#, "none", "Not sent: the answer was withheld until the connection ended."),
    ] {
        let mut limits = wksmock::Limits::default();
        limits.hang = std::time::Duration::from_millis(1);
        let rules = format!(r#"{{"rules": [{{"name": "broken", "fault": {fault}}}]}}"#);
        let mock = MockServer::builder().limits(limits).scenario_json(rules).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(raw_reset("Connection: close\r\n"));
        client.rest();
        let body = ended(&mock).answer_body.unwrap();
        assert_eq!((text(Some(&body)), body.note.as_deref()), (shown, Some(said)), "{fault}");
    }
}

#[test]
fn head_response_is_journalled_as_sent_without_body() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.send(raw_reset("Connection: close\r\n").replacen("GET", "HEAD", 1));
    client.rest();
    let body = ended(&mock).answer_body.unwrap();
    assert_eq!(body.note.as_deref(), Some("Not sent, because the request is a HEAD."));
}

#[test]
fn entry_has_the_real_time_after_the_clock_moves() {
    let server = Served::start(&["--clock", "manual"]);
    let mut client = server.client();
    let before = client.get("/__admin/health").json()["started_unix_ms"].as_i64().unwrap();
    assert_eq!(client.request("POST", "/__admin/clock", &[JSON], r#"{"advance_ms": 86400000}"#).status, 200);
    client.get(&reset_path(&user("0001")));
    let shown = entry(&mut client, 1);
    let arrived = shown["arrived_unix_ms"].as_i64().unwrap();
    assert!((before..before + 3_600_000).contains(&arrived), "{arrived} is not soon after {before}");
    assert_eq!(shown["at_ms"], 86_400_000);
}
