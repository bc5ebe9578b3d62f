//! A web page that attacks the admin API of its visitor: it can make a browser send requests under its own host names,
//! but it cannot choose the headers that the browser adds.

use crate::binary::Served;
use crate::client::{Answer, Client, get_as};
use crate::{reset_path, user};
use serde_json::json;
use wksmock::MockServer;

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

/// Checks for a refusal that gives a page no information and no access.
pub(crate) fn refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(answer.json()["status"], status);
    let shared = answer.headers.iter().find(|(name, _)| name.starts_with("access-control-"));
    assert_eq!(shared, None, "{what}");
}

/// Whether the state is unchanged: a call is journalled, an override active.
fn untouched(mock: &MockServer) {
    assert_eq!(mock.requests().len(), 1);
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get("/__admin/overrides").json()["overrides"].as_array().unwrap().len(), 1);
    let health = client.get("/__admin/health").json();
    assert_eq!((&health["status"], &health["epoch"]), (&json!("ok"), &json!(1)));
}

fn touched() -> MockServer {
    let mock = MockServer::builder().start_blocking().unwrap();
    assert_eq!(Client::connect(mock.url()).get(&reset_path(&user("0001"))).status, 200);
    mock.override_status(&user("0001"), 500).unwrap();
    mock
}

#[test]
fn cross_site_page_reads_and_changes_nothing() {
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
fn same_origin_page_and_plain_client_are_answered() {
    let mock = touched();
    let same = format!("Origin: {}", mock.url());
    for line in [same.as_str(), "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Accept: */*"] {
        assert_eq!(Client::connect(mock.url()).request("GET", "/__admin/users", &[line], "").status, 200, "{line}");
    }
}

#[test]
fn form_content_types_are_refused() {
    let mock = touched();
    // Without an origin, like an old browser.
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

#[test]
fn foreign_host_name_is_refused_unless_allowed() {
    let served = Served::start(&["--allow-host", "mock.test", "--allow-host", "mock", "--log-level", "off"]);
    let users = "/__admin/users";
    for name in ["localhost", "LocalHost:7070", "127.0.0.1", "[::1]:7070", "mock.test", "MOCK.test:80", "mock:1"] {
        assert_eq!(get_as(&served.url, name, users).status, 200, "{name}");
    }
    for name in
        ["evil.example", "mock.test.evil.example", "evilmock.test", "mock.", "localhost.evil.example", "10.0.0.1", ""]
    {
        refused(&get_as(&served.url, name, users), 403, name);
        // A port alone is not even well-formed.
        let status = if name.is_empty() { 400 } else { 403 };
        refused(&get_as(&served.url, "localhost", &format!("http://{name}:80{users}")), status, name);
    }
    // For the browser, a page loaded under such a name is of the same origin.
    let mut rebound = served.client();
    rebound.send("POST /__admin/shutdown HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n");
    refused(&rebound.answer(false), 403, "rebound");
    assert_eq!(get_as(&served.url, "localhost", "/__admin/health").json()["status"], "ok");
}

#[test]
fn too_large_deep_or_mistyped_document_changes_nothing() {
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
fn allowed_host_beyond_loopback_still_needs_the_token() {
    let served = Served::start(&["--host", "0.0.0.0", "--admin-token", "s3cret", "--log-level", "off"]);
    let url = served.url.replace("0.0.0.0", "127.0.0.1");
    for name in ["localhost", "127.0.0.1", "[::1]", "anything.example"] {
        for (method, resource, body) in RESOURCES.into_iter().filter(|(_, resource, _)| *resource != "health") {
            let mut client = Client::connect(&url);
            let length = body.len();
            client.send(format!("{method} /__admin/{resource} HTTP/1.1\r\nHost: {name}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"));
            refused(&client.answer(false), 401, &format!("{method} {resource} as {name}"));
        }
        assert_eq!(get_as(&url, name, "/__admin/health").json(), json!({ "status": "ok" }));
    }
    // A page does not know the token; with it, it would still be cross-site.
    let shown = ["Authorization: Bearer s3cret", "Origin: http://evil.example"];
    refused(&Client::connect(&url).request("GET", "/__admin/users", &shown, ""), 403, "a page that knows the token");
    assert_eq!(Client::connect(&url).request("GET", "/__admin/users", &shown[..1], "").status, 200);
    assert_eq!(served.terminate().0, Some(0));
}
