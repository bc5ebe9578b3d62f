//! The reasons of an outcome: `/__admin/explain`, and the header that names the rules behind a response.

use crate::binary::Served;
use crate::client::{Answer, Client};
use crate::{PROJECT, limited, raw_reset, reset_path, user};
use serde_json::{Value, json};
use wksmock::{ClockMode, MockServer, MockServerBuilder};

const HEADER: &str = "x-wksmock-explain";

fn with(rules: &str) -> MockServerBuilder {
    MockServer::builder().scenario_json(format!(r#"{{"rules": [{rules}]}}"#))
}

fn explain(mock: &MockServer, rest: &str) -> Answer {
    let user = user("0001");
    Client::connect(mock.url()).get(&format!("/__admin/explain?project={PROJECT}&user={user}{rest}"))
}

/// Returns number, status and rules of each call with their unmet conditions, without the embedded rules.
fn explained_calls(answer: &Answer) -> Vec<(u64, u64, Vec<String>)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let call = |call: &Value| {
        let rules = call["rules"].as_array().unwrap().iter();
        let own = rules.filter(|rule| !rule["name"].as_str().unwrap().starts_with("magic"));
        let own = own.map(|rule| {
            assert_eq!(rule["matched"].as_bool().unwrap(), rule["failed_on"].is_null());
            format!("{} {}", rule["name"].as_str().unwrap(), rule["failed_on"].as_str().unwrap_or("-"))
        });
        (call["call"].as_u64().unwrap(), call["outcome"]["status"].as_u64().unwrap(), own.collect())
    };
    answer.json()["calls"].as_array().unwrap().iter().map(call).collect()
}

#[test]
fn each_rule_reports_its_match_or_missing_conditions() {
    let mock = with(r#"{"name": "outage", "when": {"calls": "2"}, "status": 503, "phase": "after"}"#)
        .clock(ClockMode::Manual)
        .fault(format!("{}=500:9", user("0001")))
        .start_blocking()
        .unwrap();
    mock.override_json(r#"{"when": {"header": {"x": "1"}}, "delay": {"fixed_ms": 5}}"#).unwrap();
    insta::assert_snapshot!(explain(&mock, "&call=2").body);
}

#[test]
fn next_override_of_several_users_is_one_rule() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let both = json!({"name": "both", "when": {"user": [user("0001"), user("0400")]}, "next": 1, "status": 503});
    mock.override_json(&both.to_string()).unwrap();
    assert_eq!(explained_calls(&explain(&mock, "")), [(1, 503, vec!["both -".to_owned()])]);
    let other = Client::connect(mock.url()).get(&format!("/__admin/explain?project={PROJECT}&user={}", user("0500")));
    assert_eq!(explained_calls(&other), [(1, 500, vec!["both user".to_owned()])]);
}

#[test]
fn explain_predicts_the_next_call_without_counting() {
    let mock = with(
        r#"{"name": "outage", "when": {"calls": "2"}, "status": 503},
           {"name": "late", "when": {"time_ms": [1000, null], "calls": "3-"}, "status": 500}"#,
    )
    .clock(ClockMode::Manual)
    .start_blocking()
    .unwrap();
    let own = |status, outage: &str, late: &str| (status, vec![format!("outage {outage}"), format!("late {late}")]);
    let at = |call, (status, rules)| (call, status, rules);
    assert_eq!(explained_calls(&explain(&mock, "")), [at(1, own(200, "calls", "calls"))]);
    Client::connect(mock.url()).get(&reset_path(&user("0001")));
    let next = [at(2, own(503, "-", "calls")), at(3, own(200, "calls", "time_ms"))];
    assert_eq!(explained_calls(&explain(&mock, "&next=2")), next);
    assert_eq!(explained_calls(&explain(&mock, "&next=2&call=2")), next);
    mock.advance(std::time::Duration::from_secs(1));
    assert_eq!(explained_calls(&explain(&mock, "&call=3")), [at(3, own(500, "calls", "-"))]);
    assert_eq!(explain(&mock, "").json()["at_ms"], 1_000);
    assert_eq!(mock.requests().len(), 1);
}

#[test]
fn explain_reads_the_notification_type_like_the_api() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let path = format!("/__admin/explain?project={PROJECT}&user={}", user("0002"));
    let status = |rest: &str| {
        let answer = Client::connect(mock.url()).get(&format!("{path}{rest}"));
        answer.json()["calls"][0]["outcome"]["status"].clone()
    };
    assert_eq!(status(""), 400);
    assert_eq!(status("&notification_type=email%2Cphone"), 200);
    let rules = r#"{"rules": [{"name": "no mail", "when": {"query": {"notification_type": "email"}}, "status": 503}]}"#;
    let mock = MockServer::builder().scenario_json(rules).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    for (asked, status) in [("email", 503), ("phone", 200), ("phone,email", 200)] {
        let explained = client.get(&format!("{path}&notification_type={asked}")).json();
        assert_eq!(explained["calls"][0]["outcome"]["status"], status, "{asked}");
        let called = client.get(&format!("{}?notification_type={asked}", reset_path(&user("0002"))));
        assert_eq!(called.status, status, "{asked}");
    }
}

#[test]
fn explanation_is_bounded_and_counts_omissions() {
    let mock = limited(|limits| limits.page_max = 3);
    let path = format!("/__admin/explain?project={PROJECT}&user={}", user("0503"));
    let call = |rest: &str| Client::connect(mock.url()).get(&format!("{path}{rest}")).json()["calls"][0].clone();
    let names = |call: &Value| {
        let rules = call["rules"].as_array().unwrap().iter();
        rules.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let one = call("");
    assert_eq!(
        (names(&one), &one["more"]),
        (["magic 400", "magic 401", "magic 503"].map(str::to_owned).to_vec(), &json!(4))
    );
    let first_of_many = call("&next=20");
    assert_eq!((names(&first_of_many), &first_of_many["more"]), (vec!["magic 503".to_owned()], &json!(6)));
}

#[test]
fn unexplainable_request_is_a_problem_with_its_reason() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let id = user("0001");
    let whose = format!("project={PROJECT}&user={id}");
    let said = |query: &str| {
        let answer = Client::connect(mock.url()).get(&format!("/__admin/explain?{query}"));
        format!("{} {}", answer.status, answer.json()["detail"].as_str().unwrap())
    };
    assert_eq!(said("user=x"), "400 The query parameter project is missing; expected the id of a project.");
    assert_eq!(said("project=x"), "400 The query parameter user is missing; expected the id of a user.");
    assert_eq!(said("project=x&user=y"), "404 Unknown project \"x\". GET /__admin/projects lists all.");
    assert_eq!(said(&format!("project={PROJECT}&user=y")), format!("404 Unknown user \"y\" in project {PROJECT:?}."));
    let typo = format!("404 Unknown user \"api-tset\" in project {PROJECT:?}; did you mean `api-test`?");
    assert_eq!(said(&format!("project={PROJECT}&user=api-tset")), typo);
    for wrong in ["0", "4611686018427387904", "x"] {
        let expected = format!("400 The query parameter call is {wrong:?}; expected 1 to 4611686018427387804.");
        assert_eq!(said(&format!("{whose}&call={wrong}")), expected);
    }
    for wrong in ["0", "101"] {
        let expected = format!("400 The query parameter next is {wrong:?}; expected 1 to 100.");
        assert_eq!(said(&format!("{whose}&next={wrong}")), expected);
    }
    assert!(said(&format!("{whose}&notification_type=sms")).contains("expected email, phone or email,phone"));
    assert!(said(&format!("{whose}&calls=1")).starts_with("400 Unknown query parameter \"calls\""));
    assert_eq!(Client::connect(mock.url()).request("POST", "/__admin/explain", &[], "").status, 405);
}

#[test]
fn responses_name_their_rules_if_enabled() {
    let rules = r#"{"name": "50 %; ä", "when": {"calls": "1"}, "status": 503},
        {"name": "slow", "when": {"calls": "1-2"}, "delay": {"fixed_ms": 1}},
        {"name": "garbled", "when": {"calls": "2"}, "fault": "malformed_json"},
        {"name": "named", "when": {"calls": "4"}, "status": 500}"#;
    let start = |shall| with(rules).explain_header(shall).instant_delays(true).start_blocking().unwrap();
    let (plain, explaining) = (start(false), start(true));
    let mut client = Client::connect(explaining.url());
    let mut next = || client.get(&reset_path(&user("0001"))).header(HEADER).map(str::to_owned);
    let first = next().unwrap();
    assert!(first.starts_with("status=50 %25%3B %C3%A4 (") && first.contains("); delay=slow ("), "{first}");
    let second = next().unwrap();
    assert!(
        second.starts_with("status=own behaviour; delay=slow (") && second.contains("; fault=garbled ("),
        "{second}"
    );
    assert_eq!(next().unwrap(), "status=own behaviour");
    let fourth = next().unwrap();
    assert!(fourth.starts_with("status=named ("), "{fourth}");
    assert_eq!(client.get(&reset_path("nobody")).header(HEADER), None, "no rule decides an uncounted request");
    assert_eq!(Client::connect(plain.url()).get(&reset_path(&user("0001"))).header(HEADER), None);
}

#[test]
fn raw_responses_name_their_rules() {
    for fault in [r#""truncated_body""#, r#""malformed_chunk""#, r#"{"dribble": {"chunks": 2, "over_ms": 1}}"#] {
        let rule = format!(r#"{{"name": "torn", "fault": {fault}}}"#);
        let mock = with(&rule).explain_header(true).instant_delays(true).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        client.send(raw_reset(""));
        let (bytes, _) = client.rest();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains("\r\nX-Wksmock-Explain: status=own behaviour; fault=torn ("), "{text}");
    }
}

#[test]
fn flag_enables_the_rules_header() {
    let served = Served::start(&["--explain-header", "--log-level", "off", "--fault", "*=503:1"]);
    let mut client = served.client();
    let mut next = || client.get(&reset_path(&user("0001"))).header(HEADER).map(str::to_owned);
    assert_eq!(next().as_deref(), Some("status=*=503:1 (--fault)"));
    assert_eq!(next().as_deref(), Some("status=own behaviour"));
}
