//! `POST /__admin/scenario/check`: the errors of a scenario, the output of `wksmock check`, and the changes in its
//! plan.

use crate::binary::{run, stdout};
use crate::client::{Answer, Client};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::{ClockMode, MockServer};

const JSON: &str = "Content-Type: application/json";

fn post_check(client: &mut Client, query: &str, text: &str) -> Answer {
    client.request("POST", &format!("/__admin/scenario/check{query}"), &[JSON], text)
}

fn check(client: &mut Client, query: &str, text: &str) -> Value {
    let answer = post_check(client, query, text);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Returns line, column, end and pointer of each error with the beginning of its message.
fn located(list: &Value) -> Vec<String> {
    let one = |one: &Value| {
        let number = |name: &str| one[name].as_u64().map_or("-".to_owned(), |number| number.to_string());
        let [line, column, end_line, end_column] = ["line", "column", "end_line", "end_column"].map(number);
        let said: String = one["message"].as_str().unwrap().chars().take(30).collect();
        format!("{line}:{column}-{end_line}:{end_column} {} {said}", one["pointer"].as_str().unwrap_or("-"))
    };
    list.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn errors_are_located_and_nothing_changes() {
    let mock =
        MockServer::builder().verify_on_drop(false).fault(format!("{}=500", user("0002"))).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let before = client.get("/__admin/scenario").json();
    let text = "{\"rules\": [\n  {\"name\": \"a\", \"when\": {\"user\": \"x\"}, \"status\": 503},\n  {\"name\": \"b\", \"status\": 418,\n   \"statsu\": 1}]}";
    let wrong = check(&mut client, "", text);
    assert_eq!((&wrong["valid"], &wrong["rules"], &wrong["expectations"]), (&json!(false), &json!([]), &json!(0)));
    assert_eq!(
        located(&wrong["problems"]),
        [
            "2:34-2:37 /rules/0/when/user unknown user `x`; expected a l",
            "3:27-3:30 /rules/1/status ResetRandomPassword does not d",
            "4:4-4:12 /rules/1/statsu unknown field `statsu`; fields",
        ]
    );
    assert_eq!(wrong["problems"][2]["hint"], "did you mean `status`?");
    // PUT reports the same.
    let put = client.request("PUT", "/__admin/scenario", &[JSON], text);
    let same = |one: &Value| (one["place"].clone(), one["message"].clone(), one["hint"].clone());
    let told = |list: &Value| list.as_array().unwrap().iter().map(same).collect::<Vec<_>>();
    assert_eq!((put.status, told(&put.json()["errors"])), (422, told(&wrong["problems"])));
    // Text that is not JSON has a place too, but no pointer.
    for (text, place) in [
        ("{\"rules\": [\n  {\"name\": }]}", "2:12-2:13 - invalid JSON; expected an obje"),
        ("{\"rules\": [", "1:11-1:12 - unexpected end of JSON; expect"),
        ("", "1:1-1:1 - empty document; expected more "),
        ("[]", "1:1-1:2  wrong type: found a list; expe"),
    ] {
        let wrong = check(&mut client, "", text);
        assert_eq!((&wrong["valid"], located(&wrong["problems"])), (&json!(false), vec![place.to_owned()]), "{text}");
    }
    // A duplicate name is located where it is in the text, although that is read before the other.
    let text = "{\"rules\": [\n {\"name\": \"magic 503\", \"status\": 503}]}";
    let told = &located(&check(&mut client, "", text)["problems"])[0];
    let said = "two rules are named `magic 503";
    assert!(told.starts_with("2:") && told.contains(" /rules/0") && told.ends_with(said), "{told}");
    // In a clone the name of an override that applies elsewhere too is taken.
    client.request("POST", "/__admin/overrides", &[JSON], r#"{"name": "mine", "status": 404}"#);
    client.request("POST", "/__admin/projects", &[JSON], &json!({ "from": PROJECT, "id": "c" }).to_string());
    let text = "{\"rules\": [\n {\"name\": \"mine\", \"status\": 503}]}";
    let told = &located(&check(&mut client, "?project=c", text)["problems"])[0];
    let said = "rule name `mine` is already us";
    assert!(told.starts_with("2:") && told.contains(" /rules/0") && told.ends_with(said), "{told}");
    assert_eq!(client.request("DELETE", "/__admin/projects/c", &[], "").status, 204);
    mock.remove_overrides();
    assert_eq!(client.get("/__admin/scenario").json(), before);
}

#[test]
fn problems_past_the_limit_are_counted() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let many = format!("{{\"rules\": [{}]}}", vec![r#"{"statsu": 1}"#; 100].join(","));
    let wrong = check(&mut client, "", &many);
    assert_eq!(wrong["problems"].as_array().unwrap().len(), 50);
    assert!(wrong["more_problems"].as_u64().unwrap() >= 50, "{wrong}");
}

#[test]
fn unreadable_requests_are_refused() {
    let mock = MockServer::builder().limits({
        let mut limits = wksmock::Limits::default();
        limits.admin_body_bytes_max = 100;
        limits
    });
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let good = r#"{"rules": []}"#;
    assert_eq!(check(&mut client, "", good)["valid"], true);
    let form = client.request("POST", "/__admin/scenario/check", &["Content-Type: text/plain"], good);
    assert_eq!(form.status, 415);
    for (query, status) in [
        ("?project=nowhere", 404),
        (&*format!("?project={PROJECT}&user=nobody"), 404),
        ("?account=nobody", 404),
        ("?user=x", 400),
        ("?next=101", 400),
        ("?operation=Nothing", 400),
        ("?wait=1", 400),
    ] {
        assert_eq!(post_check(&mut client, query, good).status, status, "{query}");
    }
    let head = format!(
        "POST /__admin/scenario/check HTTP/1.1\r\nHost: {}\r\n{JSON}\r\nContent-Length: 2\r\n\r\n",
        client.host
    );
    client.send([head.as_bytes(), b"{\xff"].concat());
    assert_eq!(client.answer(false).status, 400, "not UTF-8");
    assert_eq!(post_check(&mut client, "", &" ".repeat(101)).status, 413);
}

#[test]
fn rates_and_warnings_match_the_check_command() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{\"rules\": [\n {\"name\": \"a\", \"when\": {\"chance\": 0.7}, \"status\": 500},\n \
                {\"name\": \"b\", \"when\": {\"chance\": 0.5}, \"status\": 503, \"delay\": {\"fixed_ms\": 1}},\n \
                {\"name\": \"never\", \"when\": {\"chance\": 0}, \"status\": 404},\n {\"name\": \"lost\", \"fault\": \"reset\"},\n \
                {\"name\": \"plain\", \"status\": 200}],\n \"expect\": [{\"name\": \"e\", \"calls\": {\"max\": 1}}]}";
    std::fs::write(folder.path().join("s.json"), text).unwrap();
    let printed = stdout(&run(&["check", folder.path().join("s.json").to_str().unwrap()]));
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let good = check(&mut client, "", text);
    assert_eq!((&good["valid"], &good["problems"], &good["expectations"]), (&json!(true), &json!([]), &json!(1)));
    assert_eq!(good.get("plan"), None);
    let at = |said: &Value| {
        said.as_str().unwrap().replace("PUT /__admin/scenario", folder.path().join("s.json").to_str().unwrap())
    };
    let rules = good["rules"].as_array().unwrap();
    let names: Vec<_> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "never", "lost", "plain"]);
    let mut lines: Vec<_> =
        rules.iter().flat_map(|rule| rule["rates"].as_array().unwrap()).map(|rate| at(&rate["text"])).collect();
    lines.extend(good["warnings"].as_array().unwrap().iter().map(|one| format!("warning: {}", at(&one["message"]))));
    let mut expected: Vec<_> = printed.lines().filter(|line| line.contains('`')).map(str::to_owned).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    let delay = &rules[1]["rates"][0];
    assert_eq!((&delay["facets"], &delay["least"], &delay["most"]), (&json!(["delay"]), &json!(0.5), &json!(0.5)));
    let warnings = located(&good["warnings"]);
    assert!(warnings.iter().any(|one| one.starts_with("4:2-4:57 /rules/2 `never`")), "{warnings:#?}");
}

#[test]
fn plan_shows_both_setups_and_comes_true() {
    let mock =
        MockServer::builder().scenario_json(r#"{"rules": [{"name": "now", "when": {"calls": "2-3"}, "status": 500}]}"#);
    let mock = mock.clock(ClockMode::Manual).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    client.get(&path);
    let text = r#"{"rules": [{"name": "then", "when": {"calls": "3-4"}, "status": 503}]}"#;
    let query = format!("?project={PROJECT}&user={}&next=4", user("0001"));
    let statuses = |client: &mut Client, which: &str| {
        let plan = check(client, &query, text)["plan"].clone();
        let plan = plan.as_array().unwrap().iter();
        plan.map(|call| format!("{}={}", call["call"], call[which]["status"])).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(statuses(&mut client, "now"), "2=500 3=500 4=200 5=200");
    assert_eq!(statuses(&mut client, "then"), "2=200 3=503 4=503 5=200");
    // Overrides take precedence over both.
    client.request("POST", "/__admin/overrides", &[JSON], r#"{"when": {"calls": "4"}, "status": 404}"#);
    assert_eq!(statuses(&mut client, "now"), "2=500 3=500 4=404 5=200");
    assert_eq!(statuses(&mut client, "then"), "2=200 3=503 4=404 5=200");
    let plan = check(&mut client, &query, text)["plan"].clone();
    let explained = |client: &mut Client| {
        let told = client.get(&format!("/__admin/explain?project={PROJECT}&user={}&next=4", user("0001"))).json();
        told["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect::<Value>()
    };
    let each = |which: &str| plan.as_array().unwrap().iter().map(|call| call[which].clone()).collect::<Value>();
    assert_eq!(explained(&mut client), each("now"));
    assert_eq!(client.request("PUT", "/__admin/scenario", &[JSON], text).status, 200);
    assert_eq!(explained(&mut client), each("then"));
    // An invalid scenario has no plan.
    assert_eq!(check(&mut client, &query, "{").get("plan"), None);
    assert_eq!(check(&mut client, &query.replace("next=4", ""), text)["plan"].as_array().unwrap().len(), 10);
}

#[test]
fn check_in_a_clone_covers_only_that_clone() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let own = json!({ "rules": [{ "name": "own", "status": 500 }] });
    for body in [json!({ "from": PROJECT, "id": "own", "scenario": own }), json!({ "from": PROJECT, "id": "plain" })] {
        assert_eq!(client.request("POST", "/__admin/projects", &[JSON], &body.to_string()).status, 201);
    }
    let text = r#"{"rules": [{"name": "then", "status": 503}]}"#;
    let mut plan = |project: &str| {
        let query = format!("?project={project}&user={}&next=1", user("0001"));
        let call = check(&mut client, &query, text)["plan"][0].clone();
        (call["now"]["status"].as_u64().unwrap(), call["then"]["status"].as_u64().unwrap())
    };
    assert_eq!(["own", "plain", PROJECT].map(&mut plan), [(500, 503), (200, 503), (200, 503)]);
    // A clone has no `down`.
    let down = r#"{"rules": [], "down": [{"time_ms": [0, 5]}]}"#;
    assert_eq!(check(&mut client, "", down)["valid"], true);
    let wrong = check(&mut client, "?project=own", down);
    assert_eq!(located(&wrong["problems"]), ["1:23-1:24 /down `down` in the scenario of a cl"]);
    let account = check(
        &mut client,
        "?operation=GetCallerIdentity&account=developer&next=1",
        r#"{"rules": [{"name": "sts", "when": {"operation": "GetCallerIdentity"}, "status": 403}]}"#,
    );
    assert_eq!(
        (&account["plan"][0]["now"]["status"], &account["plan"][0]["then"]["status"]),
        (&json!(200), &json!(403))
    );
}
