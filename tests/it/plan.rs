//! `wksmock plan`, and the rates in `check`: the outcomes of a scenario, without a server.

use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::{PROJECT, reset_path, user};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

const USERS: &str = r#"{
  "projects": [
    { "id": "p", "users": [{ "id": "zoë" }, { "id": "adam", "active_type": "USER_ACTIVATE" }] },
    { "id": "q", "users": [{ "id": "adam" }] }
  ]
}"#;
const SCENARIO: &str = r#"{
  "rules": [
    { "name": "outage", "when": { "calls": "1" }, "status": 503 },
    { "name": "lost", "when": { "user": "zoë", "calls": "2" }, "status": 500, "phase": "after" },
    { "name": "gone", "when": { "calls": "3" }, "fault": "reset", "phase": "after" },
    { "name": "canary", "when": { "header": { "x-canary": "1" }, "calls": "3" }, "status": 403 },
    { "name": "later", "when": { "query": { "x": "1" }, "calls": "4-" }, "status": 403 },
    { "name": "maintenance", "when": { "time_ms": [5000, 6000], "calls": "2-" }, "status": 503 },
    { "name": "slow", "when": { "project": "p" }, "delay": { "uniform_ms": [20, 80] } },
    { "name": "torn", "when": { "calls": "2" }, "fault": "truncated_body" }
  ],
  "down": [{ "time_ms": [9000, 10000] }]
}"#;

/// Makes a folder with both files.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("users.json"), USERS).unwrap();
    fs::write(folder.path().join("flaky.json"), SCENARIO).unwrap();
    folder
}

fn plan(folder: &TempDir, flags: &[&str]) -> String {
    let flags = [&["plan", "--users", "users.json", "--scenario", "flaky.json"], flags].concat();
    let planned = || {
        let output = wksmock(&flags).current_dir(folder.path()).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
        stdout(&output)
    };
    let first = planned();
    assert_eq!(first, planned(), "two plans of one input differ");
    first
}

#[test]
fn plan_shows_each_outcome_and_its_rules() {
    insta::assert_snapshot!(plan(&folder(), &["--calls", "1-3"]));
}

#[test]
fn plan_uses_time_notification_and_flags() {
    let flags = ["--at-ms", "5000", "--notification-type", "phone,email", "--fault", "zoë=hang:2", "--seed", "7"];
    insta::assert_snapshot!(plan(
        &folder(),
        &[&flags[..], &["--calls", "2", "--user", "adam", "--user", "zoë"]].concat()
    ));
    let down = plan(&folder(), &["--at-ms", "9500", "--user", "zoë", "--calls", "9"]);
    assert!(down.contains("\ndown until 10000 ms: at that time clients cannot connect"), "{down}");
    assert!(down.contains("depend on the request: later (flaky.json:7:5)\n"), "{down}");
    assert!(!plan(&folder(), &["--at-ms", "10000"]).contains("\ndown"));
}

#[test]
fn json_plan_has_the_journals_outcomes() {
    insta::assert_snapshot!(plan(&folder(), &["--calls", "2-3", "--user", "zoë", "--format", "json"]));
}

#[test]
fn server_matches_plan_and_explanation() {
    let folder = folder();
    let planned: Value = serde_json::from_str(&plan(&folder, &["--user", "zoë", "--format", "json"])).unwrap();
    let planned: Vec<_> = planned["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect();
    let flags = ["serve", "--port", "0", "--users", "users.json", "--scenario", "flaky.json", "--clock", "manual"];
    fs::write(folder.path().join("flaky.json"), SCENARIO.replace("9000, 10000", "9000, 9001")).unwrap();
    let flags = [&flags[..], &["--instant-delays", "--admin-listen", "127.0.0.1:0", "--log", "json"]].concat();
    let log = folder.path().join("log");
    let served = Served::spawn_with_stderr(wksmock(&flags).current_dir(folder.path()), fs::File::create(&log).unwrap());
    let mut admin = crate::client::Client::connect(&crate::binary::admin_url(&log));
    let path = "/v2/p/users/zo%C3%AB/random-password";
    let explained = admin.get("/__admin/explain?project=p&user=zo%C3%AB&next=5").json();
    let explained: Vec<_> = explained["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect();
    assert_eq!(explained, planned);
    for _ in 0..5 {
        let mut client = served.client();
        client.send(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        ));
        client.rest();
    }
    let journal = admin.get("/__admin/requests").json();
    let decided: Vec<_> =
        journal["requests"].as_array().unwrap().iter().map(|entry| entry["decision"].clone()).collect();
    assert_eq!(decided, planned);
}

#[test]
fn unplannable_input_is_an_error_with_a_remedy() {
    let said = |flags: &[&str]| {
        let output = run(&[&["plan"], flags].concat());
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{flags:?}");
        stderr(&output)
    };
    assert_eq!(
        said(&["--user", &user("000l")]),
        format!(
            "error: --user {}: unknown user; did you mean `{}` or `{}`?\n",
            user("000l"),
            user("0001"),
            user("0002")
        )
    );
    assert!(said(&["--user", "x"]).contains("name the users file that has it with --users"));
    assert!(said(&["--calls", "0"]).contains("expected two call numbers from 1, as in 1-5"));
    assert!(said(&["--calls", "5-"]).contains("expected two call numbers"));
    assert!(said(&["--notification-type", "sms"]).contains("expected email, phone or email,phone"));
    assert!(said(&["--format", "yaml"]).contains("[possible values: table, json]"));
    assert!(said(&["--at-ms", "1s"]).contains("invalid value '1s' for '--at-ms <T>'"));
    assert!(said(&["--fault", "x=503"]).contains("unknown user `x`"));
    let population = ["--users", "fixtures/population.json"];
    assert_eq!(
        said(&population),
        "error: a plan of 500000 calls (users: 100000, calls of each: 5); expected at most 10000: name users with \
         --user, or fewer calls with --calls\n"
    );
    let one = [&population[..], &["--user", "load000001", "--calls"]].concat();
    assert!(said(&[&one[..], &["1-10001"]].concat()).starts_with("error: a plan of 10001 calls"));
    let whole = run(&[&["plan"], &one[..], &["1-10000"]].concat());
    assert_eq!(stdout(&whole).lines().count(), 3 + 10_000);
    assert!(said(&[&one[..], &["1-4611686018427387903"]].concat()).contains("expected at most 10000"));
}

#[test]
fn every_plan_flag_has_a_variable() {
    let flags = ["--calls", "2-3", "--at-ms", "5", "--notification-type", "email", "--format", "json"];
    let user = user("0002");
    let by_flags = run(&[&["plan", "--user", &user], &flags[..]].concat());
    let variables = [
        ("WKSMOCK_PLAN_USER", user.as_str()),
        ("WKSMOCK_CALLS", "2-3"),
        ("WKSMOCK_AT_MS", "5"),
        ("WKSMOCK_NOTIFICATION_TYPE", "email"),
        ("WKSMOCK_FORMAT", "json"),
    ];
    let by_variables = wksmock(&["plan"]).envs(variables).output().unwrap();
    assert_eq!(stdout(&by_flags), stdout(&by_variables));
    assert!(stdout(&by_flags).contains("\"notification_type\": [\n    \"email\"\n  ]"));
    // The variables with which `env` points a program at the server change no plan.
    let pointed = wksmock(&["plan"]).env("WKSMOCK_USER", &user).env("WKSMOCK_ACCOUNT", "developer").output().unwrap();
    assert_eq!(stdout(&pointed), stdout(&run(&["plan"])));
}

#[test]
fn plan_knows_only_the_notification_of_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let rules = r#"{"rules": [
        {"name": "no mail", "when": {"query": {"notification_type": "email"}}, "status": 503},
        {"name": "traced", "when": {"query": {"notification_type": "phone"}, "header": {"x": "1"}}, "status": 500},
        {"name": "worn out", "when": {"token_calls": "2-"}, "status": 401}]}"#;
    fs::write(folder.path().join("flaky.json"), rules).unwrap();
    let status = |types: &str| {
        let user = user("0001");
        let flags = ["--user", &user, "--calls", "1", "--notification-type", types, "--format", "json"];
        let flags = [&["plan", "--scenario", "flaky.json"], &flags[..]].concat();
        let output = wksmock(&flags).current_dir(folder.path()).output().unwrap();
        let plan: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let left_out = plan["not_asked"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned());
        (plan["calls"][0]["outcome"]["status"].as_u64().unwrap(), left_out.collect::<Vec<_>>())
    };
    assert_eq!(status("email"), (503, vec!["worn out".to_owned()]));
    assert_eq!(status("phone"), (200, vec!["traced".to_owned(), "worn out".to_owned()]));
    assert_eq!(status("email,phone"), (200, vec!["worn out".to_owned()]));
}

const RATES: &str = r#"{ "rules": [
  { "name": "a", "when": { "chance": 0.7 }, "status": 500 },
  { "name": "b", "when": { "chance": 0.5 }, "status": 503 },
  { "name": "c", "when": { "chance": 0.5, "calls": "1-9" }, "fault": "reset" },
  { "name": "d", "when": { "chance": 0.25 }, "status": 403, "delay": { "fixed_ms": 1 } },
  { "name": "e", "when": { "chance": 0.00001, "calls": "5-" }, "fault": "hang" }
] }"#;

#[test]
fn check_reports_the_rate_of_a_chance_behind_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rates.json"), RATES).unwrap();
    let flags = ["check", "rates.json", "--fault", "*=404:10%", "--fault", "*=hang:1%:*/2"];
    let output = wksmock(&flags).current_dir(folder.path()).output().unwrap();
    insta::assert_snapshot!(stdout(&output) + &stderr(&output));
}

#[test]
fn reported_rate_matches_real_calls() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rates.json"), RATES).unwrap();
    let file = folder.path().join("rates.json");
    let file = file.to_str().unwrap();
    let said = stdout(&run(&["check", file]));
    assert!(said.contains(" to 15 % of its calls: 50 % of those not taken by `a` ("), "{said}");
    let user = user("0001");
    let flags = ["plan", "--scenario", file, "--user", &user, "--calls", "1-10000", "--format", "json"];
    let planned: Value = serde_json::from_slice(&run(&flags).stdout).unwrap();
    let calls = planned["calls"].as_array().unwrap();
    let struck = calls.iter().filter(|call| call["outcome"]["causes"]["status"]["rule"] == "b").count();
    // The standard deviation is 36.
    assert!((1_390..=1_610).contains(&struck), "{struck} of {}", calls.len());
}

#[test]
fn rates_past_the_limit_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |at| format!(r#"{{"name": "r{at}", "when": {{"chance": 0.5, "calls": "{at}"}}, "status": 500}}"#);
    let rules: Vec<_> = (1..=53).map(rule).collect();
    fs::write(folder.path().join("many.json"), format!(r#"{{"rules": [{}]}}"#, rules.join(","))).unwrap();
    let output = wksmock(&["check", "many.json"]).current_dir(folder.path()).output().unwrap();
    let said = stdout(&output);
    assert_eq!(said.matches("of 50 % of its calls\n").count(), 50, "{said}");
    assert!(said.contains("\n… and 3 more rules with a chance\nok:"), "{said}");
}

#[test]
fn status_hidden_by_a_fault_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let rules = r#"{"rules": [
        {"name": "down", "when": {"calls": "1-3"}, "fault": "reset"},
        {"name": "unheard", "when": {"calls": "2"}, "status": 500},
        {"name": "heard", "when": {"calls": "3-4"}, "status": 503},
        {"name": "torn", "when": {"calls": "5"}, "fault": "wrong_length"},
        {"name": "half", "when": {"calls": "5"}, "status": 503}]}"#;
    fs::write(folder.path().join("f.json"), rules).unwrap();
    let check = |flags: &[&str]| {
        let output = wksmock(&[&["check", "f.json"], flags].concat()).current_dir(folder.path()).output().unwrap();
        let said = stdout(&output);
        said.lines().filter(|line| line.starts_with("warning")).map(str::to_owned).collect::<Vec<_>>()
    };
    let unheard =
        "warning: the status of `unheard` (f.json:3:9) never applies: `down` (f.json:2:9) takes all its calls";
    assert_eq!(check(&[]), [unheard]);
    assert_eq!(check(&["--fault", "*=hang"]).len(), 5, "{:?}", check(&["--fault", "*=hang"]));
}

#[test]
fn embedded_users_plan_matches_their_first_calls() {
    let planned = stdout(&run(&["plan", "--calls", "1", "--format", "json"]));
    let planned: Value = serde_json::from_str(&planned).unwrap();
    let served = Served::start(&["--log-level", "off"]);
    let calls = planned["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 9);
    for call in calls {
        assert_eq!(call["project"], PROJECT);
        let answer = served.client().get(&reset_path(call["user"].as_str().unwrap()));
        assert_eq!(u64::from(answer.status), call["outcome"]["status"].as_u64().unwrap());
    }
}
