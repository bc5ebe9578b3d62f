//! A web page that plays with the admin API of whoever visits it: it can make a browser send requests, under names of
//! its own, but it cannot choose what the browser says about them.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::{reset_path, user};
use serde_json::json;
use wksmock::Mock;

const RULE: &str = r#"{"status": 503}"#;
const RESOURCES: [(&str, &str, &str); 9] = [
    ("GET", "users", ""),
    ("GET", "requests", ""),
    ("GET", "health", ""),
    ("GET", "openapi.json", ""),
    ("POST", "overrides", RULE),
    ("DELETE", "overrides", ""),
    ("DELETE", "requests", ""),
    ("POST", "reset", ""),
    ("POST", "shutdown", ""),
];

/// A refusal that a page could learn nothing from, and that lets it do nothing.
fn refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(answer.json()["status"], status);
    let shared = answer.headers.iter().find(|(name, _)| name.starts_with("access-control-"));
    assert_eq!(shared, None, "{what}");
}

/// Whether everything is as it was: a call is journalled, an override in force.
fn untouched(mock: &Mock) {
    assert_eq!(mock.requests().len(), 1);
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get("/__admin/overrides").json()["overrides"].as_array().unwrap().len(), 1);
    let health = client.get("/__admin/health").json();
    assert_eq!((&health["status"], &health["epoch"]), (&json!("ok"), &json!(1)));
}

fn touched() -> Mock {
    let mock = Mock::builder().start().unwrap();
    assert_eq!(Client::connect(mock.url()).get(&reset_path(&user("0001"))).status, 200);
    mock.override_status(&user("0001"), 500).unwrap();
    mock
}

#[test]
fn a_page_of_another_site_reaches_nothing_and_changes_nothing() {
    let mock = touched();
    let other_port = "Origin: http://127.0.0.1:1";
    for hostile in [
        "Origin: http://evil.example",
        "Origin: https://evil.example",
        "Origin: null",
        "Origin:",
        "Origin: file://",
        "Origin: http://localhost.evil.example",
        other_port,
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
        "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin",
    ] {
        let mut client = Client::connect(mock.url());
        for (method, resource, body) in RESOURCES {
            let answer = client.request(method, &format!("/__admin/{resource}"), &[hostile], body);
            refused(&answer, 403, &format!("{method} {resource} {hostile}"));
        }
        let preflight = client.request("OPTIONS", "/__admin/overrides", &[hostile], "");
        refused(&preflight, 403, "what a browser asks before it sends JSON");
    }
    untouched(&mock);
}

#[test]
fn a_page_of_the_server_itself_and_what_is_no_page_are_answered() {
    let mock = touched();
    let same = format!("Origin: {}", mock.url());
    for line in [same.as_str(), "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Accept: */*"] {
        assert_eq!(Client::connect(mock.url()).request("GET", "/__admin/users", &[line], "").status, 200, "{line}");
    }
}

#[test]
fn a_body_that_a_form_can_send_is_no_document() {
    let mock = touched();
    // Without a word about its origin, as an old browser sends it.
    for media_type in [
        "Content-Type: text/plain",
        "Content-Type: text/plain; charset=application/json",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: application/jsonp",
        "Content-Type:",
        "Content-Type: -",
    ] {
        let mut client = Client::connect(mock.url());
        for (path, body) in [("overrides", RULE), ("overrides", "{\"status\": 503, \"x=\":\"\"}"), ("reset", "{}")] {
            refused(&client.request("POST", &format!("/__admin/{path}"), &[media_type], body), 415, media_type);
        }
    }
    untouched(&mock);
    let json = "Content-Type: Application/JSON; charset=utf-8";
    assert_eq!(Client::connect(mock.url()).request("POST", "/__admin/reset", &[json], "{}").status, 200);
}

/// Asks by a name, whatever the connection's is.
fn ask(url: &str, name: &str, target: &str) -> Answer {
    let mut client = Client::connect(url);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {name}\r\n\r\n"));
    client.answer(false)
}

#[test]
fn a_name_that_was_pointed_here_is_not_answered_but_those_that_were_allowed() {
    let served = Served::start(&["--allow-host", "mock.test", "--allow-host", "mock", "--log-level", "off"]);
    let users = "/__admin/users";
    for name in ["localhost", "LocalHost:7070", "127.0.0.1", "[::1]:7070", "mock.test", "MOCK.test:80", "mock:1"] {
        assert_eq!(ask(&served.url, name, users).status, 200, "{name}");
    }
    for name in
        ["evil.example", "mock.test.evil.example", "evilmock.test", "mock.", "localhost.evil.example", "10.0.0.1", ""]
    {
        refused(&ask(&served.url, name, users), 403, name);
        // A port alone is not even well-formed.
        let status = if name.is_empty() { 400 } else { 403 };
        refused(&ask(&served.url, "localhost", &format!("http://{name}:80{users}")), status, name);
    }
    // The page that was loaded under such a name is of the same origin as far as the browser knows.
    let mut rebound = served.client();
    rebound.send("POST /__admin/shutdown HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n");
    refused(&rebound.answer(false), 403, "rebound");
    assert_eq!(ask(&served.url, "localhost", "/__admin/health").json()["status"], "ok");
}

#[test]
fn documents_that_are_too_large_too_deep_or_of_a_wrong_type_change_nothing() {
    let mock = touched();
    let large = format!("{{\"status\": 503, \"name\": \"{}\"}}", "x".repeat(8 << 20));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for path in ["overrides", "reset"] {
        let mut client = Client::connect(mock.url());
        for body in [deep.as_str(), "[]", "7", "null", "\"p\"", "{\"status\": \"503\"}", "{\"project\": 7}", "{", "{}x"]
        {
            refused(&client.request("POST", &format!("/__admin/{path}"), &[], body), 422, body);
        }
        let not_text =
            format!("POST /__admin/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        client.send([not_text.as_bytes(), b"Content-Length: 3\r\n\r\n{\xff}"].concat());
        refused(&client.answer(false), 400, "not UTF-8");
        let answer = client.request("POST", &format!("/__admin/{path}"), &[], &large);
        refused(&answer, 413, "large");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(client.is_closed());
    }
    untouched(&mock);
}

#[test]
fn beyond_loopback_no_name_does_instead_of_the_token() {
    let served = Served::start(&["--host", "0.0.0.0", "--admin-token", "s3cret", "--log-level", "off"]);
    let url = served.url.replace("0.0.0.0", "127.0.0.1");
    for name in ["localhost", "127.0.0.1", "[::1]", "anything.example"] {
        for (method, resource, body) in RESOURCES.into_iter().filter(|(_, resource, _)| *resource != "health") {
            let mut client = Client::connect(&url);
            let length = body.len();
            client.send(format!("{method} /__admin/{resource} HTTP/1.1\r\nHost: {name}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"));
            refused(&client.answer(false), 401, &format!("{method} {resource} as {name}"));
        }
        assert_eq!(ask(&url, name, "/__admin/health").json(), json!({ "status": "ok" }));
    }
    // A page does not know the token; with it, it would still be a page of another site.
    let shown = ["Authorization: Bearer s3cret", "Origin: http://evil.example"];
    refused(&Client::connect(&url).request("GET", "/__admin/users", &shown, ""), 403, "a page that knows the token");
    assert_eq!(Client::connect(&url).request("GET", "/__admin/users", &shown[..1], "").status, 200);
    assert_eq!(served.terminate().0, Some(0));
}
