//! For any scenario, the server matches both its own explanation and a plan made without a server.

use super::drawn::{LOADED, rule};
use super::written::{Rule, STRIKING, USERS, USERS_FILE, User};
use crate::binary::{stdout, wksmock};
use crate::client::Client;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use wksmock::{ClockMode, Limits, MockServer, MockServerBuilder};

const CALLS: u64 = 6;

/// The users of the loaded projects in loading order, which a plan uses.
fn loaded() -> impl Iterator<Item = &'static User> {
    USERS.iter().filter(|user| user.project == user.template)
}

fn scenario() -> impl Strategy<Value = Value> {
    prop::collection::vec(rule(&LOADED), 0..7).prop_map(|rules| {
        let named = |(number, rule): (usize, Rule)| Rule { name: Some(format!("rule {number}")), ..rule };
        let rules: Vec<_> = rules.into_iter().enumerate().map(|rule| named(rule).json(None)).collect();
        json!({ "rules": rules })
    })
}

/// Removes the unreachable rules one by one, as the program reports them.
fn without_unreachable(mut scenario: Value, folder: &Path) -> Value {
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
fn sent(mock: &MockServer, project: &str, user: &str) -> Option<u16> {
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
    (rule(&LOADED), prop::option::weighted(0.4, 1..4_u64), any::<bool>()).prop_map(|(rule, next, is_named)| {
        let rule = rule.for_next(next);
        let name = is_named.then(|| format!("set {}", rule.json(next).to_string().len()));
        Rule { name, ..rule }.json(next)
    })
}

fn flags() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(rule(&LOADED).prop_map(|rule| rule.into_flag().flag()), 0..4)
}

/// Returns the outcomes of each user's next calls in the loaded projects or in a clone, without their rules.
fn outcomes(client: &mut Client, clone: Option<&str>) -> Vec<Value> {
    let mut outcomes = Vec::new();
    let users = USERS.iter().filter(|user| clone.map_or(user.project == user.template, |clone| user.project == clone));
    for User { project, id, .. } in users {
        let told = client.get(&format!("/__admin/explain?project={project}&user={id}&call=1&next=12")).json();
        outcomes.extend(told["calls"].as_array().unwrap().iter().map(|call| {
            let mut outcome = call["outcome"].clone();
            outcome.as_object_mut().unwrap().remove("causes");
            outcome
        }));
    }
    outcomes
}

/// A builder with these users, whose hangs, delays and dribbles take no time.
fn builder() -> MockServerBuilder {
    let mut limits = Limits::default();
    limits.hang = Duration::from_millis(1);
    MockServer::builder().users_json(USERS_FILE).clock(ClockMode::Manual).instant_delays(true).limits(limits)
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
        std::fs::write(folder.path().join("users.json"), USERS_FILE).unwrap();
        let scenario = without_unreachable(scenario, folder.path());
        let mut mock = builder().scenario(folder.path().join("generated.json"));
        for flag in &flags {
            mock = mock.fault(flag);
        }
        let mock = mock.start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let mut query = String::new();
        let mut overrides = overrides;
        if let Some(own) = in_clone {
            let own = own.then(|| json!({ "rules": [{ "name": "own", "when": { "calls": "2-3" }, "status": 404 }] }));
            let mut body = json!({ "from": "p", "id": "c" });
            if let Some(own) = own {
                body["scenario"] = own;
            }
            prop_assert_eq!(client.request("POST", "/__admin/projects", &[JSON], &body.to_string()).status, 201);
            query = "?project=c".to_owned();
            if let Some(project) = overrides.first_mut().and_then(|one| one["when"].get_mut("project")) {
                *project = json!("c");
            }
        }
        let project = in_clone.map(|_| "c");
        for _ in 0..calls {
            sent(&mock, project.unwrap_or("p"), "u");
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
        scenario in scenario(), seed in 0..1_000_u64, at_ms in prop_oneof![Just(0), Just(249), Just(250), Just(5_000)],
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.json"), USERS_FILE).unwrap();
        let scenario = without_unreachable(scenario, folder.path());
        let planned = planned(folder.path(), seed, at_ms);
        let mock = builder().seed(seed).scenario(folder.path().join("generated.json")).start_blocking().unwrap();
        mock.advance(Duration::from_millis(at_ms));
        let mut admin = Client::connect(mock.url());
        let (mut explained, mut decided, mut met) = (Vec::new(), Vec::new(), Vec::new());
        for User { project, id, .. } in loaded() {
            let told = admin.get(&format!("/__admin/explain?project={project}&user={id}&next={CALLS}")).json();
            explained.extend(told["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()));
        }
        for User { project, id, .. } in loaded() {
            met.extend((0..CALLS).map(|_| sent(&mock, project, id)));
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
            let lost = STRIKING.map(Value::from).contains(&planned["fault"]);
            let status = planned["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            prop_assert_eq!(met[at], status.filter(|_| !lost), "call {} of {}: met", at, scenario);
        }
        prop_assert_eq!(decided.len(), planned.len());
    }
}
