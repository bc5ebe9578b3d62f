//! For any scenario, the server matches both its own explanation and a plan made without a server.

use crate::binary::{stdout, wksmock};
use crate::client::Client;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use wksmock::{ClockMode, Mock};

const USERS: &str = r#"{"projects": [
    {"id": "p", "users": [{"id": "ada", "user_name": "ada"}, {"id": "bob", "active_type": "USER_ACTIVATE"}]},
    {"id": "q", "users": [{"id": "ada"}]}]}"#;
/// In loading order, which a plan uses.
const CALLED: [(&str, &str); 3] = [("p", "ada"), ("p", "bob"), ("q", "ada")];
const CALLS: u64 = 6;

fn conditions() -> impl Strategy<Value = Value> {
    let project = prop::option::of(prop_oneof![Just(json!("p")), Just(json!(["p", "q"]))]);
    let user = prop::option::of(prop_oneof![Just(json!("ada")), Just(json!(["ada", "bob"]))]);
    let calls = prop::option::of("[1-4]|[1-2]-[3-6]|[2-5]-|\\*/[2-3]|1,4-5");
    let chance = prop::option::of(prop_oneof![Just(0.3), Just(0.7), Just(1.0)]);
    let time = prop::option::of(prop_oneof![Just(json!([0, 500])), Just(json!([500, null])), Just(json!([100, 2000]))]);
    let header = prop::option::weighted(0.2, Just(json!({"X-Canary": "yes"})));
    (project, user, calls, chance, time, header).prop_map(|(project, user, calls, chance, time, header)| {
        json!({"project": project, "user": user, "calls": calls, "chance": chance, "time_ms": time, "header": header})
    })
}

/// A rule's settings, and whether they can be combined with a sequence's conditions.
fn facets() -> impl Strategy<Value = Value> {
    let failing = prop_oneof![Just(400), Just(403), Just(404), Just(500), Just(503)];
    let phase = prop::option::of(prop_oneof![Just("before"), Just("after")]);
    let delay = prop_oneof![
        (0..2_000_u32).prop_map(|ms| json!({"fixed_ms": ms})),
        (0..50_u32, 50..90_u32).prop_map(|(from, to)| json!({"uniform_ms": [from, to]})),
        Just(json!({"lognormal": {"median_ms": 80, "sigma": 0.6, "max_ms": 300}})),
    ];
    let delay = prop::option::of(delay);
    let striking = prop_oneof![Just("reset"), Just("empty_response"), Just("random_data")];
    let carrying = prop_oneof![
        Just(json!("truncated_body")),
        Just(json!("wrong_length")),
        Just(json!("malformed_chunk")),
        Just(json!("malformed_json")),
        Just(json!({"dribble": {"chunks": 3, "over_ms": 100}})),
    ];
    prop_oneof![
        (failing.clone(), phase.clone(), delay.clone(), prop::option::of(carrying)).prop_map(
            |(status, phase, delay, fault)| json!({"status": status, "phase": phase, "delay": delay, "fault": fault})
        ),
        (striking, phase).prop_map(|(fault, phase)| json!({"fault": fault, "phase": phase})),
        delay.clone().prop_map(|delay| json!({"status": 200, "delay": delay})),
        delay.prop_filter("sets something", Option::is_some).prop_map(|delay| json!({"delay": delay})),
        (prop::collection::vec(failing, 1..4), prop_oneof![Just("next"), Just("last"), Just("restart")])
            .prop_map(|(statuses, then)| json!({"sequence": statuses, "then": then})),
        Just(json!({"status": 429, "undocumented": true, "headers": {"Retry-After": "1"}})),
    ]
}

/// Removes null members of an object.
fn given(object: &Value) -> Value {
    let fields = object.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    fields.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into()
}

fn scenario() -> impl Strategy<Value = Value> {
    prop::collection::vec((conditions(), facets()), 0..7).prop_map(|rules| {
        let rule = |(number, (mut when, facets)): (usize, (Value, Value))| {
            if !facets["sequence"].is_null() {
                for condition in ["chance", "time_ms", "header"] {
                    when[condition] = Value::Null;
                }
                // A sequence may not be longer than the number of its calls.
                when["calls"] = Some(when["calls"].take()).filter(|calls| !is_short(calls)).unwrap_or_default();
            }
            let mut rule = given(&facets);
            rule["name"] = format!("rule {number}").into();
            rule["when"] = given(&when);
            rule
        };
        let rules: Vec<_> = rules.into_iter().enumerate().map(rule).collect();
        json!({ "rules": rules })
    })
}

/// Whether these call numbers may be fewer than the statuses of the longest sequence.
fn is_short(calls: &Value) -> bool {
    calls.as_str().is_some_and(|calls| !calls.ends_with('-') && !calls.starts_with('*') && calls != "1,4-5")
}

/// Removes the unreachable rules one by one, as the program reports them.
fn of_what_matches(mut scenario: Value, folder: &Path) -> Value {
    loop {
        std::fs::write(folder.join("generated.json"), scenario.to_string()).unwrap();
        let output = wksmock(&["check", "users.json", "generated.json"]).current_dir(folder).output().unwrap();
        if output.status.success() {
            return scenario;
        }
        let said = crate::binary::stderr(&output);
        let dead = said.lines().find_map(|line| line.strip_prefix("error: rule `")?.strip_suffix("` can never match"));
        let dead = dead.unwrap_or_else(|| panic!("{scenario}: {said}")).to_owned();
        scenario["rules"].as_array_mut().unwrap().retain(|rule| rule["name"] != dead.as_str());
    }
}

fn planned(folder: &Path, seed: u64, at_ms: u64) -> Vec<Value> {
    let (seed, at_ms, calls) = (seed.to_string(), at_ms.to_string(), format!("1-{CALLS}"));
    let flags = ["plan", "--users", "users.json", "--scenario", "generated.json", "--format", "json"];
    let more = ["--seed", &seed, "--at-ms", &at_ms, "--calls", &calls];
    let output = wksmock(&[&flags[..], &more].concat()).current_dir(folder).output().unwrap();
    let plan: Value = serde_json::from_str(&stdout(&output)).unwrap();
    plan["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect()
}

/// Sends a call and returns the status of its answer, if any.
fn sent(mock: &Mock, project: &str, user: &str) -> Option<u16> {
    let mut client = Client::connect(mock.url());
    client.send(format!(
        "GET /v2/{project}/users/{user}/random-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Connection: close\r\n\r\n"
    ));
    let (bytes, _) = client.rest();
    let line = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// A rule set at run time, perhaps for the next calls.
fn an_override() -> impl Strategy<Value = Value> {
    (conditions(), facets(), prop::option::weighted(0.4, 1..4_u64), any::<bool>()).prop_map(
        |(mut when, facets, next, named)| {
            if !facets["sequence"].is_null() {
                for condition in ["chance", "time_ms", "header", "calls"] {
                    when[condition] = Value::Null;
                }
            }
            if next.is_some() {
                when["calls"] = Value::Null;
            }
            let mut rule = given(&facets);
            rule["when"] = given(&when);
            rule["next"] = json!(next);
            rule["name"] = if named { format!("set {}", facets.to_string().len()).into() } else { Value::Null };
            given(&rule)
        },
    )
}

fn flags() -> impl Strategy<Value = Vec<&'static str>> {
    let all =
        ["ada=503:1-2", "*=500:30%", "bob=reset:2-:after", "*=malformed_json:50%", "*=503", "ada=200:*/2", "bob=403:3"];
    prop::sample::subsequence(all.to_vec(), 0..4).prop_shuffle()
}

/// Returns the outcomes of each user's next calls, without their rules.
fn outcomes(client: &mut Client, project: Option<&str>) -> Vec<Value> {
    let mut outcomes = Vec::new();
    for (of, user) in CALLED.iter().filter(|(of, _)| project.is_none_or(|_| *of == "p")) {
        let of = project.unwrap_or(of);
        let told = client.get(&format!("/__admin/explain?project={of}&user={user}&call=1&next=12")).json();
        outcomes.extend(told["calls"].as_array().unwrap().iter().map(|call| {
            let mut outcome = call["outcome"].clone();
            outcome.as_object_mut().unwrap().remove("causes");
            outcome
        }));
    }
    outcomes
}

const JSON: &str = "Content-Type: application/json";

/// Sets the valid overrides.
fn set(client: &mut Client, overrides: &[Value]) {
    for one in overrides {
        client.request("POST", "/__admin/overrides", &[JSON], &one.to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn setup_written_as_one_file_has_the_same_outcomes(
        scenario in scenario(), overrides in prop::collection::vec(an_override(), 0..4), flags in flags(),
        calls in 0..3_usize, in_clone in prop::option::of(any::<bool>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.json"), USERS).unwrap();
        let scenario = of_what_matches(scenario, folder.path());
        let mut mock = Mock::builder().users_json(USERS).clock(ClockMode::Manual).instant_delays(true);
        mock = mock.scenario(folder.path().join("generated.json"));
        for flag in &flags {
            mock = mock.fault(*flag);
        }
        let mock = mock.start().unwrap();
        let mut client = Client::connect(mock.url());
        let mut query = String::new();
        let mut overrides = overrides;
        if let Some(own) = in_clone {
            let own = own.then(|| json!({ "rules": [{ "name": "own", "when": { "calls": "2-3" }, "status": 404 }] }));
            let body = given(&json!({ "from": "p", "id": "c", "scenario": own }));
            prop_assert_eq!(client.request("POST", "/__admin/projects", &[JSON], &body.to_string()).status, 201);
            query = "?project=c".to_owned();
            if let Some(project) = overrides.first_mut().and_then(|one| one["when"].get_mut("project")) {
                *project = json!("c");
            }
        }
        let project = in_clone.map(|_| "c");
        for _ in 0..calls {
            sent(&mock, project.unwrap_or("p"), "ada");
        }
        set(&mut client, &overrides);
        let before = outcomes(&mut client, project);
        let file = client.get(&format!("/__admin/scenario/file{query}"));
        let told = || format!("{flags:?} {overrides:?} {scenario}: {file:?}");
        if file.status == 409 {
            let why = file.json()["detail"].as_str().unwrap().to_owned();
            let known = ["the next calls of any user", "different calls of each user", "would come first again"];
            prop_assert!(known.iter().any(|known| why.contains(known)), "{}", told());
            return Ok(());
        }
        prop_assert_eq!(file.status, 200, "{}", told());
        // A clone's scenario does not end overrides that apply elsewhere too.
        if in_clone.is_some() {
            mock.remove_overrides();
        }
        let put = client.request("PUT", &format!("/__admin/scenario{query}"), &[JSON], &file.body);
        prop_assert_eq!(put.status, 200, "{}: {:?}", told(), put);
        prop_assert_eq!(outcomes(&mut client, project), before, "{}", told());
        // Writing it again gives the same file.
        let again = client.get(&format!("/__admin/scenario/file{query}"));
        prop_assert_eq!(&again.body, &file.body, "{}", told());
    }

    #[test]
    fn server_matches_its_explanation_and_plan(
        scenario in scenario(), seed in 0..1_000_u64, at_ms in prop_oneof![Just(0), Just(499), Just(500), Just(5_000)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.json"), USERS).unwrap();
        let scenario = of_what_matches(scenario, folder.path());
        let planned = planned(folder.path(), seed, at_ms);
        let mock = Mock::builder().seed(seed).users_json(USERS).clock(ClockMode::Manual).instant_delays(true);
        let mock = mock.scenario(folder.path().join("generated.json")).start().unwrap();
        mock.advance(Duration::from_millis(at_ms));
        let mut admin = Client::connect(mock.url());
        let (mut explained, mut decided, mut met) = (Vec::new(), Vec::new(), Vec::new());
        for (project, user) in CALLED {
            let told = admin.get(&format!("/__admin/explain?project={project}&user={user}&next={CALLS}")).json();
            explained.extend(told["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()));
        }
        for (project, user) in CALLED {
            met.extend((0..CALLS).map(|_| sent(&mock, project, user)));
        }
        let entries = admin.get("/__admin/requests").json();
        decided.extend(entries["requests"].as_array().unwrap().iter().map(|entry| entry["decision"].clone()));
        // Paths of files are shown as given.
        let here = folder.path().to_str().unwrap().to_owned() + "/";
        let bare = |outcomes: Vec<Value>| -> Vec<Value> {
            outcomes.into_iter().map(|one| serde_json::from_str(&one.to_string().replace(&here, "")).unwrap()).collect()
        };
        let (explained, decided) = (bare(explained), bare(decided));
        for (at, planned) in planned.iter().enumerate() {
            prop_assert_eq!(&explained[at], planned, "call {} of {}: explained", at, scenario);
            prop_assert_eq!(&decided[at], planned, "call {} of {}: decided", at, scenario);
            let lost = ["reset", "empty_response", "random_data"].map(Value::from).contains(&planned["fault"]);
            let status = planned["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            prop_assert_eq!(met[at], status.filter(|_| !lost), "call {} of {}: met", at, scenario);
        }
        prop_assert_eq!(decided.len(), planned.len());
    }
}
