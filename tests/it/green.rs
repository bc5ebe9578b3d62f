//! The context that a verdict gives to its expectations: which rules applied, which requests were refused before
//! counting, and which requests an HTTP client repeated by itself.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::MockServer;

const JSON: &[&str] = &["Content-Type: application/json"];
/// A request without the required header.
const BARE: &[&str] = &["Content-Type: -"];

fn verify(client: &mut Client, body: &Value) -> Value {
    client.request("POST", "/__admin/verify", JSON, &body.to_string()).json()
}

fn with(scenario: &Value) -> (MockServer, Client) {
    let mock =
        MockServer::builder().verify_on_drop(false).scenario_json(scenario.to_string()).start_blocking().unwrap();
    let client = Client::connect(mock.url());
    (mock, client)
}

/// Returns name and strikes of each active rule.
fn struck(client: &mut Client) -> Vec<(String, u64)> {
    let rules = client.get("/__admin/scenario").json()["rules"].take();
    let row = |one: &Value| (one["rule"].as_str().unwrap().to_owned(), one["struck"].as_u64().unwrap());
    rules.as_array().unwrap().iter().map(row).collect()
}

fn named(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(name, times)| ((*name).to_owned(), *times)).collect()
}

fn never(verdict: &Value) -> Vec<String> {
    let rules = verdict["never_struck"].as_array().unwrap();
    rules.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_kind_of_rule_counts_its_strikes() {
    let (_mock, mut client) = with(&json!({"rules": [
        {"name": "status", "when": {"calls": "1"}, "status": 503},
        {"name": "two facets", "when": {"calls": "2"}, "status": 500, "delay": {"fixed_ms": 1}},
        {"name": "two hundred", "when": {"calls": "3"}, "status": 200},
        {"name": "fault", "when": {"calls": "4"}, "fault": "malformed_json"},
        {"name": "hidden", "when": {"calls": "9"}, "status": 400},
        {"name": "no mail", "when": {"operation": "notification.email", "calls": "3"}, "status": 500},
        {"name": "token", "when": {"token_calls": "1-2"}, "status": 401},
        {"name": "projects", "when": {"operation": "KeystoneListProjects"}, "status": 503},
        {"name": "late", "when": {"time_ms": [3_600_000, null]}, "status": 503},
    ]}));
    let path = format!("{}?notification_type=email", reset_path(&user("0001")));
    let statuses: Vec<_> = (0..4).map(|_| client.get(&path).status).collect();
    assert_eq!(statuses, [503, 500, 200, 200]);
    let token = crate::signer::token(&mut client);
    let token = format!("X-Auth-Token: {token}");
    for _ in 0..2 {
        assert_eq!(client.request("GET", &path, &[&token, JSON[0]], "").status, 401);
    }
    assert_eq!(client.get("/v3/projects").status, 503);
    let all = named(&[
        ("status", 1),
        ("two facets", 1),
        ("two hundred", 1),
        ("fault", 1),
        ("hidden", 0),
        ("no mail", 1),
        ("token", 2),
        ("projects", 1),
        ("late", 0),
    ]);
    assert_eq!(struck(&mut client), all);
    let verdict = verify(&mut client, &json!({}));
    assert_eq!(never(&verdict), ["hidden", "late"]);
    assert_eq!(verdict["passed"], true);
    assert_eq!(verdict["never_struck"][0]["why"], Value::Null);
    let why = verdict["never_struck"][1]["why"].as_str().unwrap();
    assert!(why.starts_with("its time window starts at 3600000 ms"), "{why}");
    assert!(verdict["never_struck"][1]["place"].as_str().unwrap().contains(":1:"), "{verdict}");
    client.request("POST", "/__admin/reset", &[], "");
    assert!(struck(&mut client).iter().all(|(_, times)| *times == 0));
}

#[test]
fn override_strikes_are_counted_until_it_ends() {
    let (_mock, mut client) = with(&json!({"rules": [{"name": "outage", "status": 503}]}));
    let path = reset_path(&user("0001"));
    client.request("POST", "/__admin/overrides", &[], r#"{"name": "mine", "status": 500}"#);
    assert_eq!((client.get(&path).status, client.get(&path).status), (500, 500));
    assert_eq!(struck(&mut client), named(&[("mine", 2), ("outage", 0)]));
    assert_eq!(client.get("/__admin/overrides").json()["overrides"][0]["struck"], 2);
    client.request("DELETE", "/__admin/overrides", &[], "");
    assert_eq!(client.get(&path).status, 503);
    client.request("POST", "/__admin/overrides", &[], r#"{"name": "mine", "status": 500}"#);
    assert_eq!(struck(&mut client), named(&[("mine", 0), ("outage", 1)]), "another of that name");
}

#[test]
fn clone_strikes_count_for_clone_and_total() {
    let (mock, mut client) = with(&json!({"rules": [
        {"name": "outage", "when": {"calls": "1"}, "status": 503},
        {"name": "projects", "when": {"operation": "KeystoneListProjects"}, "status": 503},
    ]}));
    for id in ["one", "two"] {
        mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id(id)).unwrap().keep();
    }
    let path = reset_path(&user("0001"));
    assert_eq!(client.get(&path.replace(PROJECT, "one")).status, 503);
    assert_eq!(client.get("/v2/one/elsewhere").status, 404);
    let mut of = |project: &str| {
        let verdict = verify(&mut client, &json!({"project": project}));
        (never(&verdict), verdict["rejected"]["count"].as_u64().unwrap())
    };
    assert_eq!(of("one"), (vec![], 0), "account calls belong to no project, other paths to none");
    assert_eq!((of("two"), of(PROJECT)), ((vec!["outage".to_owned()], 0), (vec!["outage".to_owned()], 0)));
    assert_eq!(struck(&mut client), named(&[("outage", 1), ("projects", 0)]));
    assert_eq!(client.get(&path.replace(PROJECT, "two")).status, 503);
    mock.reset_project("one");
    assert_eq!(struck(&mut client), named(&[("outage", 1), ("projects", 0)]));
    // Strikes of a deleted clone still count in the total.
    mock.remove_clone("two");
    assert_eq!(struck(&mut client), named(&[("outage", 1), ("projects", 0)]));
}

#[test]
fn new_scenario_starts_without_strikes() {
    let outage = json!({"rules": [{"name": "outage", "status": 503}]});
    let (_mock, mut client) = with(&outage);
    client.get(&reset_path(&user("0001")));
    assert_eq!(struck(&mut client), named(&[("outage", 1)]));
    assert_eq!(client.request("PUT", "/__admin/scenario", JSON, &outage.to_string()).status, 200);
    assert_eq!(struck(&mut client), named(&[("outage", 0)]));
    client.get(&reset_path(&user("0001")));
    let verdict = verify(&mut client, &json!({}));
    assert_eq!((never(&verdict), &verdict["recovery"]), (vec![], &json!({"users": 1, "recovered": 0})));
}

#[test]
fn refused_requests_are_grouped_by_cause_with_an_example() {
    let (mock, mut client) = with(&json!({"expect": [{"name": "calls", "calls": {"min": 1}}]}));
    let path = reset_path(&user("0001"));
    for id in 0..240 {
        assert_eq!(client.get(&reset_path(&format!("nobody-{id}"))).status, 404);
    }
    for id in ["p", "q"] {
        assert_eq!(client.get(&path.replace(PROJECT, id)).status, 404);
    }
    assert_eq!(client.request("GET", &path, &["X-Auth-Token: secret", BARE[0]], "").status, 400);
    assert_eq!(client.request("GET", &path, &["X-Auth-Token: secret", JSON[0]], "").status, 401);
    client.request("DELETE", "/__admin/requests", &[], "");
    let verdict = verify(&mut client, &json!({}));
    let rejected = &verdict["rejected"];
    assert_eq!((&rejected["count"], &rejected["other"]), (&json!(244), &json!(0)));
    let rows: Vec<_> = rejected["by"].as_array().unwrap().iter().collect();
    let row = |one: &Value| {
        let said = one["problem"].as_str().unwrap().split(". ").next().unwrap().to_owned();
        (one["status"].as_u64().unwrap(), said, one["times"].as_u64().unwrap(), one["first"]["index"].as_u64().unwrap())
    };
    assert_eq!(
        rows.iter().map(|one| row(one)).collect::<Vec<_>>(),
        [
            (404, format!("Unknown user … in project {PROJECT}"), 240, 1),
            (404, "Unknown project …".to_owned(), 2, 241),
            (400, "The header Content-Type is missing".to_owned(), 1, 243),
            (401, "Incorrect IAM authentication information: decrypt token fail".to_owned(), 1, 244),
        ]
    );
    assert_eq!(rows[0]["first"]["request"], format!("GET {}", reset_path("nobody-0")));
    assert!(rows[0]["first"]["at_ms"].is_u64());
    let nearest = verdict["expectations"][0]["nearest"].as_str().unwrap();
    assert_eq!(
        nearest,
        format!("no calls; 244 requests were refused, 240 of them: 404, unknown user … in project {PROJECT}")
    );
    // A request that names no known project belongs to none.
    assert_eq!(verify(&mut client, &json!({"project": PROJECT}))["rejected"]["count"], 242);
    assert_eq!(mock.verify().rejected.by[0].times, 240);
    mock.reset();
    assert_eq!(mock.verify().rejected.count, 0);
    client.request("GET", &path, BARE, "");
    assert_eq!(
        mock.verify().expectations[0].nearest.as_deref(),
        Some("no calls; 1 request was refused: 400, the header Content-Type is missing")
    );
    client.get(&path);
    assert!(mock.verify().passed);
}

#[test]
fn malformed_request_counts_as_refused() {
    let (mock, mut client) = with(&json!({"rules": []}));
    client.send("GET / HTTP/1.1\r\nHost x\r\n\r\n");
    assert_eq!(client.answer(false).status, 400);
    let rejected = mock.verify().rejected;
    assert_eq!((rejected.count, rejected.by[0].status), (1, 400));
    assert_eq!(rejected.by[0].first.request, "GET /");
}

#[test]
fn refusal_causes_are_bounded() {
    let mock = crate::limited(|limits| limits.rejections_max = 2);
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    client.request("GET", &path, BARE, "");
    client.get("/v2/nowhere/users/nobody/random-password");
    client.request("POST", &path, JSON, "");
    client.request("POST", &path, JSON, "");
    client.request("GET", &path, BARE, "");
    let rejected = mock.verify().rejected;
    assert_eq!((rejected.count, rejected.by.len(), rejected.other), (5, 2, 2));
    mock.reset();
    client.request("POST", &path, JSON, "");
    assert_eq!(mock.verify().rejected.other, 0, "the room was given back");
}

#[test]
fn http_client_retry_is_named() {
    let (mock, mut client) = with(&json!({"rules": [
        {"name": "lost", "when": {"calls": "2"}, "fault": "reset", "phase": "after"},
        {"name": "slow", "when": {"calls": "4"}, "fault": "malformed_json"},
    ]}));
    let path = reset_path(&user("0001"));
    client.get(&path);
    // As soon as a client can repeat; a busy machine may be slower than that.
    for _ in 0..50 {
        mock.reset();
        client.get(&path);
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n"));
        assert!(client.ends_by_reset());
        client = Client::connect(mock.url());
        client.get(&path);
        client.get(&path);
        client.get(&path);
        let verdict = mock.verify();
        let [repeat] = verdict.silent_repeats.as_slice() else { continue };
        assert_eq!((repeat.lost, repeat.call, repeat.user.as_str()), (2, 3, user("0001").as_str()));
        let end = "after the answer to call 2 was lost: many HTTP clients retry a GET automatically, see";
        assert!(repeat.note.contains(end), "{repeat:?}");
        assert_eq!((verdict.recovery.users, verdict.recovery.recovered), (1, 1));
        return;
    }
    panic!("50 repeats came too late");
}
