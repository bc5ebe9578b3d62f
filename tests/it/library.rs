//! `wksmock::MockServer` from the tests of another program.

use crate::client::Client;
use crate::{PROJECT, raw_reset, reset_path, user};
use serde_json::{Value, json};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use wksmock::{
    CloneOptions, Delay, EntryState, Expect, Fault, MockServer, OverrideError, Phase, Problem, Rule, Scenario,
    StartError, Then, USER, Verdict,
};

#[test]
fn mocks_are_independent() {
    let mocks: Vec<_> = (0..5).map(|seed| MockServer::builder().seed(seed).start_blocking().unwrap()).collect();
    let mut passwords: Vec<_> =
        mocks.iter().map(|mock| Client::connect(mock.url()).get(&reset_path(&user("0001"))).password()).collect();
    passwords.sort_unstable();
    passwords.dedup();
    assert_eq!(passwords.len(), 5);
    assert!(mocks.iter().all(|mock| mock.requests().len() == 1));
}

#[test]
fn drop_ends_the_server_during_a_request() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let url = mock.url().to_owned();
    let mut idle = Client::connect(&url);
    assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
    let mut unfinished = Client::connect(&url);
    unfinished.send("GET /v2/");
    drop(mock);
    assert!(idle.is_closed() && unfinished.is_closed());
    assert!(std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
}

#[test]
fn builder_combines_files_texts_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.json");
    std::fs::write(&file, r#"{"seed": 9, "projects": [{"id": "p", "users": [{"id": "a"}]}]}"#).unwrap();
    let mock = MockServer::builder()
        .users(&file)
        .users_json(r#"{"projects": [{"id": "q", "generate": {"count": 3, "id_prefix": "load"}}]}"#)
        .scenario_json(r#"{"rules": [{"name": "r", "when": {"project": "q"}, "status": 500}]}"#)
        .fault("load000002=503:1")
        .password_length(16)
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get("/v2/p/users/a/random-password").password().len(), 16);
    assert_eq!(client.get("/v2/q/users/load000001/random-password").status, 500);
    assert_eq!(client.get("/v2/q/users/load000002/random-password").status, 503);
    assert_eq!(client.get("/v2/q/users/load000002/random-password").status, 500);
    assert_eq!(client.get("/v2/q/users/load000003/random-password").status, 404);
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 404, "the embedded users are not there");
}

#[test]
fn invalid_setup_reports_all_errors_and_starts_no_server() {
    let started = MockServer::builder().users("nowhere.json").scenario_json("{").fault("x=418").start_blocking();
    let Err(StartError::Setup(said)) = started else {
        panic!("{started:?}");
    };
    for part in ["nowhere.json", "scenario_json #1:1:1", "status 418"] {
        assert!(said.to_string().contains(part), "{part}: {said}");
    }
    let place = |problem: &Problem| (problem.file.clone(), problem.line.zip(problem.column));
    let places: Vec<_> = said.problems().iter().map(place).collect();
    let at = |file: &str, place| (file.to_owned(), place);
    assert_eq!(places, [at("nowhere.json", None), at("scenario_json #1", Some((1, 1))), at("--fault", Some((1, 3)))]);
    assert!(said.problems()[2].message.contains("does not document status 418"), "{said:?}");
    // An `unwrap` draws the problems too.
    assert!(format!("{said:?}").contains("scenario_json #1:1:1"), "{said:?}");
}

#[test]
fn requests_show_request_and_response() {
    let mock = MockServer::builder().start_blocking().unwrap();
    mock.override_status(&user("0001"), 503).unwrap();
    Client::connect(mock.url()).get(&format!("{}?notification_type=phone", reset_path(&user("0001"))));
    let requests = mock.requests();
    let [entry] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!((entry.state, entry.call, entry.index), (EntryState::Answered, Some(1), 1));
    assert_eq!((entry.project.as_deref(), entry.user.as_deref()), (Some(PROJECT), Some(user("0001").as_str())));
    assert_eq!(entry.operation.as_deref(), Some("ResetRandomPassword"));
    let decision = entry.decision.as_ref().unwrap();
    assert_eq!((decision.status, decision.password.as_ref()), (503, None));
    assert_eq!(decision.error.as_ref().unwrap().code, "WKS.00050902");
    assert_eq!(entry.answer.unwrap().status, 503);
    mock.reset();
    assert!(mock.requests().is_empty());
}

#[test]
fn invalid_override_is_an_error() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let Err(OverrideError::Invalid(said)) = mock.override_status("8a2c3f9579d240820179d51e6caf001", 503) else {
        panic!("taken");
    };
    assert!(said.problems()[0].hint.as_ref().unwrap().contains("did you mean"), "{said}");
    assert!(matches!(mock.override_status(&user("0001"), 418), Err(OverrideError::Invalid(_))));
    assert!(matches!(mock.override_json(r#"{"name": "magic 500", "status": 500}"#), Err(OverrideError::NameTaken(_))));
}

#[test]
fn no_current_password_before_a_success() {
    let mock = MockServer::builder().fault(format!("{}=500:1", user("0001"))).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&user("0001")));
    assert_eq!(mock.current_password(PROJECT, &user("0001")), None);
    let password = client.get(&reset_path(&user("0001"))).password();
    assert_eq!(mock.current_password(PROJECT, &user("0001")), Some(password));
    assert_eq!((mock.password(PROJECT, "x", 1), mock.current_password("x", "y")), (None, None));
}

/// The message of a panic.
fn panic_of(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).expect_err("no panic");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

fn reset(mock: &MockServer, project: &str) -> u16 {
    let path = reset_path(USER).replace(PROJECT, project);
    Client::connect(mock.url()).get(&path).status
}

#[test]
fn typed_rule_is_the_rule_of_a_file() {
    let ms = Duration::from_millis;
    let rows = [
        (
            Rule::for_user("0001").calls(1..=2).status(503).header("Retry-After", "1"),
            json!({ "when": { "user": "0001", "calls": "1-2" }, "status": 503, "headers": { "Retry-After": "1" } }),
        ),
        (
            Rule::for_users(["a", "b"]).named("n").projects(["p"]).every(3).fault(Fault::Reset).phase(Phase::After),
            json!({
                "name": "n", "when": { "user": ["a", "b"], "project": ["p"], "calls": "*/3" }, "fault": "reset",
                "phase": "after",
            }),
        ),
        (
            Rule::for_all().project("p").account("acme/ci").chance(0.1).during(ms(5)..ms(9)).delay(ms(80)),
            json!({
                "when": { "project": "p", "account": "acme/ci", "chance": 0.1, "time_ms": [5, 9] },
                "delay": { "fixed_ms": 80 },
            }),
        ),
        (
            Rule::for_all().when_header("X-A", "1").when_query("q", "2").delay(Delay::uniform(ms(1)..=ms(2))),
            json!({ "when": { "header": { "X-A": "1" }, "query": { "q": "2" } }, "delay": { "uniform_ms": [1, 2] } }),
        ),
        (
            Rule::for_all().sequence([503, 200]).then(Then::Restart).delay(Delay::log_normal(ms(8), 0.6, ms(50))),
            json!({
                "sequence": [503, 200], "then": "restart",
                "delay": { "lognormal": { "median_ms": 8, "sigma": 0.6, "max_ms": 50 } },
            }),
        ),
        (
            Rule::for_all().status(403).error_code("c").error_message("m").error_reason("r"),
            json!({ "status": 403, "error": { "code": "c", "message": "m", "reason": "r" } }),
        ),
        (
            Rule::for_all().operation("ListUsers").status(418).undocumented().body("teapot").next(2),
            json!({
                "when": { "operation": "ListUsers" }, "next": 2, "status": 418, "undocumented": true, "body": "teapot",
            }),
        ),
        (
            Rule::for_all().token_calls(3..).status(401).fault(Fault::Dribble { chunks: 5, over_ms: 9 }),
            json!({ "when": { "token_calls": "3-" }, "status": 401, "fault": { "dribble": { "chunks": 5, "over_ms": 9 } } }),
        ),
    ];
    // Every field that a rule of a file can have, and `next` of an override.
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let schema = |name: &str| document["components"]["schemas"][name]["properties"].as_object().unwrap().clone();
    for (fields, of) in [(schema("OverrideRule"), ""), (schema("When"), "/when"), (schema("Error"), "/error")] {
        for field in fields.keys() {
            let has = |(_, json): &(Rule, Value)| json.pointer(&format!("{of}/{field}")).is_some();
            assert!(rows.iter().any(has), "{of}/{field}");
        }
    }
    for (rule, expected) in rows {
        assert_eq!(serde_json::from_str::<Value>(&rule.to_json()).unwrap(), expected);
    }
}

#[test]
fn typed_rules_and_expectations_decide_as_a_file_does() {
    let rules = Scenario::new()
        .rule(Rule::for_user("0001").calls(1..=2).status(503))
        .rule(Rule::for_user(USER).calls(3).fault(Fault::Reset).phase(Phase::After));
    let typed = MockServer::builder()
        .rule(Rule::for_user("0001").calls(1..=2).status(503))
        .rule(Rule::for_user(USER).calls(3).fault(Fault::Reset).phase(Phase::After))
        .expect(Expect::from_user("0001").calls(4).after_lost(0))
        .start_blocking()
        .unwrap();
    let written = MockServer::builder().scenario_json(rules).start_blocking().unwrap();
    for mock in [&typed, &written] {
        let reset = || {
            let mut client = Client::connect(mock.url());
            client.send(raw_reset(""));
            client.next(false).map(|answer| answer.status)
        };
        assert_eq!([reset(), reset(), reset(), reset()], [Some(503), Some(503), None, Some(200)]);
        let causes = mock.requests()[0].decision.clone().unwrap().causes;
        assert_eq!(causes.status.unwrap().rule, "rule 1");
    }
    let verdict = typed.verify();
    let [judged] = &verdict.expectations[..] else { panic!("{verdict}") };
    assert_eq!((judged.name.as_str(), judged.passed, verdict.passed), ("expectation 1", false, false));
    assert!(judged.place.starts_with("rules of the builder:"), "{}", judged.place);
    let report = verdict.to_string();
    for part in
        ["failed: expectation 1 (", "  expected: exactly 4 calls", "seen, one line per user", "0 of 1 expectation"]
    {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn invalid_typed_rule_is_a_located_problem() {
    let started = MockServer::builder()
        .rule(Rule::for_all().status(418))
        .rule(Rule::for_user("nobody").status(503))
        .expect(Expect::from_user("0001"))
        .start_blocking();
    let error = started.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3, "{error}");
    assert!(problems[0].starts_with("rules of the builder:3:"), "{error}");
    assert!(problems[1].contains("unknown user `nobody`"), "{error}");
    assert!(problems[2].contains("an expectation without a condition"), "{error}");
    let mock = MockServer::start_blocking();
    let refused = mock.override_fault("0001=503:0").unwrap_err();
    assert_eq!(refused.problems()[0].file, "--fault");
    let refused = mock.expect(Expect::from_user("nobody").calls(1)).unwrap_err();
    assert_eq!((refused.problems()[0].file.as_str(), refused.problems()[0].line), ("expect", Some(1)));
}

#[test]
fn drop_judges_unjudged_expectations() {
    let expecting = || MockServer::builder().expect(Expect::from_user("0001").calls(2)).start_blocking().unwrap();
    let failed = panic_of(|| {
        let mock = expecting();
        assert_eq!(reset(&mock, PROJECT), 200);
    });
    assert!(failed.contains("but:      api-test (…0001) called once: one too few"), "{failed}");
    // Not once all hold, once they were judged, where the test wants none, and not in place of another panic.
    let mock = expecting();
    assert_eq!([reset(&mock, PROJECT), reset(&mock, PROJECT)], [200, 200]);
    drop(mock);
    let mock = expecting();
    assert!(!mock.verify().passed);
    assert!(panic_of(|| mock.assert_satisfied()).contains("failed: expectation 1"));
    drop(mock);
    drop(MockServer::builder().expect(Expect::from_user("0001").calls(2)).verify_on_drop(false).start_blocking());
    let first = panic_of(|| {
        let mock = expecting();
        panic!("the test of {}", mock.url().len());
    });
    assert!(first.starts_with("the test of"), "{first}");
}

#[test]
fn added_expectation_is_judged_even_after_a_verdict() {
    let mock = MockServer::start_blocking();
    assert!(mock.verify().passed);
    mock.expect(Expect::from_all().calls(..=1)).unwrap();
    mock.expect(Expect::from_user(USER).named("asks for email").sent_notification_type(["email"])).unwrap();
    assert!(mock.expect(Expect::from_all().named("asks for email").calls(1)).is_err(), "the name is taken");
    assert_eq!(reset(&mock, PROJECT), 200);
    let failed = panic_of(|| drop(mock));
    assert!(failed.contains("failed: asks for email") && failed.contains("1 of 2 expectations held"), "{failed}");
}

#[test]
fn parallel_tests_share_a_server_by_clones() {
    let server = MockServer::start_blocking();
    std::thread::scope(|scope| {
        for calls in 1..=4_u64 {
            let server = &server;
            scope.spawn(move || {
                let mock = server.clone_project(PROJECT).unwrap();
                mock.override_rule(Rule::for_user("0001").calls(1..=calls).status(503)).unwrap();
                mock.override_fault(&format!("0001=500:{}", calls + 1)).unwrap();
                mock.expect(Expect::from_user("0001").calls(calls + 2).ends_with(200)).unwrap();
                let statuses: Vec<_> = (0..calls + 2).map(|_| reset(server, mock.project())).collect();
                assert_eq!(statuses[..usize::try_from(calls).unwrap()], vec![503; usize::try_from(calls).unwrap()]);
                assert_eq!(statuses[statuses.len() - 2..], [500, 200]);
                assert_eq!(mock.requests().len(), statuses.len());
                assert_eq!(mock.current_password(USER), mock.password(USER, calls + 2));
                assert!(mock.verify().passed);
            });
        }
    });
    assert!(!server.requests().is_empty());
    assert_eq!(Client::connect(server.url()).get("/__admin/projects").json()["projects"].as_array().unwrap().len(), 1);
}

#[test]
fn clone_is_judged_by_itself_and_removed() {
    let server = MockServer::builder().expect(Expect::from_user("0001").calls(1)).start_blocking().unwrap();
    let denied = Scenario::new()
        .rule(Rule::for_all().named("denied").status(403))
        .expect(Expect::from_all().named("asks once").calls(..=1));
    let clone = |id: &str| CloneOptions::new().id(id).scenario_json(denied.clone());
    let failed = panic_of(|| {
        let mock = server.clone_project_with(PROJECT, clone("mine")).unwrap();
        assert_eq!([reset(&server, mock.project()), reset(&server, mock.project())], [403, 403]);
    });
    assert!(failed.contains("failed: asks once (POST /__admin/projects (mine):"), "{failed}");
    assert_eq!(reset(&server, "mine"), 404);
    // A clone without a scenario is judged by that of the server, and a kept one with the server.
    let failed = panic_of(|| drop(server.clone_project(PROJECT).unwrap()));
    assert!(failed.contains("did not call"), "{failed}");
    let kept = server.clone_project_with(PROJECT, clone("kept")).unwrap().keep();
    assert_eq!([reset(&server, &kept), reset(&server, &kept), reset(&server, PROJECT)], [403, 403, 200]);
    let failed: Vec<_> = failed_names(&server.verify());
    assert_eq!(failed, ["asks once", "asks once"], "both clones' own");
}

fn failed_names(verdict: &Verdict) -> Vec<String> {
    verdict.expectations.iter().filter(|one| !one.passed).map(|one| one.name.clone()).collect()
}

#[test]
fn expectation_of_a_clone_names_a_user_of_its_template() {
    let users = r#"{"projects": [{"id": "p", "users": [{"id": "ada"}]}, {"id": "q", "users": [{"id": "bob"}]}]}"#;
    let server = MockServer::builder().users_json(users).start_blocking().unwrap();
    let mock = server.clone_project("p").unwrap();
    let refused = mock.expect(Expect::from_user("bob").calls(1)).unwrap_err();
    assert_eq!(refused.problems()[0].hint.as_deref(), Some("it is a user of the project `q`"));
    mock.expect(Expect::from_user("ada").calls(0)).unwrap();
    assert!(mock.verify().passed);
}

#[test]
fn outbox_of_a_clone_has_only_its_messages() {
    let server = MockServer::builder().start_blocking().unwrap();
    let mock = server.clone_project(PROJECT).unwrap();
    let mut client = Client::connect(server.url());
    for project in [PROJECT, mock.project(), PROJECT] {
        let path = reset_path(&user("0001")).replace(PROJECT, project);
        assert_eq!(client.get(&format!("{path}?notification_type=email")).status, 200);
    }
    let projects: Vec<_> = mock.outbox().into_iter().map(|message| message.project).collect();
    assert_eq!(projects, [mock.project()]);
    assert_eq!(server.outbox().len(), 3);
}

#[test]
fn verify_within_waits_for_calls() {
    let mock = MockServer::builder().expect(Expect::from_user("0001").calls(2..)).start_blocking().unwrap();
    std::thread::scope(|scope| {
        let judged = scope.spawn(|| mock.verify_within_blocking(Duration::from_mins(1)));
        assert_eq!([reset(&mock, PROJECT), reset(&mock, PROJECT)], [200, 200]);
        judged.join().unwrap().assert_satisfied();
    });
    mock.expect(Expect::from_all().calls(..=1)).unwrap();
    // An expectation that fails for good ends the wait.
    assert!(!mock.verify_within_blocking(Duration::from_hours(1)).passed);
}

/// Polls a future once, as any runtime could.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn async_methods_need_no_runtime() {
    let mock = MockServer::builder().expect(Expect::from_user("0001").calls(1)).start_blocking().unwrap();
    assert!(poll_once(mock.verify_within(Duration::from_hours(1))).is_pending());
    assert_eq!(reset(&mock, PROJECT), 200);
    let Poll::Ready(verdict) = poll_once(mock.verify_within(Duration::from_hours(1))) else { panic!("pending") };
    assert!(verdict.passed);
    // An abandoned start ends its server.
    assert!(poll_once(MockServer::start()).is_pending());
}

#[test]
fn tasks_of_the_same_runtime_go_on_while_a_verdict_is_awaited() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mock = MockServer::builder().expect(Expect::from_user("0001").calls(1)).start().await.unwrap();
        let url = mock.url().to_owned();
        tokio::spawn(async move {
            let client = Client::connect(&url).get(&reset_path(USER)).status;
            assert_eq!(client, 200);
        });
        mock.verify_within(Duration::from_mins(1)).await.assert_satisfied();
    });
}

#[test]
fn server_and_clone_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<MockServer>();
    shared::<wksmock::ProjectClone>();
}
