//! Expectations and coverage, over the admin API and in the library.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use std::time::Duration;
use wksmock::{MockServer, Verdict};

const JSON: &[&str] = &["Content-Type: application/json"];

/// Requests a verdict, on the scenarios' expectations if there is no body.
fn verify(client: &mut Client, query: &str, body: &str) -> Answer {
    client.request("POST", &format!("/__admin/verify{query}"), JSON, body)
}

fn verdict(client: &mut Client, body: &Value) -> Value {
    let answer = verify(client, "", &body.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn coverage(client: &mut Client, query: &str) -> Value {
    client.get(&format!("/__admin/coverage{query}")).json()
}

/// Returns count and users of a status.
fn met(coverage: &Value, status: u16) -> (bool, u64, Vec<String>) {
    let statuses = coverage["operations"][0]["statuses"].as_array().unwrap();
    let one = statuses.iter().find(|one| one["status"] == status).unwrap();
    let users = one["users"].as_array().unwrap().iter().map(|user| user["user"].as_str().unwrap().to_owned());
    (one["met"].as_bool().unwrap(), one["count"].as_u64().unwrap(), users.collect())
}

#[test]
fn scenario_expectations_are_judged() {
    let scenario = json!({
        "rules": [{"name": "two outages", "when": {"calls": "1-2"}, "status": 503}],
        "expect": [
            {"name": "stops after three", "when": {"user": user("0001")}, "calls": {"min": 3, "max": 3},
             "statuses": [503, 503, 200], "gap_ms": {"max": 20_000}, "backoff": "growing"},
            {"name": "is patient", "when": {"user": user("0001")}, "gap_ms": {"min": 20_000}},
        ],
    });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let names = |verdict: &Verdict| verdict.expectations.iter().map(|one| one.passed).collect::<Vec<_>>();
    assert_eq!(names(&mock.verify()), [false, true]);
    for status in [503, 503] {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, status);
    }
    let two = mock.verify();
    let nearest = two.expectations[0].nearest.as_deref().unwrap();
    assert!(nearest.ends_with("called twice: one too few"), "{nearest}");
    assert_eq!(two.expectations[0].misses.len(), 2, "{two:?}");
    client.get(&reset_path(&user("0001")));
    let three = mock.verify();
    let [stops, patient] = three.expectations.as_slice() else { panic!("{three:?}") };
    assert!(!patient.passed && patient.nearest.as_deref().unwrap().contains(" ms too early"), "{patient:?}");
    assert!(stops.place.starts_with("scenario_json #1:1:"), "{}", stops.place);
    let seen: Vec<_> =
        stops.seen.iter().map(|call| (call.call, call.status, call.rule.as_deref(), call.state)).collect();
    let outage = Some("two outages");
    assert_eq!(
        seen,
        [(1, Some(503), outage, "answered"), (2, Some(503), outage, "answered"), (3, Some(200), None, "answered")]
    );
    assert!(stops.seen[0].gap_ms.is_none() && stops.seen[1].gap_ms.is_some());
    let told = verify(&mut client, "", "").json();
    assert_eq!(told["expectations"][0]["expected"][3], "exactly 503, 503, 200, in this order");
    mock.reset();
    assert!(mock.verify().expectations[0].seen.is_empty());
}

#[test]
fn body_expectations_replace_the_scenarios() {
    let users = r#"{"projects": [{"id": "p", "users": [{"id": "a"}]}, {"id": "q", "users": [{"id": "a"}]}]}"#;
    let mock = MockServer::builder().verify_on_drop(false).users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get("/v2/p/users/a/random-password");
    let expect = json!([{"name": "once", "when": {"user": "a"}, "calls": {"min": 1}}]);
    let all = verdict(&mut client, &json!({"expect": expect}));
    assert_eq!(all["expectations"][0]["nearest"], "q/a did not call: one too few");
    assert_eq!(verdict(&mut client, &json!({"expect": expect, "project": "p"}))["passed"], true);
    assert_eq!(verdict(&mut client, &json!({"expect": expect, "project": "q"}))["passed"], false);
    let of_q = verdict(&mut client, &json!({"project": "q"}));
    assert_eq!((&of_q["passed"], &of_q["expectations"]), (&json!(true), &json!([])));
    // Every expectation is judged, or refused with a reason.
    let of_q = json!([{"name": "much", "when": {"project": "q", "user": "a"}, "calls": {"min": 9}}]);
    let judged = verdict(&mut client, &json!({"expect": of_q, "project": "p"}));
    assert_eq!(judged["passed"], false);
    assert_eq!(judged["expectations"][0]["nearest"], "it applies to no user of this project");
    let of_accounts = json!([{"name": "a", "when": {"operation": "KeystoneListProjects"}, "calls": {"max": 9}}]);
    let judged = verdict(&mut client, &json!({"expect": of_accounts, "project": "p"}));
    assert!(judged["expectations"][0]["nearest"].as_str().unwrap().contains("by account"), "{judged}");

    for (body, status, said) in [
        (r#"{"project": "x"}"#, 404, "Unknown project"),
        (r#"{"expect": [{"name": "n"}]}"#, 422, "body:1:13"),
        (r#"{"expect": [{"name": "n", "when": {"user": "b"}, "calls": {"max": 1}}]}"#, 422, "unknown user"),
        (r#"{"expct": []}"#, 422, "did you mean"),
        ("[]", 422, "an object"),
        ("{", 422, "body:1:1"),
    ] {
        let answer = verify(&mut client, "", body);
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert!(answer.body.contains(said), "{body}: {answer:?}");
    }
    assert_eq!(client.request("POST", "/__admin/verify", &["Content-Type: text/plain"], "{}").status, 415);
    assert_eq!(client.get("/__admin/verify").header("allow"), Some("POST"));
}

#[test]
fn header_and_notification_verdicts_show_no_secrets() {
    let mock = MockServer::builder().verify_on_drop(false).auth(wksmock::Auth::Off).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = format!("{}?notification_type=phone,email", reset_path(&user("0001")));
    client.request("GET", &path, &["X-Auth-Token: MIIsecret", "X-Trace: abc", JSON[0]], "");
    let sent = |sent: &Value| json!({"expect": [{"name": "sent", "when": {"user": user("0001")}, "sent": sent}]});
    for (wanted, passed) in [
        (json!({"header": {"X-Auth-Token": true, "x-trace": "abc", "x-other": false}}), true),
        (json!({"notification_type": ["email", "phone"]}), true),
        (json!({"header": {"x-auth-token": false}}), false),
        (json!({"header": {"x-trace": "abd"}}), false),
        (json!({"notification_type": ["email"]}), false),
    ] {
        let verdict = verdict(&mut client, &sent(&wanted));
        assert_eq!(verdict["passed"], passed, "{wanted}: {verdict}");
        assert!(!verdict.to_string().contains("MIIsecret"));
    }
}

#[test]
fn calls_after_a_lost_success_count_as_too_many() {
    let lost = r#"{"rules": [{"name": "lost", "when": {"calls": "1"}, "status": 500, "phase": "after"}]}"#;
    let mock = MockServer::builder().verify_on_drop(false).scenario_json(lost).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let expect = json!({"expect": [{"name": "asks no more", "after_lost": {"max": 0}}]});
    client.get(&reset_path(&user("0001")));
    assert_eq!(verdict(&mut client, &expect)["passed"], true);
    client.get(&reset_path(&user("0001")));
    let nearest = verdict(&mut client, &expect)["expectations"][0]["nearest"].as_str().unwrap().to_owned();
    assert!(nearest.contains("1 further call after call 1"), "{nearest}");
}

#[test]
fn verdict_on_dropped_entries_fails_with_the_reason() {
    let mut limits = wksmock::Limits::default();
    limits.journal_entries_max = 2;
    let expect = r#"{"expect": [{"name": "counted", "calls": {"min": 3, "max": 3}}, {"name": "each", "statuses": [200, 200, 200]},
            {"name": "last", "ends_with": 200}]}"#;
    let mock = MockServer::builder().limits(limits).scenario_json(expect).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for _ in 0..2 {
        client.get(&reset_path(&user("0001")));
    }
    let passed = || mock.verify().expectations.iter().map(|one| one.passed).collect::<Vec<_>>();
    assert_eq!(passed(), [false, false, true], "two entries are kept");
    client.get(&reset_path(&user("0001")));
    assert_eq!(passed(), [true, false, true], "the third takes the place of the first");
    let nearest = mock.verify().expectations[1].nearest.clone().unwrap();
    assert!(nearest.contains("dropped 1 entry") && nearest.contains("journal_entries_max"), "{nearest}");
    // Data of other projects is unchanged.
    let other = json!({"expect": [{"name": "o", "when": {"user": user("0002")}, "gap_ms": {"min": 1}}]});
    assert_eq!(verdict(&mut client, &other)["passed"], true);
    client.request("DELETE", "/__admin/requests", &[], "");
    let nearest = mock.verify().expectations[1].nearest.clone().unwrap();
    assert!(nearest.contains("3 calls"), "{nearest}");
    assert!(!mock.verify().expectations[2].passed, "the last is gone too");
}

#[test]
fn waiting_verdict_blocks_no_other_request() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut waiting = Client::connect(mock.url());
    let body =
        json!({"expect": [{"name": "three", "when": {"user": user("0001")}, "calls": {"min": 3}, "ends_with": 200}]});
    let body = body.to_string();
    let head = "POST /__admin/verify?wait_ms=20000 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    waiting.send(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
    let mut client = Client::connect(mock.url());
    for _ in 0..2 {
        assert_eq!(client.get("/__admin/health").status, 200);
        client.get(&reset_path(&user("0001")));
        assert!(!waiting.has_answer_within(Duration::from_millis(20)), "it has not waited");
    }
    client.get(&reset_path(&user("0001")));
    assert_eq!(waiting.answer(false).json()["passed"], true);
    // A decided verdict returns at once, and a wait in vain is reported.
    assert_eq!(verify(&mut waiting, "?wait_ms=20000", &body).json()["passed"], true);
    mock.reset();
    assert_eq!(verify(&mut waiting, "?wait_ms=30", &body).json()["passed"], false);
}

#[test]
fn hopeless_verdict_returns_at_once() {
    let mock =
        MockServer::builder().verify_on_drop(false).fault(format!("{}=503:1", user("0001"))).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for _ in 0..2 {
        client.get(&reset_path(&user("0001")));
    }
    for hopeless in [
        json!({"calls": {"max": 1}}),
        json!({"gap_ms": {"min": 60_000}}),
        json!({"sent": {"header": {"X-Trace": true}}}),
        json!({"statuses": [200, 200, 200]}),
        json!({"sent": {"notification_type": ["email"]}}),
    ] {
        let mut one = hopeless.clone();
        (one["name"], one["when"]) = (json!("one"), json!({"user": user("0001")}));
        // If the server waited, the client would time out.
        let body = json!({"expect": [one]}).to_string();
        assert_eq!(verify(&mut client, "?wait_ms=60000", &body).json()["passed"], false, "{hopeless}");
    }
}

#[test]
fn account_calls_are_judged() {
    let mock = MockServer::builder().verify_on_drop(false).users("fixtures/accounts.json").start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let signing = |access, secret| crate::signer::Signing { access, secret, ..Default::default() };
    let admin = signing("ADMINACCESSKEY000001", "adminSecretKey00000000000000000000000000001");
    let ci = signing("CIACCESSKEY000000001", "ciSecretKey00000000000000000000000000000001");
    admin.send(&mut client, "GET", "/v3/projects", "", "");
    admin.send(&mut client, "GET", "/v3/projects", "", "");
    ci.send(&mut client, "GET", "/v3/projects", "", "");
    client.get("/v3/auth/domains");
    let path = reset_path(&user("0001")).replace(PROJECT, "team-a");
    for signing in [&admin, &ci, &admin] {
        signing.send(&mut client, "GET", &path, "", "");
    }
    let mut judged = |expectation: &Value| {
        let mut one = expectation.clone();
        one["name"] = json!("one");
        let verdict = verdict(&mut client, &json!({"expect": [one]}));
        let one = &verdict["expectations"][0];
        one["nearest"]
            .as_str()
            .map_or_else(|| format!("holds: {}", one["seen"].as_array().unwrap().len()), str::to_owned)
    };
    let projects = json!({"operation": "KeystoneListProjects"});
    let of = |account: &str| json!({"operation": "KeystoneListProjects", "account": account});
    assert_eq!(
        judged(&json!({"when": projects, "calls": {"max": 2}, "statuses": [200, 200]})),
        "acme/ci got 200; still missing: 200"
    );
    assert_eq!(judged(&json!({"when": projects, "calls": {"max": 2}, "ends_with": 200})), "holds: 3");
    assert_eq!(judged(&json!({"when": of("ci"), "calls": {"min": 1, "max": 1}})), "holds: 1");
    assert_eq!(judged(&json!({"when": of("reader"), "calls": {"min": 1}})), "acme/reader did not call: one too few");
    let nobody = json!({"when": {"operation": "KeystoneListAuthDomains"}, "calls": {"max": 0}});
    assert_eq!(judged(&nobody), "nobody called once: one too many");
    let resets = |account: &str| json!({"account": account, "user": user("0001"), "project": "team-a"});
    assert_eq!(judged(&json!({"when": resets("acme/admin"), "calls": {"min": 2, "max": 2}})), "holds: 2");
    assert_eq!(judged(&json!({"when": resets("reader"), "calls": {"max": 0}})), "holds: 0");
}

#[test]
fn invalid_expectations_of_account_calls_are_refused() {
    let mock = MockServer::builder().verify_on_drop(false).users("fixtures/accounts.json").start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let projects = json!({"operation": "KeystoneListProjects"});
    for (wrong, said) in [
        (
            json!({"when": {"operation": "KeystoneListProjects", "user": user("0001")}, "calls": {"min": 1}}),
            "`project` and `user` do not apply",
        ),
        (json!({"when": projects, "after_lost": {"max": 0}}), "`after_lost` does not apply to KeystoneListProjects"),
        (json!({"when": {"account": "nobody"}, "calls": {"min": 1}}), "unknown account"),
    ] {
        let mut one = wrong.clone();
        one["name"] = json!("one");
        let refused = verify(&mut client, "", &json!({"expect": [one]}).to_string());
        assert_eq!(refused.status, 422, "{wrong}");
        assert!(refused.body.contains(said), "{refused:?}");
    }
}

#[test]
fn verdict_wait_is_bounded_and_ends_with_the_server() {
    let mock = limited(|limits| limits.verify_wait_max = Duration::from_millis(40));
    let mut client = Client::connect(mock.url());
    let never = json!({"expect": [{"name": "never", "calls": {"min": 1}}]}).to_string();
    assert_eq!(verify(&mut client, "?wait_ms=40", &never).json()["passed"], false);
    let past = verify(&mut client, "?wait_ms=41", &never);
    assert_eq!(past.status, 400);
    assert!(past.body.contains("0 to 40"), "{past:?}");
    assert_eq!(verify(&mut client, "?wait_ms=x", "").status, 400);

    let served = Served::start(&["--log-level", "off"]);
    let mut waiting = served.client();
    assert_eq!(waiting.get("/__admin/health").status, 200);
    let head = "POST /__admin/verify?wait_ms=60000 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    waiting.send(format!("{head}Content-Length: {}\r\n\r\n{never}", never.len()));
    assert_eq!(served.client().get("/__admin/health").status, 200);
    served.signal("TERM");
    assert_eq!(waiting.answer(false).json()["passed"], false);
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn coverage_is_counted_until_a_reset() {
    let users =
        r#"{"projects": [{"id": "p", "users": [{"id": "a"}, {"id": "b"}]}, {"id": "q", "users": [{"id": "c"}]}]}"#;
    let mock = MockServer::builder().users_json(users).fault("b=503").start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (project, user) in [("p", "a"), ("p", "a"), ("p", "b"), ("q", "c")] {
        client.get(&format!("/v2/{project}/users/{user}/random-password"));
    }
    let all = coverage(&mut client, "");
    assert_eq!((&all["documented"], &all["met"]), (&json!(8), &json!(2)));
    assert_eq!(met(&all, 200), (true, 3, vec!["a".to_owned(), "c".to_owned()]));
    assert_eq!(met(&all, 503), (true, 1, vec!["b".to_owned()]));
    assert_eq!(met(&all, 500), (false, 0, vec![]));
    assert_eq!(met(&coverage(&mut client, "?project=q"), 200).1, 1);
    assert_eq!(client.get("/__admin/coverage?project=x").status, 404);
    client.request("DELETE", "/__admin/requests", &[], "");
    assert_eq!(coverage(&mut client, ""), all);
    assert_eq!(client.request("POST", "/__admin/reset", JSON, r#"{"project": "p"}"#).status, 200);
    assert_eq!(met(&coverage(&mut client, ""), 200), (true, 1, vec!["c".to_owned()]));
    mock.reset();
    assert_eq!(mock.coverage().met, 0);
}

#[test]
fn lost_responses_are_counted_beside_met_statuses() {
    let scenario = json!({ "rules": [
        { "name": "done", "when": { "calls": "1" }, "fault": "reset", "phase": "after" },
        { "name": "half", "when": { "calls": "2" }, "status": 503, "fault": "truncated_body" },
        { "name": "slow", "when": { "calls": "3" }, "fault": { "dribble": { "chunks": 2, "over_ms": 1 } } },
    ] });
    let mock = MockServer::builder().scenario_json(scenario.to_string()).start_blocking().unwrap();
    let path = reset_path(&user("0001"));
    for _ in 1..=3 {
        let mut client = Client::connect(mock.url());
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{}\r\nConnection: close\r\n\r\n", JSON[0]));
        client.rest();
    }
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get("/v2/nowhere/users/nobody/random-password").status, 404, "refused is not lost");
    let lost = |coverage: &Value| -> Vec<_> {
        let statuses = coverage["operations"][0]["statuses"].as_array().unwrap();
        let some = statuses.iter().filter(|one| one["lost"] != 0);
        some.map(|one| (one["status"].as_u64().unwrap(), one["lost"].as_u64().unwrap())).collect()
    };
    let all = coverage(&mut client, "");
    assert_eq!(lost(&all), [(200, 1), (503, 1)]);
    assert_eq!((met(&all, 200).1, met(&all, 503).1), (1, 0));
    assert_eq!(lost(&coverage(&mut client, &format!("?project={PROJECT}"))), [(200, 1), (503, 1)]);
    let clone = client.request("POST", "/__admin/projects", JSON, &json!({ "from": PROJECT }).to_string()).json();
    assert_eq!(lost(&coverage(&mut client, &format!("?project={}", clone["id"].as_str().unwrap()))), []);
}

#[test]
fn statuses_refused_before_counting_are_met() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    assert_eq!(client.request("GET", &path, &["Authorization: nonsense", JSON[0]], "").status, 401);
    assert_eq!(client.request("GET", &path, &["Content-Type: text/plain"], "").status, 400);
    assert_eq!(client.request("POST", &path, JSON, "").status, 405);
    assert_eq!(client.get("/v2/nowhere/users/nobody/random-password").status, 404);
    assert_eq!(client.get("/v2/elsewhere").status, 404, "of no operation");
    let all = coverage(&mut client, "");
    for status in [400, 401, 404, 405] {
        assert_eq!(met(&all, status), (true, 1, vec![]), "{status}");
    }
    let project = coverage(&mut client, &format!("?project={PROJECT}"));
    assert_eq!((met(&project, 401).1, met(&project, 404).1), (1, 0));
}

#[test]
fn users_named_in_a_verdict_are_bounded() {
    let mut limits = wksmock::Limits::default();
    limits.coverage_users_max = 2;
    let users = r#"{"projects": [{"id": "p", "generate": {"count": 9, "id_prefix": "u"}}]}"#;
    let mock = MockServer::builder().limits(limits).users_json(users).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let mut named = |user: &str| {
        client.get(&format!("/v2/p/users/{user}/random-password"));
        let coverage = mock.coverage();
        let ok = &coverage.operations[0].statuses[0];
        let shown: Vec<_> = ok.users.iter().map(|one| one.user.clone()).collect();
        (shown.join(" "), ok.more_users)
    };
    named("u000003");
    assert_eq!(named("u000005"), ("u000003 u000005".to_owned(), 0));
    assert_eq!(named("u000001"), ("u000001 u000003".to_owned(), 1));
}

/// Counters and the journal are read in sequence while calls change both.
#[test]
fn verdict_during_concurrent_calls_misses_none() {
    let served = Served::start(&["--threads", "3", "--log-level", "off"]);
    let expect = json!({"expect": [{"name": "known one by one", "gap_ms": {"min": 0}, "calls": {"min": 0}}]});
    std::thread::scope(|scope| {
        let callers = ["0001", "0001", "0503", "0503"].map(|end| {
            let mut client = served.client();
            scope.spawn(move || (0..500).for_each(|_| drop(client.get(&reset_path(&user(end))))))
        });
        let mut client = served.client();
        while !callers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            let verdict = verdict(&mut client, &expect);
            assert_eq!(verdict["passed"], true, "{verdict}");
        }
    });
    let mut client = served.client();
    let all =
        json!({"expect": [{"name": "all", "when": {"user": user("0001")}, "calls": {"min": 1_000, "max": 1_000}}]});
    assert_eq!(verdict(&mut client, &all)["passed"], true);
    assert_eq!(met(&coverage(&mut client, ""), 503).1, 1_000);
}
