//! Rules set at run time.

use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::{Limits, MockServer, OverrideError};

fn add(client: &mut Client, rule: &str) -> u64 {
    let answer = client.request("POST", "/__admin/overrides", &[], rule);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.body.contains(rule), "the rule comes back word for word: {}", answer.body);
    answer.json()["id"].as_u64().unwrap()
}

#[test]
fn body_numbers_follow_the_schema() {
    let served = crate::binary::Served::start(&["--log-level", "off", "--clock", "manual"]);
    let mut client = served.client();
    let json = "Content-Type: application/json";
    let rule = r#"{"when": {"user": "8a2c3f9579d240820179d51e6caf0001"}, "next": 1e0, "status": 503.0}"#;
    assert_eq!(client.request("POST", "/__admin/overrides", &[json], rule).status, 201);
    let moved = client.request("POST", "/__admin/clock", &[json], r#"{"advance_ms": 1.5e2}"#);
    assert_eq!((moved.status, &moved.json()["now_ms"]), (200, &serde_json::json!(150)));
    let wrong = client.request("POST", "/__admin/clock", &[json], r#"{"advance_ms": 1e999999999}"#);
    assert_eq!(wrong.status, 422, "{wrong:?}");
    let scenario = r#"{"rules": [{"name": "a", "status": 5.03e2}], "format": 1.0}"#;
    assert_eq!(client.request("PUT", "/__admin/scenario", &[json], scenario).status, 200);
    // A value of many megabytes is quoted in part.
    let long = "x".repeat(7 << 19);
    for (method, path, body) in [
        ("PUT", "scenario", format!(r#"{{"rules": [{{"name": "a", "{long}": 1}}]}}"#)),
        ("POST", "overrides", format!(r#"{{"when": {{"user": "{long}"}}, "status": 503}}"#)),
        ("POST", "clock", format!(r#"{{"{long}": 1}}"#)),
        ("POST", "projects", format!(r#"{{"from": "{long}", "id": "{long}"}}"#)),
        ("POST", "reset", format!(r#"{{"project": "{long}"}}"#)),
        ("POST", "verify", format!(r#"{{"project": "{long}", "expect": []}}"#)),
    ] {
        let answer = client.request(method, &format!("/__admin/{path}"), &[json], &body);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        assert!(answer.body.len() < 4_000, "{path}: {}", answer.body.len());
    }
}

#[test]
fn newest_override_takes_precedence() {
    let mock = MockServer::builder().fault(format!("{}=500", user("0001"))).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    assert_eq!(client.get(&path).status, 500);
    let first = add(&mut client, r#"{"status":  404}"#);
    assert_eq!(client.get(&path).status, 404);
    let second = add(&mut client, r#"{"name": "fine",  "status": 200}"#);
    assert_eq!(client.get(&path).status, 200);
    let listed = client.get("/__admin/overrides");
    assert!(listed.body.contains(r#"{"name": "fine",  "status": 200}"#), "{}", listed.body);
    let ids: Vec<_> =
        listed.json()["overrides"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [second, first]);
    assert_eq!(client.request("DELETE", &format!("/__admin/overrides/{second}"), &[], "").status, 204);
    assert_eq!(client.get(&path).status, 404);
    assert_eq!(client.request("DELETE", &format!("/__admin/overrides/{second}"), &[], "").status, 404);
    assert_eq!(client.request("DELETE", "/__admin/overrides", &[], "").status, 204);
    assert_eq!(client.get(&path).status, 500);
    let causes: Vec<_> = mock
        .requests()
        .iter()
        .map(|entry| {
            let cause = entry.decision.clone().unwrap().causes.status.unwrap();
            (cause.rule, cause.place)
        })
        .collect();
    let fault = (format!("{}=500", user("0001")), "--fault".to_owned());
    assert_eq!(causes[0], fault);
    assert_eq!(causes[1], ("override 1".to_owned(), "override 1".to_owned()));
    assert_eq!(causes[2], ("fine".to_owned(), "override 2".to_owned()));
    assert_eq!(causes[4], fault);
}

#[test]
fn invalid_override_changes_nothing_and_is_located() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let wrong = client.request(
        "POST",
        "/__admin/overrides",
        &[],
        r#"{"when": {"user": "8a2c3f9579d240820179d51e6caf001"}, "status": 418}"#,
    );
    assert_eq!(wrong.status, 422);
    let errors = wrong.json()["errors"].clone();
    assert_eq!(errors[0]["place"], "body:1:19");
    assert!(errors[0]["hint"].as_str().unwrap().contains("did you mean"), "{errors}");
    assert!(errors[1]["message"].as_str().unwrap().contains("expected one of 200, 400, 401"), "{errors}");
    for body in ["{", "[]", "{\"statsu\": 503}", "{\"status\": 503, \"delay\": 1}"] {
        let answer = client.request("POST", "/__admin/overrides", &[], body);
        assert_eq!(answer.status, 422, "{body}");
        assert!(answer.json()["errors"][0]["place"].as_str().unwrap().starts_with("body:1:"));
    }
    let deep = format!("{{\"status\": {}}}", "[".repeat(100));
    assert_eq!(client.request("POST", "/__admin/overrides", &[], &deep).status, 422);
    assert_eq!(client.request("POST", "/__admin/overrides", &[], "").status, 400);
    let taken = client.request("POST", "/__admin/overrides", &[], r#"{"name": "magic 503", "status": 503}"#);
    assert_eq!(taken.status, 409);
    assert!(taken.json()["detail"].as_str().unwrap().contains("scenarios/magic-users.json:"), "{taken:?}");
    let first = add(&mut client, r#"{"name": "mine", "when": {"calls": "9"}, "status": 503}"#);
    let taken = client.request("POST", "/__admin/overrides", &[], r#"{"name": "mine", "status": 503}"#);
    let mend = format!("DELETE /__admin/overrides/{first}.");
    assert!(taken.status == 409 && taken.json()["detail"].as_str().unwrap().ends_with(&mend), "{taken:?}");
    assert_eq!(client.request("DELETE", "/__admin/overrides", &[], "").status, 204);
    assert_eq!(client.get("/__admin/overrides").json(), json!({ "overrides": [] }));
}

#[test]
fn override_count_is_bounded() {
    let mut limits = Limits::default();
    limits.overrides_max = 2;
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    for _ in 0..2 {
        mock.override_status(&user("0001"), 503).unwrap();
    }
    assert!(matches!(mock.override_status(&user("0001"), 503), Err(OverrideError::Full(2))));
    let mut client = Client::connect(mock.url());
    let full = client.request("POST", "/__admin/overrides", &[], r#"{"status": 503}"#);
    assert_eq!((full.status, full.header("connection")), (409, None));
    assert_eq!(client.get("/__admin/overrides").json()["overrides"].as_array().unwrap().len(), 2);
    mock.remove_overrides();
    assert!(mock.override_status(&user("0001"), 503).is_ok());
}

#[test]
fn override_texts_share_a_bound() {
    let rule = r#"{"status": 503, "error": {"message": "0123456789"}}"#;
    let mut limits = Limits::default();
    limits.overrides_bytes_max = 2 * rule.len();
    let mock = MockServer::builder().limits(limits).start_blocking().unwrap();
    mock.override_json(rule).unwrap();
    mock.override_json(rule).unwrap();
    let most = 2 * rule.len();
    assert!(matches!(mock.override_json(rule), Err(OverrideError::TooLarge(bytes)) if bytes == most));
    let mut client = Client::connect(mock.url());
    assert_eq!(client.request("POST", "/__admin/overrides", &[], rule).status, 409);
}

#[test]
fn generated_override_name_is_reserved() {
    let scenario = r#"{"rules": [{"name": "override 1", "when": {"calls": "9"}, "status": 503}]}"#;
    let mock = MockServer::builder().scenario_json(scenario).start_blocking().unwrap();
    assert_eq!(mock.override_status(&user("0001"), 503).unwrap(), 2);
    mock.override_json(r#"{"name": "override 3", "status": 500}"#).unwrap();
    assert_eq!(mock.override_status(&user("0001"), 503).unwrap(), 4);
}

#[test]
fn journal_does_not_keep_deleted_rules_alive() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let body = "x".repeat(1 << 20);
    let rule = format!(r#"{{"status": 503, "undocumented": true, "body": "{body}"}}"#);
    mock.override_json(&rule).unwrap();
    assert_eq!(client.get(&reset_path(&user("0001"))).body, body);
    mock.remove_overrides();
    let health = client.get("/__admin/health").json();
    assert!(health["journal"]["bytes"].as_u64().unwrap() < 4_096, "{health}");
    let cause = mock.requests()[0].decision.clone().unwrap().causes.status.unwrap();
    assert_eq!(cause.place, "override 1");
}

#[test]
fn next_counts_coming_calls_at_any_call_number() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    for _ in 0..3 {
        client.get(&path).password();
    }
    let body = json!({"when": {"user": [user("0001"), user("0400")]}, "next": 2, "status": 503}).to_string();
    let added = client.request("POST", "/__admin/overrides", &[], &body);
    let calls = |first: &str, second: &str| {
        json!([
            {"project": crate::PROJECT, "user": user("0001"), "calls": first},
            {"project": crate::PROJECT, "user": user("0400"), "calls": second},
        ])
    };
    assert_eq!((added.status, &added.json()["calls"]), (201, &calls("4-5", "1-2")));
    assert_eq!(client.get("/__admin/overrides").json()["overrides"][0]["calls"], calls("4-5", "1-2"));
    let mut statuses = |end: &str, count: usize| -> Vec<_> {
        (0..count).map(|_| client.get(&reset_path(&user(end))).status).collect()
    };
    assert_eq!(statuses("0001", 3), [503, 503, 200]);
    assert_eq!(statuses("0400", 3), [503, 503, 400]);
    let causes = mock.requests()[3].decision.clone().unwrap().causes;
    assert_eq!(causes.status.unwrap().place, "override 1");
    // A sequence starts with the first of them.
    let script = json!({"when": {"user": user("0001")}, "next": 3, "sequence": [500, 404]}).to_string();
    assert_eq!(client.request("POST", "/__admin/overrides", &[], &script).status, 201);
    let mut statuses = || client.get(&path).status;
    assert_eq!([statuses(), statuses(), statuses()], [500, 404, 200]);
}

#[test]
fn remaining_next_calls_are_shown_for_any_striking_rule() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let [first, second] = ["0001", "0002"].map(user);
    client.get(&reset_path(&first));
    let left = |client: &mut Client| -> Vec<Value> {
        let listed = client.get("/__admin/overrides").json();
        listed["overrides"].as_array().unwrap().iter().map(|one| one["left"].clone()).collect()
    };
    add(&mut client, &format!(r#"{{"when": {{"user": ["{first}", "{second}"]}}, "next": 2, "status": 503}}"#));
    assert_eq!(left(&mut client), [json!(4)]);
    add(&mut client, &format!(r#"{{"when": {{"user": "{first}"}}, "status": 404}}"#));
    // The call counts as one of the next ones although the other rule decides it.
    assert_eq!(client.get(&reset_path(&first)).status, 404);
    assert_eq!(left(&mut client), [Value::Null, json!(3)]);
    for count in [2, 2] {
        client.get(&reset_path(&first));
        assert_eq!(left(&mut client)[1], count);
    }
    assert_eq!(client.get(&reset_path(&second)).status, 503);
    assert_eq!(left(&mut client)[1], 1);
}

#[test]
fn next_calls_of_a_clone_are_counted_there() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mine = mock.clone_project_with(crate::PROJECT, wksmock::CloneOptions::new().id("mine")).unwrap().keep();
    let mut client = Client::connect(mock.url());
    let path = format!("/v2/{mine}/users/{}/random-password", user("0001"));
    client.get(&path).password();
    let rule =
        json!({"when": {"project": mine, "user": user("0001")}, "next": 1, "fault": "malformed_json"}).to_string();
    let added = client.request("POST", "/__admin/overrides", &[], &rule).json();
    assert_eq!(added["calls"], json!([{"project": "mine", "user": user("0001"), "calls": "2-2"}]));
    assert!(!client.get(&path).body.ends_with('}'));
    client.get(&path).password();
    assert!(client.get(&reset_path(&user("0001"))).body.ends_with('}'));
}

#[test]
fn next_calls_are_counted_per_user_operation() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0001"))).password();
    let path = format!("/v2/{}/users/{}", crate::PROJECT, user("0001"));
    let mut change =
        || client.request("PUT", &path, &["Content-Type: application/json"], r#"{"description": "x"}"#).status;
    assert_eq!([change(), change()], [200, 200]);
    // A user named twice counts once.
    let when = json!({"user": [user("0001"), user("0001")], "operation": "UpdateUserInfo"});
    let rule = json!({"when": when, "next": 1, "status": 503}).to_string();
    let added = Client::connect(mock.url()).request("POST", "/__admin/overrides", &[], &rule).json();
    assert_eq!(added["calls"], json!([{"project": crate::PROJECT, "user": user("0001"), "calls": "3-3"}]));
    assert_eq!([change(), change()], [503, 200]);
}

#[test]
fn next_without_a_user_strikes_exactly_n_calls() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mine = mock.clone_project_with(crate::PROJECT, wksmock::CloneOptions::new().id("mine")).unwrap().keep();
    let here = r#"{"when": {"project": "mine"}, "next": 40, "status": 503}"#;
    let mut client = Client::connect(mock.url());
    assert_eq!(client.request("POST", "/__admin/overrides", &[], here).json()["left"], 40);
    let calls = |project: &str, users: &[&str]| -> Vec<u16> {
        let mut client = Client::connect(mock.url());
        let path = |end: &str| format!("/v2/{project}/users/{}/random-password?notification_type=email", user(end));
        users.iter().cycle().take(20).map(|end| client.get(&path(end)).status).collect()
    };
    let users = ["0001", "0002", "0401", "0503"];
    let (mine, calls) = (mine.as_str(), &calls);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|at| scope.spawn(move || calls(mine, &users[at % 3..]))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let struck: Vec<_> = mock
        .requests()
        .into_iter()
        .filter(|entry| {
            let causes = entry.decision.as_ref().map(|decision| &decision.causes);
            causes.and_then(|causes| causes.status.as_ref()).is_some_and(|cause| cause.rule == "override 1")
        })
        .collect();
    assert_eq!((statuses.len(), struck.len()), (160, 40));
    assert!(struck.iter().all(|entry| entry.index <= 40), "those that came first");
    assert_eq!(client.get("/__admin/overrides").json()["overrides"][0]["left"], 0);
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200, "it is for the clone");
}

#[test]
fn next_without_a_user_covers_all_operations_and_explain() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut add = |rule: &str| assert_eq!(client.request("POST", "/__admin/overrides", &[], rule).status, 201);
    add(r#"{"name": "later", "when": {"operation": "KeystoneListProjects"}, "next": 1, "status": 503}"#);
    add(r#"{"name": "lost", "when": {"operation": "notification.email"}, "next": 1, "status": 500}"#);
    add(r#"{"name": "two", "next": 2, "status": 503}"#);
    add(r#"{"name": "chosen", "when": {"header": {"X-Chosen": "yes"}}, "next": 1, "status": 500}"#);
    let explain = format!("/__admin/explain?project={}&user={}&next=3", crate::PROJECT, user("0001"));
    let explained = client.get(&explain).json();
    let told = |call: usize| {
        let rules = explained["calls"][call]["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["name"] == "two").unwrap();
        (
            explained["calls"][call]["outcome"]["status"].as_u64().unwrap(),
            rule["left"].as_u64(),
            rule["failed_on"].clone(),
        )
    };
    assert_eq!(told(0), (503, Some(2), json!(null)));
    assert_eq!(told(1), (503, Some(1), json!(null)));
    assert_eq!(told(2), (200, Some(0), json!("next")));
    // Explaining uses none of them, nor does a call that fails another condition.
    let mut met = |end: &str, header: &[&str]| {
        client
            .request("GET", &reset_path(&user(end)), &[&["Content-Type: application/json"], header].concat(), "")
            .status
    };
    assert_eq!(
        [met("0001", &[]), met("0001", &["X-Chosen: yes"]), met("0404", &[]), met("0001", &["X-Chosen: yes"])],
        [503, 500, 503, 200]
    );
    let mail = format!("{}?notification_type=email", reset_path(&user("0002")));
    assert_eq!([client.get(&mail).status, client.get(&mail).status], [200, 200]);
    let sent = client.get("/__admin/outbox").json();
    assert_eq!((&sent["messages"][0]["state"], &sent["messages"][1]["state"]), (&json!("failed"), &json!("recorded")));
    let token = crate::signer::token(&mut client);
    let token = format!("X-Auth-Token: {token}");
    let mut list = || client.request("GET", "/v3/projects", &[&token], "").status;
    assert_eq!([list(), list()], [503, 200]);
}

#[test]
fn next_takes_only_plain_conditions() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut said = |rule: &str| {
        let answer = client.request("POST", "/__admin/overrides", &[], rule);
        assert_eq!(answer.status, 422, "{rule}");
        answer.json()["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    let of_nobody = r#"{"next": 2, "sequence": [503, 500]}"#;
    assert!(said(of_nobody).starts_with("`next` cannot be combined with `sequence`"), "{}", said(of_nobody));
    let of_a_token = r#"{"when": {"token_calls": "1"}, "next": 2, "status": 401}"#;
    assert!(said(of_a_token).starts_with("`next` cannot be combined with `token_calls`"), "{}", said(of_a_token));
    let user = user("0001");
    let beside = format!(r#"{{"when": {{"user": "{user}", "calls": "1"}}, "next": 2, "status": 503}}"#);
    assert!(said(&beside).starts_with("`next` cannot be combined with `calls`"));
    assert!(said(&format!(r#"{{"when": {{"user": "{user}"}}, "next": 0, "status": 503}}"#)).starts_with("`next` is 0"));
    assert!(mock.requests().is_empty());
}

#[test]
fn flag_becomes_an_override_of_its_project() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mine = mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("mine")).unwrap().keep();
    let mut client = Client::connect(mock.url());
    let mut add = |body: &Value| client.request("POST", "/__admin/overrides", &[], &body.to_string());
    let added = add(&json!({ "flag": "0001=503:1-2", "project": mine }));
    let name = format!("{}=503:1-2 in mine", user("0001"));
    let when = json!({ "project": "mine", "user": user("0001"), "calls": "1-2" });
    assert_eq!(
        (added.status, added.json()),
        (201, json!({ "id": 1, "rule": { "name": name, "when": when, "status": 503 } }))
    );
    // Other users and other projects are not affected, and a name that is taken is not used again.
    assert_eq!(add(&json!({ "flag": "*=500:20%:after" })).json()["rule"]["when"], json!({ "chance": 0.2 }));
    let again = add(&json!({ "flag": "0001=503:1-2", "project": mine }));
    assert_eq!(again.json(), json!({ "id": 3, "rule": { "when": when, "status": 503 } }));
    assert_eq!(client.request("DELETE", "/__admin/overrides/2", &[], "").status, 204);
    let path = |project: &str| reset_path(&user("0001")).replace(PROJECT, project);
    let statuses: Vec<_> = ["mine", PROJECT, "mine", "mine"].map(|project| client.get(&path(project)).status).into();
    assert_eq!(statuses, [503, 200, 503, 200]);
    let replaced = client.request("PUT", "/__admin/overrides/3", &[], r#"{"flag": "0001=reset:9"}"#);
    assert_eq!(replaced.json()["rule"]["name"], format!("{}=reset:9", user("0001")));
    // The file of the clone has the rule too.
    let file = client.get("/__admin/scenario/file?project=mine").json();
    assert_eq!(file["rules"][1]["name"], name);
}

#[test]
fn flag_of_one_of_two_projects_finds_its_user() {
    let users = r#"{"projects": [
        {"id": "p", "users": [{"id": "8a2c0001", "user_name": "ada"}]},
        {"id": "q", "users": [{"id": "9b3d0001", "user_name": "ada"}]}
    ]}"#;
    let mock = MockServer::builder().users_json(users).start_blocking().unwrap();
    mock.clone_project_with("q", wksmock::CloneOptions::new().id("mine")).unwrap().keep();
    let mut client = Client::connect(mock.url());
    let mut add = |body: &str| client.request("POST", "/__admin/overrides", &[], body);
    assert_eq!(add(r#"{"flag": "ada=503", "project": "mine"}"#).json()["rule"]["when"]["user"], "9b3d0001");
    let several = add(r#"{"flag": "ada=503"}"#);
    assert_eq!(several.json()["errors"][0]["message"], "`ada` matches several users; expected the id of one user");
}

#[test]
fn invalid_flag_is_located_in_its_text() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (body, place, message) in [
        (r#"{"flag": "0001=418:0"}"#, "--fault:1:6", "ResetRandomPassword does not document status 418"),
        (r#"{"flag": "0001=503:0"}"#, "--fault:1:10", "`0`: call numbers start at 1"),
        (r#"{"flag": "nobody=503"}"#, "--fault:1:1", "unknown user `nobody`"),
        (r#"{"flag": "0001"}"#, "--fault:1:1", "missing `=` in the fault"),
        (r#"{"flag": "*=503", "project": "x"}"#, "body:1:30", "unknown project `x`"),
        (r#"{"flag": "*=503", "status": 503}"#, "body:1:19", "unknown field `status`"),
        (r#"{"flag": 503}"#, "body:1:10", "a number"),
    ] {
        let answer = client.request("POST", "/__admin/overrides", &[], body);
        let error = &answer.json()["errors"][0];
        assert_eq!((answer.status, &error["place"]), (422, &json!(place)), "{body}: {answer:?}");
        assert!(error["message"].as_str().unwrap().contains(message), "{body}: {error}");
    }
    assert_eq!(client.get("/__admin/overrides").json(), json!({ "overrides": [] }));
}
