//! Scenarios of clones, which replace those of files.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::{CloneError, CloneOptions, Limits, MockServer, ProjectClone};

fn clone(client: &mut Client, id: &str, scenario: &Value) -> Answer {
    client.post("projects", &json!({"from": PROJECT, "id": id, "scenario": scenario}))
}

/// Returns the statuses of a user's next calls in a project.
fn statuses(client: &mut Client, project: &str, end: &str, calls: usize) -> Vec<u16> {
    let path = format!("/v2/{project}/users/{}/random-password", user(end));
    (0..calls).map(|_| client.get(&path).status).collect()
}

/// A rule for all users that applies to the first calls.
fn outage(calls: &str, status: u16) -> Value {
    json!({"name": "outage", "when": {"calls": calls}, "status": status})
}

fn ends_with_200(name: &str) -> Value {
    json!({"name": name, "calls": {"max": 2}, "ends_with": 200})
}

/// Returns the failing expectations with their places.
fn failed(client: &mut Client, question: &Value) -> Vec<(String, String)> {
    let verdict = client.post("verify", question).json();
    let failed = verdict["expectations"].as_array().unwrap().iter().filter(|one| one["passed"] == false);
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    failed.map(|one| (text(one, "name"), text(one, "place"))).collect()
}

#[test]
fn clones_have_their_own_rules_and_expectations() {
    let files = json!({"rules": [outage("1-9", 500)], "expect": [ends_with_200("by the files")]}).to_string();
    let mock = MockServer::builder()
        .verify_on_drop(false)
        .scenario_json(files)
        .fault(format!("{}=404:4", user("0001")))
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    let own = |status: u16| json!({"rules": [outage("1", status)], "expect": [ends_with_200("own")]});
    let made = clone(&mut client, "a", &own(503));
    assert_eq!((made.status, made.json()), (201, json!({"id": "a", "from": PROJECT, "users": 9})));
    assert_eq!(clone(&mut client, "b", &own(405)).status, 201);
    assert_eq!(clone(&mut client, "plain", &json!(null)).status, 422, "null is no scenario");
    assert_eq!(client.post("projects", &json!({"from": PROJECT, "id": "plain"})).status, 201);
    assert_eq!(statuses(&mut client, "a", "0001", 4), [503, 200, 200, 404], "flags hold");
    assert_eq!(statuses(&mut client, "b", "0001", 2), [405, 200]);
    assert_eq!(statuses(&mut client, "b", "0401", 2), [405, 401], "so do embedded rules, behind");
    assert_eq!(statuses(&mut client, "plain", "0001", 1), [500]);
    assert_eq!(statuses(&mut client, PROJECT, "0001", 1), [500]);
    let current = client.get(&format!("/__admin/passwords/a/{}", user("0001"))).json();
    assert_eq!(current["current"]["password"].as_str(), mock.password(PROJECT, &user("0001"), 3).as_deref());
    // The deciding rule is identified by its place.
    let entry = client.get("/__admin/requests/1").json();
    let place = entry["decision"]["causes"]["status"]["place"].as_str().unwrap().to_owned();
    assert!(place.starts_with("POST /__admin/projects (a):1:"), "{place}");
    let explained = client.get(&format!("/__admin/explain?project=b&user={}&call=1", user("0001"))).json();
    assert_eq!(explained["calls"][0]["outcome"]["status"], 405);
    // Each clone is judged by its own expectations, and those of the files cover the other projects.
    assert_eq!(failed(&mut client, &json!({"project": "a"})).len(), 1, "four calls were one too many");
    assert_eq!(
        mock.verify_project("b").unwrap().expectations[0].nearest.as_deref(),
        Some("magic-401 (…0401)'s last call (2) got 401")
    );
    assert_eq!(failed(&mut client, &json!({"project": "plain"}))[0].0, "by the files");
    let all = failed(&mut client, &json!({}));
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["by the files", "own", "own"]);
    assert!(all[1].1.starts_with("POST /__admin/projects (") && all[1].1 != all[2].1, "{all:?}");
    let verdict = client.post("verify", &json!({})).json();
    let seen = verdict["expectations"][0]["seen"].as_array().unwrap().clone();
    assert!(seen.iter().all(|call| call["project"] == "plain" || call["project"] == PROJECT), "{seen:?}");
    // Expectations in a request cover all projects.
    let question = json!({"expect": [{"name": "few", "calls": {"max": 2}}]});
    assert_eq!(failed(&mut client, &question).len(), 1);
    // Strikes belong to each rule, whatever the names of others.
    let struck = client.get("/__admin/scenario").json()["rules"].clone();
    let struck: Vec<_> = struck
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["rule"] == "outage")
        .map(|one| one["struck"].clone())
        .collect();
    assert!(struck[0] == 2 && struck.len() == 3 && struck.contains(&json!(1)), "{struck:?}");
    let listed = client.get("/__admin/projects").json();
    assert_eq!(listed["projects"][1]["own_scenario"], true);
    assert_eq!(listed["projects"][3]["own_scenario"], false);
}

#[test]
fn clone_scenario_covers_overrides_messages_and_tokens() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let rules = json!([
        {"name": "lost", "when": {"operation": "notification.email", "calls": "1"}, "status": 500},
        {"name": "no list", "when": {"operation": "ListUsers", "calls": "1"}, "status": 503},
        {"name": "twice", "when": {"token_calls": "3-"}, "status": 401},
        {"name": "of one", "when": {"project": PROJECT, "user": user("0503"), "calls": "2"}, "status": 500},
    ]);
    assert_eq!(clone(&mut client, "mine", &json!({ "rules": rules })).status, 201);
    let mail = |project: &str| format!("/v2/{project}/users/{}/random-password?notification_type=email", user("0002"));
    for project in ["mine", "mine", PROJECT] {
        assert_eq!(client.get(&mail(project)).status, 200);
    }
    let sent = client.get("/__admin/outbox").json();
    let states: Vec<_> = (0..3).map(|at| sent["messages"][at]["state"].clone()).collect();
    assert_eq!(states, ["failed", "recorded", "recorded"]);
    let mut list = |project: &str| {
        client.request("GET", &format!("/v2/{project}/users"), &["Content-Type: application/json"], "").status
    };
    assert_eq!([list("mine"), list("mine"), list(PROJECT)], [503, 200, 200]);
    assert_eq!(statuses(&mut client, "mine", "0503", 3), [503, 500, 503]);
    let token = format!("X-Auth-Token: {}", crate::signer::token(&mut client));
    let mut reset = |project: &str| {
        let path = format!("/v2/{project}/users/{}/random-password", user("0001"));
        client.request("GET", &path, &["Content-Type: application/json", &token], "").status
    };
    assert_eq!([reset("mine"), reset("mine"), reset("mine"), reset(PROJECT)], [200, 200, 401, 200]);
    mock.override_json(r#"{"when": {"project": "mine"}, "status": 405}"#).unwrap();
    assert_eq!(statuses(&mut client, "mine", "0001", 1), [405]);
    // Draws depend on the rule's name and the template.
    let rare = json!({"rules": [{"name": "rare", "when": {"chance": 0.5}, "status": 503}]});
    assert_eq!(clone(&mut client, "drawn", &rare).status, 201);
    let drawn = statuses(&mut client, "drawn", "0001", 40);
    let there = MockServer::builder().verify_on_drop(false).scenario_json(rare.to_string()).start_blocking().unwrap();
    assert_eq!(drawn, statuses(&mut Client::connect(there.url()), PROJECT, "0001", 40));
    assert!(drawn.contains(&503) && drawn.contains(&200));
}

#[test]
fn bound_account_meets_its_clones_rules() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let scenario =
        json!({"rules": [outage("1", 503), {"name": "twice", "when": {"token_calls": "2-"}, "status": 401}]});
    let body = json!({"from": PROJECT, "id": "mine", "account": "developer", "scenario": scenario});
    assert_eq!(client.post("projects", &body).status, 201);
    let token = format!("X-Auth-Token: {}", crate::signer::token(&mut client));
    let mut reset =
        || client.request("GET", &reset_path(&user("0001")), &["Content-Type: application/json", &token], "").status;
    assert_eq!([reset(), reset()], [503, 401]);
    assert_eq!(statuses(&mut client, PROJECT, "0001", 1), [200], "a call without an account is not bound");
}

fn put(client: &mut Client, project: &str, body: &Value) -> Answer {
    client.request("PUT", &format!("/__admin/scenario?project={project}"), &[], &body.to_string())
}

fn delete(client: &mut Client, project: &str) -> u16 {
    client.request("DELETE", &format!("/__admin/scenario?project={project}"), &[], "").status
}

#[test]
fn clone_scenario_is_put_removed_and_judged_from_then() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let born = json!({"rules": [outage("2", 503)], "expect": [{"name": "born", "calls": {"max": 1}}]});
    assert_eq!(clone(&mut client, "mine", &born).status, 201);
    let shown = |client: &mut Client| {
        let shown = client.get("/__admin/scenario?project=mine").json();
        (shown["scenarios"][0]["name"].as_str().unwrap().to_owned(), shown["scenarios"][0]["document"].clone())
    };
    assert_eq!(shown(&mut client), ("POST /__admin/projects (mine)".to_owned(), born.clone()));
    assert_eq!(statuses(&mut client, "mine", "0001", 2), [200, 503]);
    assert_eq!(failed(&mut client, &json!({"project": "mine"})).len(), 1);
    let other = json!({"rules": [outage("3", 405)], "expect": [{"name": "put", "calls": {"min": 1, "max": 1}}]});
    let taken = put(&mut client, "mine", &other);
    assert_eq!((taken.status, taken.json()), (200, json!({"rules": 1, "expectations": 1, "ended_overrides": []})));
    assert_eq!(shown(&mut client), ("PUT /__admin/scenario?project=mine".to_owned(), other.clone()));
    assert_eq!(failed(&mut client, &json!({"project": "mine"})).len(), 1, "no calls since");
    assert_eq!(statuses(&mut client, "mine", "0001", 1), [405], "call numbers go on");
    assert!(failed(&mut client, &json!({"project": "mine"})).is_empty());
    assert!(failed(&mut client, &json!({})).is_empty());
    assert_eq!(delete(&mut client, "mine"), 204);
    assert_eq!(shown(&mut client).1, born);
    assert!(failed(&mut client, &json!({"project": "mine"})).is_empty(), "it is judged anew");
    // A reset of the clone, or of everything, keeps the scenario that it was made with.
    for reset in [json!({"project": "mine"}), json!({})] {
        assert_eq!(put(&mut client, "mine", &other).status, 200);
        assert_eq!(client.post("reset", &reset).status, 200);
        assert_eq!(shown(&mut client).1, born);
        assert_eq!(statuses(&mut client, "mine", "0001", 2), [200, 503]);
    }
    // The server's own scenario changes independently.
    assert_eq!(
        client.request("PUT", "/__admin/scenario", &[], &json!({"rules": [outage("3-", 500)]}).to_string()).status,
        200
    );
    assert_eq!(statuses(&mut client, "mine", "0001", 1), [200]);
}

#[test]
fn clone_without_a_scenario_gets_one_and_loses_it_again() {
    let mock = MockServer::builder()
        .scenario_json(json!({"rules": [outage("3-", 500)]}).to_string())
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    let other = json!({"rules": [outage("3", 405)]});
    assert_eq!(client.post("projects", &json!({"from": PROJECT, "id": "late"})).status, 201);
    assert_eq!(put(&mut client, "late", &other).status, 200);
    assert_eq!(statuses(&mut client, "late", "0001", 3), [200, 200, 405]);
    assert_eq!(delete(&mut client, "late"), 204);
    assert_eq!(statuses(&mut client, "late", "0001", 1), [500]);
}

#[test]
fn scenario_of_a_project_or_an_unknown_clone_is_refused() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let other = json!({"rules": [outage("3", 405)]});
    assert_eq!([put(&mut client, PROJECT, &other).status, delete(&mut client, PROJECT)], [409, 409]);
    assert_eq!([put(&mut client, "nowhere", &other).status, delete(&mut client, "nowhere")], [404, 404]);
    assert_eq!(client.get("/__admin/scenario?project=nowhere").status, 404);
}

#[test]
fn clone_scenario_errors_are_located_in_the_body() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    mock.override_json(r#"{"name": "taken", "when": {"calls": "9"}, "status": 503}"#).unwrap();
    let mut errors = |scenario: &str| {
        let body = format!("{{\"from\": \"{PROJECT}\", \"id\": \"mine\",\n  \"scenario\": {scenario}}}");
        let answer = client.request("POST", "/__admin/projects", &[], &body);
        assert_eq!(answer.status, 422, "{answer:?}");
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(error, "place"), text(error, "message"))).collect::<Vec<_>>()
    };
    let found = errors(
        "{\n\"rules\": [{\"name\": \"é\", \"status\": 418}, {\"name\": \"b\", \"when\": {\"user\": \"x\"}, \"status\": 503}]}",
    );
    let places: Vec<_> = found.iter().map(|(place, _)| place.as_str()).collect();
    let at = "POST /__admin/projects (mine)";
    assert_eq!(places, [format!("{at}:3:35"), format!("{at}:3:72")]);
    let said = |found: Vec<(String, String)>| found[0].1.clone();
    assert!(said(errors(r#"{"rules": [], "down": [{"time_ms": [0, 5]}]}"#)).contains("shares the server's address"));
    assert!(
        said(errors(r#"{"rules": [{"name": "a", "when": {"operation": "KeystoneListProjects"}, "status": 503}]}"#))
            .contains("do not belong to a project")
    );
    assert!(
        said(errors(r#"{"expect": [{"name": "a", "when": {"operation": "ListUsers"}, "calls": {"max": 1}}]}"#))
            .contains("counted by account")
    );
    assert!(
        said(errors(r#"{"rules": [{"name": "taken", "status": 503}]}"#))
            .contains("rule name `taken` is already used by override 1")
    );
    assert!(said(errors(r#"{"rules": [{"name": "magic 503", "status": 503}]}"#)).contains("two rules are named"));
    assert!(said(errors(r#"{"seed": 5, "rules": []}"#)).contains("differs from that of the server"));
    assert!(said(errors("[]")).contains("wrong type"));
    assert_eq!(client.get("/__admin/projects").json()["projects"].as_array().unwrap().len(), 1, "none was made");
    // Nor may an override have the name of a clone's rule.
    assert_eq!(clone(&mut client, "mine", &json!({"rules": [outage("1", 503)]})).status, 201);
    assert_eq!(client.post("overrides", &json!({"name": "outage", "status": 503})).status, 409);
    let wrong = mock.clone_project_with(PROJECT, CloneOptions::new().scenario_json("{")).unwrap_err();
    assert!(wrong.problems()[0].file.starts_with("POST /__admin/projects"), "{wrong:?}");
}

#[test]
fn deleted_clones_expectations_are_judged() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (id, max) in [("good", 2), ("bad", 1)] {
        let expect = json!({"name": id, "when": {"user": user("0001")}, "calls": {"min": 1, "max": max}});
        assert_eq!(clone(&mut client, id, &json!({ "expect": [expect] })).status, 201);
        assert_eq!(statuses(&mut client, id, "0001", 2), [200, 200]);
        assert!(mock.remove_clone(id));
    }
    let asked = client.post("verify", &json!({"project": "bad"}));
    let detail = asked.json()["detail"].take();
    assert_eq!(
        (asked.status, detail.as_str().unwrap()),
        (404, "Clone \"bad\" was deleted. A verdict without `project` still includes it.")
    );
    assert_eq!(failed(&mut client, &json!({})), [("bad".to_owned(), "POST /__admin/projects (bad):1:77".to_owned())]);
    assert!(!mock.verify().passed);
    mock.reset();
    assert!(mock.verify().passed);
}

#[test]
fn one_request_judges_a_clone_and_deletes_it() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    // Entries before the clone, and clones beside it, are not part of its verdict.
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    for id in ["mine", "other"] {
        assert_eq!(clone(&mut client, id, &json!({"expect": [ends_with_200("own")]})).status, 201);
        assert_eq!(statuses(&mut client, id, "0001", 1), [200]);
    }
    let beside = |name: &str, min: u64| json!([{"name": name, "when": {"user": user("0001")}, "calls": {"min": min}}]);
    for (wrong, status, said) in [
        (json!({"delete": true}), 422, "`delete` without `project`"),
        (json!({"project": PROJECT, "delete": true}), 409, "only clones can be deleted"),
        (json!({"project": "nowhere", "delete": true}), 404, "Unknown project"),
        (
            json!({"project": "mine", "also_expect": beside("own", 1), "delete": true}),
            422,
            "two expectations are named",
        ),
        (json!({"project": "mine", "also_expect": [{"name": "x"}], "delete": true}), 422, "expected"),
    ] {
        let refused = client.post("verify", &wrong);
        assert_eq!(refused.status, status, "{wrong}: {refused:?}");
        assert!(refused.body.contains(said), "{wrong}: {refused:?}");
    }
    let ends = json!({"project": "mine", "also_expect": beside("beside", 2), "delete": true});
    let verdict = client.post("verify", &ends).json();
    assert_eq!((&verdict["passed"], &verdict["expectations"][0]["passed"]), (&json!(false), &json!(true)));
    let report = verdict["report"].as_str().unwrap();
    assert!(report.starts_with("failed: beside (body:1:") && report.ends_with("1 of 2 expectations held"), "{report}");
    assert!(report.contains("but:      api-test (…0001) called once: one too few"), "{report}");
    assert_eq!(client.post("verify", &ends).status, 404, "it is deleted");
    assert_eq!(client.get("/__admin/requests?project=mine").json()["requests"].as_array().unwrap().len(), 1);
    // Without the new fields nothing is deleted, and one that holds needs no report.
    let verdict = client.post("verify", &json!({"project": "other", "also_expect": beside("beside", 1)})).json();
    assert_eq!((&verdict["passed"], &verdict["report"]), (&json!(true), &Value::Null));
    assert_eq!(verdict["expectations"].as_array().unwrap().len(), 2);
    assert_eq!(client.post("verify", &json!({"project": "other", "delete": true})).status, 200);
    assert_eq!(client.request("DELETE", "/__admin/projects/other", &[], "").status, 404);
}

#[test]
fn verdict_waits_for_calls_in_flight_to_end() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let once = json!({"expect": [{"name": "own", "when": {"user": user("0001")}, "statuses": [200]}]});
    for id in ["mine", "other"] {
        assert_eq!(clone(&mut client, id, &once).status, 201);
    }
    let path = |id: &str| format!("/v2/{id}/users/{}/random-password", user("0001"));
    let [mut call, mut held] = ["mine", "other"].map(|id| Client::connect(mock.url()).begin_reset(&path(id)));
    let ends = json!({"project": "mine", "delete": true});
    assert_eq!(client.post("verify", &json!({"project": "mine"})).json()["passed"], false, "it is in flight");
    let refused = client.post("verify?settle_ms=60001", &ends);
    assert!(refused.status == 400 && refused.body.contains("settle_ms is 60001; expected 0 to 60000"), "{refused:?}");
    let body = ends.to_string();
    client.send(format!(
        "POST /__admin/verify?settle_ms=60000 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    call.send("{}");
    assert_eq!(call.answer(false).status, 200);
    let verdict = client.answer(false).json();
    assert_eq!(verdict["passed"], true, "a call in another clone holds up nothing: {verdict}");
    held.send("{}");
    assert_eq!(held.answer(false).status, 200);
}

#[test]
fn refusal_explains_only_expectations_of_its_clone() {
    let files = json!({"expect": [{"name": "files", "calls": {"min": 1}}]}).to_string();
    let mock = MockServer::builder().scenario_json(files).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for id in ["b", "a"] {
        let expect = json!({"name": id, "calls": {"min": 1}});
        assert_eq!(clone(&mut client, id, &json!({ "expect": [expect] })).status, 201);
    }
    assert_eq!(client.get("/v2/a/users/unheard-of/random-password").status, 404);
    let nearest = |mock: &MockServer| {
        let judged = mock.verify().expectations.into_iter();
        judged.map(|one| (one.name, one.nearest.unwrap_or_default())).collect::<Vec<_>>()
    };
    let row = |name: &str, nearest: &str| (name.to_owned(), nearest.to_owned());
    let refused = "no calls; 1 request was refused: 404, unknown user unheard-of in project a";
    assert_eq!(nearest(&mock), [row("files", "no calls"), row("a", refused), row("b", "no calls")]);
    assert_eq!(client.get("/v2/nowhere/users/unheard-of/random-password").status, 404);
    let refused = "no calls; 1 request was refused: 404, unknown project nowhere";
    assert_eq!(nearest(&mock)[0], row("files", refused));
    // Refusals before a scenario explain nothing in it, and are still reported.
    let put = json!({"expect": [{"name": "put", "calls": {"min": 1}}]}).to_string();
    assert_eq!(client.request("PUT", "/__admin/scenario", &[], &put).status, 200);
    assert_eq!(nearest(&mock)[0], row("put", "no calls"));
    assert_eq!(mock.verify().rejected.count, 2);
    assert_eq!(client.get("/v2/nowhere/users/unheard-of/random-password").status, 404);
    assert_eq!(nearest(&mock)[0], row("put", refused));
}

#[test]
fn clone_scenarios_are_bounded_and_deletion_frees_room() {
    let mut limits = Limits::default();
    limits.clone_rules_max = 4;
    let mock = MockServer::builder().verify_on_drop(false).limits(limits).start_blocking().unwrap();
    let own = |rules: usize, expect: bool| {
        let rules: Vec<_> = (0..rules)
            .map(|at| json!({"name": at.to_string(), "when": {"calls": (9 + at).to_string()}, "status": 503}))
            .collect();
        let expect: Vec<_> = expect.then(|| json!({"name": "own", "calls": {"max": 2}})).into_iter().collect();
        json!({"rules": rules, "expect": expect}).to_string()
    };
    let make = |id: &str, rules, expect| {
        let options = CloneOptions::new().id(id).scenario_json(own(rules, expect));
        mock.clone_project_with(PROJECT, options).map(ProjectClone::keep)
    };
    make("a", 1, true).unwrap();
    make("b", 2, false).unwrap();
    let full = make("c", 1, false).unwrap_err();
    assert!(
        full.to_string().contains("16777216 bytes (clone_scenarios_bytes_max) or 4 rules and expectations"),
        "{full}"
    );
    let mut client = Client::connect(mock.url());
    let put = client.request("PUT", "/__admin/scenario?project=b", &[], &own(3, false));
    assert_eq!(put.status, 409, "{put:?}");
    assert!(mock.remove_clone("b"));
    make("c", 2, false).unwrap();
    assert!(mock.verify().passed, "the one that is forgotten expected nothing");
    assert!(mock.remove_clone("a"));
    make("d", 2, false).unwrap();
    let verdict = mock.verify();
    let nearest = verdict.expectations[0].nearest.clone().unwrap();
    assert!(!verdict.passed && nearest.starts_with("the expectations of 1 deleted clone are forgotten"), "{nearest}");
    mock.reset();
    assert!(mock.verify().passed);
    let text = json!({"rules": [outage("1", 503)]}).to_string();
    let mut limits = Limits::default();
    limits.clone_scenarios_bytes_max = text.len();
    let mock = MockServer::builder().verify_on_drop(false).limits(limits).start_blocking().unwrap();
    let make = || mock.clone_project_with(PROJECT, CloneOptions::new().scenario_json(&text));
    make().unwrap().keep();
    assert!(matches!(make(), Err(CloneError::TooLarge(_))));
}

#[test]
fn reload_keeps_clone_scenario_while_its_users_exist() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    let write = |ids: &[&str]| {
        let users: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let beside = folder.path().join("new");
        std::fs::write(&beside, json!({"projects": [{"id": "p", "users": users}]}).to_string()).unwrap();
        std::fs::rename(beside, &file).unwrap();
    };
    write(&["a", "b"]);
    let served = Served::start(&["--users", file.to_str().unwrap(), "--log-level", "off"]);
    let mut client = served.client();
    let mut reloads = 0;
    let mut hang_up = |client: &mut Client| {
        served.signal("HUP");
        reloads += 1;
        loop {
            let health = client.get("/__admin/health").json();
            if health["reloads"].as_u64() == Some(reloads) {
                return health;
            }
        }
    };
    let scenario =
        json!({"rules": [{"name": "b", "when": {"user": "b"}, "status": 503}], "expect": [ends_with_200("own")]});
    for id in ["stays", "ended"] {
        assert_eq!(client.post("projects", &json!({"from": "p", "id": id, "scenario": scenario})).status, 201);
    }
    let status =
        |client: &mut Client, user: &str| client.get(&format!("/v2/stays/users/{user}/random-password")).status;
    assert_eq!([status(&mut client, "a"), status(&mut client, "b")], [200, 503]);
    assert_eq!(client.request("DELETE", "/__admin/projects/ended", &[], "").status, 204);
    write(&["b", "x", "a"]);
    assert_eq!(hang_up(&mut client)["problems"], json!([]));
    assert_eq!([status(&mut client, "a"), status(&mut client, "b"), status(&mut client, "x")], [200, 503, 200]);
    assert_eq!(failed(&mut client, &json!({"project": "stays"})).len(), 1);
    write(&["a"]);
    let health = hang_up(&mut client);
    let told = health["problems"][0]["message"].as_str().unwrap().to_owned();
    assert!(told.contains("its scenario does not fit the reloaded users: POST /__admin/projects (stays):"), "{told}");
    assert_eq!(status(&mut client, "a"), 404);
    let nearest = client.post("verify", &json!({})).json()["expectations"][0]["nearest"].clone();
    assert!(nearest.as_str().unwrap().contains("2 deleted clones"), "{nearest}");
}
