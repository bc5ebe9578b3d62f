//! The admin API: its resources, and the requests that it refuses.

use crate::binary::{Served, run, wksmock};
use crate::client::{Answer, Client};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::{Limits, MockServer};

fn mock() -> MockServer {
    MockServer::builder().start_blocking().unwrap()
}

fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let body = answer.json();
    assert_eq!(body["status"], status);
    assert!(body["type"].is_string() && body["title"].is_string());
    answer.request_id();
    body["detail"].as_str().unwrap().to_owned()
}

#[test]
fn health_reports_setup_and_journal_use() {
    let mock = MockServer::builder().seed(7).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0001")));
    let health = client.get("/__admin/health").json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["url"], mock.url());
    assert_eq!(
        (&health["seed"], &health["projects"], &health["users"], &health["rules"]),
        (&json!(7), &json!(1), &json!(9), &json!(7))
    );
    assert_eq!((&health["journal"]["entries"], &health["journal"]["dropped"]), (&json!(1), &json!(0)));
    assert_eq!(health["problems"], json!([]));
}

#[test]
fn version_names_the_password_scheme() {
    let mock = mock();
    let version = Client::connect(mock.url()).get("/__admin/version").json();
    assert_eq!((&version["name"], &version["password_scheme"]), (&json!("wksmock"), &json!(1)));
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn metrics_count_requests_durations_connections_and_drops() {
    let mut limits = Limits::default();
    limits.journal_entries_max = 2;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0001")));
    client.get(&reset_path(&user("0503")));
    client.get("/nowhere");
    let answer = client.get("/__admin/metrics");
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    for line in [
        "wksmock_requests_total{operation=\"ResetRandomPassword\",status=\"200\",decided_by=\"own\"} 1",
        "wksmock_requests_total{operation=\"ResetRandomPassword\",status=\"503\",decided_by=\"rule\"} 1",
        "wksmock_requests_total{operation=\"none\",status=\"404\",decided_by=\"rejection\"} 1",
        "wksmock_request_duration_seconds_count 3",
        "wksmock_request_duration_seconds_bucket{le=\"+Inf\"} 3",
        "wksmock_connections_open 1",
        "wksmock_connections_total 1",
        "wksmock_limit_hits_total{limit=\"stall\"} 0",
        "wksmock_journal_entries 2",
        "wksmock_journal_dropped_total 1",
        "# EOF",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line}\n{}", answer.body);
    }
}

#[test]
fn user_pages_show_calls_and_magic() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0503")));
    let (mut seen, mut cursor) = (Vec::new(), 0);
    loop {
        let page = client.get(&format!("/__admin/users?limit=4&cursor={cursor}")).json();
        seen.extend(page["users"].as_array().unwrap().clone());
        match page["next"].as_u64() {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 9);
    let magic = seen.iter().find(|shown| shown["id"] == user("0503")).unwrap();
    assert_eq!((&magic["magic_status"], &magic["calls"], &magic["project"]), (&json!(503), &json!(1), &json!(PROJECT)));
    assert_eq!(seen[1]["active_type"], "USER_ACTIVATE");
    assert_eq!(seen[1]["magic_status"], Value::Null);
    problem(&client.get("/__admin/users?project=nowhere"), 404);
}

#[test]
fn journal_pages_follow_the_cursor_and_filters() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for end in ["0001", "0503", "0001", "nobody"] {
        client.get(&reset_path(&user(end)));
    }
    let mut page = |query: &str| client.get(&format!("/__admin/requests?{query}")).json();
    let indices = |page: &Value| {
        page["requests"].as_array().unwrap().iter().map(|entry| entry["index"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let all = page("");
    assert_eq!((indices(&all), &all["next"], &all["truncated"]), (vec![1, 2, 3, 4], &json!(4), &json!(false)));
    assert_eq!(indices(&page("since=1&limit=2")), [2, 3]);
    assert_eq!(indices(&page(&format!("user={}", user("0001")))), [1, 3]);
    assert_eq!(indices(&page("status=503")), [2]);
    assert_eq!(indices(&page("state=rejected")), [4]);
    assert_eq!(indices(&page(&format!("project={PROJECT}&operation=ResetRandomPassword"))), [1, 2, 3, 4]);
    let id = all["requests"][1]["request_id"].as_str().unwrap();
    assert_eq!(indices(&page(&format!("request_id={id}"))), [2]);
    let filtered = page("since=3&status=200");
    assert_eq!((indices(&filtered), &filtered["next"]), (vec![], &json!(4)));

    let one = client.get("/__admin/requests/2").json();
    assert_eq!(one["decision"]["status"], 503);
    assert_eq!(one["decision"]["causes"]["status"]["rule"], "magic 503");
    assert_eq!(one["decision"]["error"]["code"], "WKS.00050902");
    assert_eq!((&one["call"], &one["state"], &one["answer"]["status"]), (&json!(1), &json!("answered"), &json!(503)));
    let refused = client.get("/__admin/requests/4").json();
    assert_eq!(
        (&refused["decision"], &refused["call"], &refused["state"]),
        (&Value::Null, &Value::Null, &json!("rejected"))
    );
    assert!(refused["problem"].as_str().unwrap().contains("Unknown user"));
    problem(&client.get("/__admin/requests/99"), 404);

    assert_eq!(client.request("DELETE", "/__admin/requests", &[], "").status, 204);
    client.get("/");
    assert_eq!(indices(&client.get("/__admin/requests").json()), [5]);
}

#[test]
fn dropped_entry_is_counted_and_reported() {
    let mut limits = Limits::default();
    limits.journal_entries_max = 2;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for _ in 0..5 {
        client.get("/");
    }
    let page = client.get("/__admin/requests").json();
    assert_eq!((&page["truncated"], &page["dropped"], &page["next"]), (&json!(true), &json!(3), &json!(5)));
    assert_eq!(page["requests"].as_array().unwrap().len(), 2);
    assert_eq!(client.get("/__admin/health").json()["journal"]["dropped"], 3);
}

#[test]
fn journal_shows_no_secrets() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let signature = "Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=5ec2e7";
    client.request("GET", &path, &["X-Auth-Token: 5ec2e7", "X-Security-Token: 5ec2e7", signature], "");
    for odd in ["5ec2e7 x", "Bearer 5ec2e7", "A Access=AK, SignedHeaders=a, Signature=5ec2e7, Signature=0"] {
        client.request("GET", &path, &[&format!("Authorization: {odd}")], "");
    }
    assert_eq!(client.get(&format!("http://user:5ec2e7@x{path}")).status, 400);
    let journal = Client::connect(mock.url()).get("/__admin/requests").body;
    assert!(!journal.contains("5ec2e7") && journal.contains("Access=AK"), "{journal}");
}

#[test]
fn passwords_are_shown_for_the_current_and_any_call() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = format!("/__admin/passwords/{PROJECT}/{}", user("0001"));
    assert_eq!(client.get(&path).json()["current"], Value::Null);
    let password = client.get(&reset_path(&user("0001"))).password();
    assert_eq!(client.get(&path).json()["current"], json!({ "call": 1, "password": password }));
    let third = client.get(&format!("{path}?call=3")).json();
    assert_eq!(
        (&third["call"], &third["password"]),
        (&json!(3), &json!(mock.password(PROJECT, &user("0001"), 3).unwrap()))
    );
    problem(&client.get(&format!("{path}?call=0")), 400);
    problem(&client.get("/__admin/passwords/nowhere/x"), 404);
    problem(&client.get(&format!("/__admin/passwords/{PROJECT}/x")), 404);
    assert_eq!(client.get(&path).json()["current"]["call"], 1, "asking changes nothing");
}

#[test]
fn reset_restores_the_initial_state() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let first = client.get(&path);
    client.get(&path);
    mock.override_status(&user("0002"), 503).unwrap();
    assert_eq!(client.request("POST", "/__admin/reset", &[], "").json(), json!({ "epoch": 2 }));
    assert_eq!(mock.requests().len(), 0);
    assert_eq!(client.get("/__admin/overrides").json()["overrides"], json!([]));
    let again = client.get(&path);
    assert_eq!(again.body, first.body);
    assert_ne!(again.request_id(), first.request_id(), "another epoch");
    assert_eq!(mock.requests()[0].epoch, 2);
}

#[test]
fn wrong_method_is_journalled_with_project_and_user() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    client.request("POST", &reset_path(&user("0001")), &[], "");
    let entry = mock.requests().remove(0);
    assert_eq!(entry.operation.as_deref(), Some("ResetRandomPassword"));
    assert_eq!((entry.project.as_deref(), entry.user), (Some(PROJECT), Some(user("0001"))));
    client.request("POST", "/__admin/reset", &[], &format!(r#"{{"project": "{PROJECT}"}}"#));
    assert!(mock.requests().is_empty());
}

#[test]
fn reset_rewinds_the_clock_and_deletion_keeps_drop_counts() {
    let mut limits = Limits::default();
    limits.journal_entries_max = 1;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let now = |client: &mut Client| client.get("/__admin/health").json()["now_ms"].as_u64().unwrap();
    while now(&mut client) < 200 {
        std::thread::yield_now();
    }
    client.get("/a");
    client.get("/b");
    client.request("DELETE", "/__admin/requests", &[], "");
    let page = client.get("/__admin/requests").json();
    assert_eq!((&page["truncated"], &page["dropped"]), (&true.into(), &1.into()));
    client.request("POST", "/__admin/reset", &[], "");
    assert!(now(&mut client) < 200);
    let page = client.get("/__admin/requests").json();
    assert_eq!((&page["truncated"], &page["dropped"], &page["next"]), (&false.into(), &0.into(), &2.into()));
}

#[test]
fn project_reset_leaves_other_projects_alone() {
    let users = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}, {"id": "q", "users": [{"id": "u"}]}]}"#;
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = |project: &str| format!("/v2/{project}/users/u/random-password");
    for project in ["p", "q"] {
        client.get(&path(project));
        mock.override_json(&format!(r#"{{"when": {{"project": "{project}"}}, "status": 500}}"#)).unwrap();
    }
    let reset = client.request("POST", "/__admin/reset", &[], r#"{"project": "p"}"#);
    assert_eq!(reset.status, 200);
    let journal: Vec<_> = mock.requests().into_iter().map(|entry| entry.project.unwrap()).collect();
    assert_eq!(journal, ["q"]);
    assert_eq!(client.get(&path("p")).status, 200);
    assert_eq!(client.get(&path("q")).status, 500);
    assert_eq!(mock.requests().last().unwrap().call, Some(2));
    problem(&client.request("POST", "/__admin/reset", &[], r#"{"project": "x"}"#), 404);
    problem(&client.request("POST", "/__admin/reset", &[], r#"{"projekt": "p"}"#), 422);
}

#[test]
fn shutdown_ends_the_server() {
    let served = Served::start(&["--log-level", "off"]);
    assert_eq!(served.client().request("POST", "/__admin/shutdown", &[], "").status, 202);
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn invalid_request_is_refused_with_valid_alternatives() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    assert!(problem(&client.get("/__admin/mappings"), 404).contains("/__admin/overrides"));
    assert!(problem(&client.get("/__admin/nothing"), 404).contains("reset, tokens, try, shutdown"));
    assert!(problem(&client.get("/__admin/nothing"), 404).contains("health"));
    assert!(problem(&client.get("/__admin/requests?sinc=1"), 400).contains("since"));
    assert!(problem(&client.get("/__admin/requests?since=1&since=2"), 400).contains("twice"));
    for wrong in ["since=x", "limit=0", "limit=1001", "status=x", "state=x", "request_id=x", "operation=x"] {
        problem(&client.get(&format!("/__admin/requests?{wrong}")), 400);
    }
    problem(&client.get("/__admin/health?x"), 400);
    problem(&client.get("/__admin/%ff"), 400);
    let wrong_method = client.request("PUT", "/__admin/requests", &[], "");
    problem(&wrong_method, 405);
    assert_eq!(wrong_method.header("allow"), Some("GET, DELETE"));
    for (method, path, allowed) in [
        ("POST", "users", "GET"),
        ("GET", "reset", "POST"),
        ("GET", "verify", "POST"),
        ("POST", "coverage", "GET"),
        ("GET", "shutdown", "POST"),
        ("OPTIONS", "overrides", "GET, POST, DELETE"),
        ("POST", "overrides/1", "PUT, DELETE"),
        ("POST", "requests/1", "GET"),
        ("POST", "passwords/p/u", "GET"),
    ] {
        let answer = client.request(method, &format!("/__admin/{path}"), &[], "");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
    }
}

#[test]
fn admin_api_beyond_loopback_needs_its_token() {
    let refused = run(&["serve", "--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(crate::binary::stderr(&refused).contains("--admin-token"));

    let served = Served::start(&["--host", "0.0.0.0", "--admin-token", "s3cret", "--log-level", "off"]);
    let url = served.url.replace("0.0.0.0", "127.0.0.1");
    let mut client = Client::connect(&url);
    let denied = client.get("/__admin/users");
    problem(&denied, 401);
    assert_eq!(denied.header("www-authenticate"), Some("Bearer"));
    problem(&client.request("GET", "/__admin/users", &["Authorization: Bearer wrong"], ""), 401);
    assert_eq!(client.request("GET", "/__admin/users", &["Authorization: Bearer s3cret"], "").status, 200);
    assert_eq!(client.get("/__admin/health").json(), json!({ "status": "ok" }));
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    assert_eq!(run(&["health", &url]).status.code(), Some(0));
    assert_eq!(served.terminate().0, Some(0));

    let served = Served::start(&["--no-admin", "--log-level", "off"]);
    problem(&served.client().get("/__admin/health"), 404);
    assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
}

#[test]
fn generated_admin_token_is_printed_once_and_new_at_each_start() {
    let start = || {
        let mut served = Served::start(&["--host", "0.0.0.0", "--admin-token", "generate", "--log", "json"]);
        let token = served.line().strip_prefix("wksmock admin token: ").unwrap().trim_end().to_owned();
        assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        let mut client = Client::connect(&served.url.replace("0.0.0.0", "127.0.0.1"));
        problem(&client.request("GET", "/__admin/users", &["Authorization: Bearer generate"], ""), 401);
        let bearer = format!("Authorization: Bearer {token}");
        assert_eq!(client.request("GET", "/__admin/users", &[&bearer], "").status, 200);
        let (code, out, err) = served.terminate();
        assert_eq!((code, out.as_str()), (Some(0), ""));
        assert!(!err.contains(&token), "{err}");
        token
    };
    assert_ne!(start(), start());

    let mut without = wksmock(&["serve", "--port", "0", "--host", "0.0.0.0", "--no-admin", "--log-level", "off"]);
    let without = Served::spawn(without.env("WKSMOCK_ADMIN_TOKEN", "generate"));
    assert_eq!(without.terminate(), (Some(0), String::new(), String::new()));
}

#[test]
fn body_past_its_limit_is_refused() {
    let mut limits = Limits::default();
    limits.admin_body_bytes_max = 100;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    let padded = |length: usize| format!("{:length$}", r#"{"status": 503}"#);
    let mut client = Client::connect(mock.url());
    assert_eq!(client.request("POST", "/__admin/overrides", &[], &padded(100)).status, 201);
    let refused = client.request("POST", "/__admin/overrides", &[], &padded(101));
    problem(&refused, 413);
    assert_eq!(refused.header("connection"), Some("close"));
}
