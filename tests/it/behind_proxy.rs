//! The admin API behind a proxy, and the host names that requests and answers use.

use crate::binary::{Served, admin_url};
use crate::client::{Client, get_as};
use crate::hostile_pages::refused;
use crate::users::{ask as call, users_path};
use crate::{PROJECT, reset_path, user};
use serde_json::json;
use std::process::Stdio;
use wksmock::MockServer;

/// Header fields that proxies add, in several spellings.
const PROXIED: [&str; 7] = [
    "Forwarded: for=192.0.2.1",
    "X-Forwarded-For: 192.0.2.1",
    "x-forwarded-host: localhost",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /mock",
    "X-Real-IP: 192.0.2.1",
    "Via: 1.1 nginx",
];

#[test]
fn proxied_request_without_a_token_is_refused() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for line in PROXIED {
        for (method, resource, body) in [
            ("GET", "health", ""),
            ("GET", "passwords", ""),
            ("POST", "overrides", r#"{"status": 503}"#),
            ("POST", "reset", ""),
        ] {
            let answer = client.request(method, &format!("/__admin/{resource}"), &[line], body);
            refused(&answer, 403, line);
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            let name = line.split(':').next().unwrap().to_lowercase();
            assert!(detail.contains(&format!("the header {name}.")), "{detail}");
            assert!(detail.contains("--admin-token") && detail.contains("--admin-listen"), "{detail}");
        }
        // Consumers of the emulated API may be behind proxies.
        assert_eq!(client.request("GET", &reset_path(&user("0001")), &[line], "").status, 200, "{line}");
    }
    assert_eq!(client.get("/__admin/health").json()["epoch"], 1);
    assert_eq!(client.get("/__admin/overrides").json()["overrides"], json!([]));
}

#[test]
fn proxied_request_with_a_token_is_answered() {
    let served = Served::start(&["--admin-token", "s3cret", "--log-level", "off"]);
    let mut client = served.client();
    for line in PROXIED {
        assert_eq!(client.request("GET", "/__admin/users", &[line, "Authorization: Bearer s3cret"], "").status, 200);
        refused(&client.request("GET", "/__admin/users", &[line], ""), 401, line);
        assert_eq!(client.request("GET", "/__admin/health", &[line], "").json(), json!({ "status": "ok" }), "{line}");
    }
}

#[test]
fn every_admin_response_forbids_sniffing() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let json = "Host: localhost\r\nContent-Type: application/json\r\n";
    let cases = [
        (200, "GET /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (200, "GET /__admin/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (200, "GET /__admin/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (201, format!("POST /__admin/overrides HTTP/1.1\r\n{json}Content-Length: 15\r\n\r\n{{\"status\": 503}}")),
        (204, "DELETE /__admin/overrides HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (404, "GET /__admin/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (405, "PUT /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        (415, "POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}".to_owned()),
        (422, format!("POST /__admin/reset HTTP/1.1\r\n{json}Content-Length: 2\r\n\r\n[]")),
        (403, "GET /__admin/health HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned()),
        (403, "GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nVia: 1.1 x\r\n\r\n".to_owned()),
        (400, "GET /__admin/health HTTP/1.1\r\n\r\n".to_owned()),
        (413, format!("POST /__admin/reset HTTP/1.1\r\n{json}Content-Length: 99999999\r\n\r\n")),
        // The server writes these answers without hyper.
        (400, "GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nno field\r\n\r\n".to_owned()),
        (431, format!("GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(70_000))),
    ];
    for (status, request) in cases {
        client.send(&request);
        let answer = client.answer(false);
        assert_eq!(answer.status, status, "{request:.200}: {answer:?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{request:.200}");
        if answer.header("connection") == Some("close") {
            client = Client::connect(mock.url());
        }
    }
    let served = Served::start(&["--no-admin", "--log-level", "off"]);
    assert_eq!(served.client().get("/__admin/health").header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn links_use_only_host_names_of_the_server() {
    let served = Served::start(&["--allow-host", "mock.test", "--log-level", "off"]);
    let link = |name: &str, path: &str| {
        let answer = get_as(&served.url, name, path);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["links"]["self"].as_str().unwrap().to_owned()
    };
    for path in ["/v3/projects", "/v3/auth/projects", "/v3/auth/domains"] {
        for name in ["localhost:1", "127.0.0.1", "[::1]:7070", "api.localhost", "mock.test:80", "MOCK.TEST"] {
            assert_eq!(link(name, path), format!("http://{name}{path}"));
        }
        for name in ["evil.example", "workspace.cn-north-4.myhuaweicloud.com", "mock.test.evil.example", "10.0.0.1", ""]
        {
            assert_eq!(link(name, path), format!("{}{path}", served.url), "{name}");
            assert!(name.is_empty() || !get_as(&served.url, name, path).body.contains(name), "{name}");
        }
    }
    let own = Served::start(&["--host", "0.0.0.0", "--admin-token", "s3cret", "--log-level", "off"]);
    let url = own.url.replace("0.0.0.0", "127.0.0.1");
    // With a container's name, for example, the token decides, whatever `Host` is.
    assert!(get_as(&url, "mock:7070", "/v3/projects").body.contains("http://mock:7070/v3/projects"));
}

#[test]
fn mails_use_only_host_names_of_the_server() {
    let mock = MockServer::builder().start_blocking().unwrap();
    for (at, name) in ["evil.example", "localhost:1"].into_iter().enumerate() {
        let mut client = Client::connect(mock.url());
        client.host = name.to_owned();
        let body = json!({ "user_name": format!("c{at}"), "user_email": "c@x.example" });
        assert_eq!(call(&mut client, "POST", &users_path(PROJECT), &body).status, 201);
    }
    let told: Vec<_> = mock.outbox().into_iter().map(|message| message.text).collect();
    assert!(told[0].contains(&format!("Log in at {} to", mock.url())), "{told:?}");
    assert!(told[1].contains("Log in at http://localhost:1 to"), "{told:?}");
}

#[test]
fn openapi_document_names_its_own_server() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let named = |url: &str, name: &str| {
        let mut client = Client::connect(url);
        client.send(format!(
            "GET /__admin/openapi.json HTTP/1.1\r\nHost: {name}\r\nAuthorization: Bearer s3cret\r\n\r\n"
        ));
        client.answer(false).json()["servers"].clone()
    };
    let list = |url: &str| json!([{ "url": url, "description": "This server" }]);
    let mock = MockServer::builder().start_blocking().unwrap();
    let host = mock.url().trim_start_matches("http://");
    assert_eq!(named(mock.url(), host), list(mock.url()));
    assert_eq!(named(mock.url(), "localhost:1"), list("http://localhost:1"));
    // A separate admin listener knows the address of the API listener.
    for (flags, is) in [(&["--host", "127.0.0.1"], "127.0.0.1"), (&["--host", "0.0.0.0"], "localhost")] {
        let file = std::fs::File::create(&log).unwrap();
        let apart = ["serve", "--port", "0", "--admin-listen", "127.0.0.1:0", "--log", "json"];
        let mut command = crate::binary::wksmock(&[&apart[..], flags].concat());
        let served = Served::spawn_with_stderr(&mut command, Stdio::from(file));
        let url = served.url.replace(flags[1], is);
        assert_eq!(named(&admin_url(&log), "localhost:9"), list(&url));
    }
}
