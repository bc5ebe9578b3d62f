//! `GET /__admin/scenario/file`: the active rules as one scenario; and `GET /__admin/scenario`: each rule with its
//! source.

use crate::client::{Answer, Client};
use crate::{PROJECT, reset_path, user};
use serde_json::{Value, json};
use wksmock::MockServer;

const JSON: &str = "Content-Type: application/json";

fn send(client: &mut Client, method: &str, path: &str, body: &str) -> Answer {
    client.request(method, &format!("/__admin/{path}"), &[JSON], body)
}

fn set(client: &mut Client, rule: &str) -> u64 {
    let answer = send(client, "POST", "overrides", rule);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_u64().unwrap()
}

fn refused(client: &mut Client, query: &str) -> String {
    let answer = client.get(&format!("/__admin/scenario/file{query}"));
    assert_eq!(answer.status, 409, "{answer:?}");
    answer.json()["detail"].as_str().unwrap().to_owned()
}

#[test]
fn overrides_flags_and_files_become_one_ordered_scenario() {
    let [first, second] = ["0001", "0002"].map(user);
    let flag = format!("{first}=503:9");
    let mock = MockServer::builder().verify_on_drop(false).seed(7).fault(&flag);
    let mock = mock.scenario_json(
        r#"{"seed": 7, "name": "a", "rules": [{"name":  "in a", "when": {"chance": 1e-1}, "status": 500}]}"#,
    );
    let mock = mock.scenario_json(
        r#"{"rules": [{"name": "in b", "status": 404}], "down": [{"time_ms": [90000, 90001]}],
            "expect": [{"name": "e", "calls": {"max": 9}}]}"#,
    );
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    client.get(&reset_path(&first));
    set(&mut client, &format!(r#"{{"when": {{"user": ["{first}", "{second}"]}}, "next": 2, "status": 5.03e2}}"#));
    set(&mut client, r#"{"name": "slow",  "when": {"chance": 0.30000000000000004}, "delay": {"fixed_ms": 1}}"#);
    let file = client.get("/__admin/scenario/file");
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/json")));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"scenario.json\""));
    let expected = format!(
        r#"{{
  "format": 1,
  "seed": 7,
  "rules": [
    {{"name": "slow",  "when": {{"chance": 0.30000000000000004}}, "delay": {{"fixed_ms": 1}}}},
    {{ "name": "override 1", "when": {{ "project": "{PROJECT}", "user": "{second}", "calls": "1-2" }}, "status": 5.03e2 }},
    {{ "name": "override 1 (2)", "when": {{ "project": "{PROJECT}", "user": "{first}", "calls": "2-3" }}, "status": 5.03e2 }},
    {{"name":"{flag}","when":{{"user":"{first}","calls":"9"}},"status":503}},
    {{"name":  "in a", "when": {{"chance": 1e-1}}, "status": 500}},
    {{"name": "in b", "status": 404}}
  ],
  "down": [
    {{"time_ms": [90000, 90001]}}
  ],
  "expect": [
    {{"name": "e", "calls": {{"max": 9}}}}
  ]
}}
"#
    );
    assert_eq!(file.body, expected);
    // Its rules replace the overrides that it contains, and the check reports that.
    let checked = send(&mut client, "POST", "scenario/check", &file.body).json();
    assert_eq!(checked["valid"], true, "{checked}");
    let warned: Vec<_> = checked["warnings"].as_array().unwrap().iter().map(|one| &one["place"]).collect();
    assert_eq!(warned, ["override 2", "override 1"]);
    let taken = json!({ "rules": 6, "expectations": 1, "ended_overrides": [2, 1] });
    assert_eq!(send(&mut client, "PUT", "scenario", &file.body).json(), taken);
    assert_eq!(client.get("/__admin/overrides").json()["overrides"], json!([]));
    let changes = client.get("/__admin/changes").json();
    let last = changes["changes"].as_array().unwrap().last().unwrap()["what"].clone();
    assert_eq!(last, "A scenario replaced those of the files, and overrides 2, 1.");
    // The flag equals the rule of its name, and belongs to no other scenario.
    let shown = client.get("/__admin/scenario").json();
    assert_eq!((&shown["faults"], shown["rules"].as_array().unwrap().len()), (&json!([]), 7));
    assert_eq!(send(&mut client, "PUT", "scenario", r#"{"rules": []}"#).status, 200);
    assert_eq!(client.get("/__admin/scenario").json()["faults"], json!([flag]));
    assert_eq!(send(&mut client, "PUT", "scenario", &file.body).status, 200);
    assert_eq!(send(&mut client, "DELETE", "scenario", "").status, 204);
    assert_eq!(client.get("/__admin/scenario").json()["faults"], json!([flag]));
    // A server without the flag takes the file too, and then behaves the same.
    let other = MockServer::builder().verify_on_drop(false).seed(7).start_blocking().unwrap();
    let mut there = Client::connect(other.url());
    assert_eq!(send(&mut there, "PUT", "scenario", &file.body).status, 200);
    assert_eq!(there.get("/__admin/scenario/file").body, file.body);
}

#[test]
fn hidden_flag_keeps_its_place_in_a_put_file() {
    let mock = MockServer::builder().fault("*=503").start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    set(&mut client, r#"{"name": "fine", "status": 200}"#);
    let file = client.get("/__admin/scenario/file");
    mock.remove_overrides();
    assert_eq!(send(&mut client, "PUT", "scenario", &file.body).status, 200, "{file:?}");
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    // A rule without a form in which it could stay is named.
    let hides_all = r#"{"name": "all", "status": 200, "delay": {"fixed_ms": 1}, "fault": "truncated_body"}"#;
    assert_eq!(send(&mut client, "DELETE", "scenario", "").status, 204);
    set(&mut client, hides_all);
    let why = refused(&mut client, "");
    assert!(why.starts_with("--fault *=503 never applies because earlier rules take its calls"), "{why}");
}

#[test]
fn hidden_override_keeps_its_place_in_a_put_file() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    set(&mut client, r#"{"name": "hidden", "status": 500}"#);
    set(&mut client, r#"{"name": "first", "status": 503}"#);
    let file = client.get("/__admin/scenario/file");
    assert_eq!(send(&mut client, "PUT", "scenario", &file.body).json()["ended_overrides"], json!([2, 1]));
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 503);
    assert_eq!(client.get("/__admin/scenario/file").body, file.body);
    // An override whose name the scenario lacks stays.
    set(&mut client, r#"{"name": "later", "status": 404}"#);
    assert_eq!(send(&mut client, "PUT", "scenario", &file.body).json()["ended_overrides"], json!([]));
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 404);
}

#[test]
fn embedded_rules_have_their_own_strike_counts() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(client.get(&reset_path(&user("0503"))).status, 503);
    let shown = client.get("/__admin/scenario").json();
    assert_eq!(shown["rules"], json!([]));
    let struck = |name: &str| {
        let embedded = shown["embedded"].as_array().unwrap();
        embedded.iter().find(|one| one["rule"] == name).map(|one| one["struck"].clone())
    };
    assert_eq!([struck("magic 503"), struck("magic 500"), struck("none")], [Some(json!(1)), Some(json!(0)), None]);
}

#[test]
fn scenario_put_in_a_clone_ends_only_its_overrides() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    assert_eq!(send(&mut client, "POST", "projects", &format!(r#"{{"from": "{PROJECT}", "id": "c"}}"#)).status, 201);
    set(&mut client, r#"{"name": "its own", "when": {"project": "c"}, "status": 500}"#);
    let file = client.get("/__admin/scenario/file?project=c").body;
    let put = send(&mut client, "PUT", "scenario?project=c", &file);
    assert_eq!(put.json()["ended_overrides"], json!([1]), "{put:?}");
    assert_eq!(client.get(&format!("/v2/c/users/{}/random-password", user("0001"))).status, 500);
    set(&mut client, r#"{"name": "of all", "status": 404}"#);
    let file = client.get("/__admin/scenario/file?project=c").body;
    let refused = send(&mut client, "PUT", "scenario?project=c", &file);
    assert!(refused.status == 422 && refused.body.contains("DELETE /__admin/overrides/2"), "{refused:?}");
    assert_eq!(send(&mut client, "POST", "scenario/check?project=c", &file).json()["valid"], false);
}

#[test]
fn rule_that_a_file_cannot_express_is_refused_by_name() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let id = set(&mut client, r#"{"next": 1, "status": 503}"#);
    let why = refused(&mut client, "");
    assert!(
        why.starts_with(&format!("Override {id} (`override {id}`) applies to the next calls of any user (1 left)")),
        "{why}"
    );
    assert_eq!(client.get(&path).status, 503);
    assert_eq!(client.get("/__admin/scenario/file").status, 200, "it is used up");
    let drawn = format!(
        r#"{{"when": {{"user": ["{}", "{}"], "chance": 0.5}}, "next": 2, "status": 503}}"#,
        user("0001"),
        user("0002")
    );
    let id = set(&mut client, &drawn);
    assert!(refused(&mut client, "").contains(&format!("DELETE /__admin/overrides/{id}")));
    mock.remove_overrides();
    let clone = json!({ "from": PROJECT, "id": "c" }).to_string();
    assert_eq!(send(&mut client, "POST", "projects", &clone).status, 201);
    set(&mut client, r#"{"name": "there", "when": {"project": "c"}, "status": 500}"#);
    assert!(refused(&mut client, "").contains("names clone \"c\""));
    let of_clone = client.get("/__admin/scenario/file?project=c").json();
    assert_eq!(of_clone["rules"][0], json!({ "name": "there", "when": { "project": PROJECT }, "status": 500 }));
    let long = MockServer::builder()
        .users_json(json!({ "projects": [{ "id": "p", "users": [{ "id": "u".repeat(200) }] }] }).to_string());
    let long = long.fault(format!("{}=503", "u".repeat(200))).start_blocking().unwrap();
    let why = refused(&mut Client::connect(long.url()), "");
    assert!(why.contains("cannot be used as a rule name"), "{why}");
}

#[test]
fn named_embedded_scenario_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let magic = folder.path().join("magic.json");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/magic-users.json"), &magic).unwrap();
    let mock = MockServer::builder().scenario(&magic).scenario_json(r#"{"rules": [{"name": "all", "status": 200}]}"#);
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let file = client.get("/__admin/scenario/file").body;
    assert_eq!(send(&mut client, "PUT", "scenario", &file).status, 200, "{file}");
    assert_eq!(["0001", "0503"].map(|end| client.get(&reset_path(&user(end))).status), [200, 503]);
}

#[test]
fn active_rules_are_shown_verbatim_with_their_source() {
    let mock = MockServer::builder().fault("*=500:2");
    let mock =
        mock.scenario_json(r#"{"rules": [{"name":  "in a", "status": 404}], "down": [{"time_ms": [90000, 90001]}]}"#);
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let own = json!({ "from": PROJECT, "id": "c", "scenario": { "rules": [{ "name": "own", "status": 500 }] } });
    assert_eq!(send(&mut client, "POST", "projects", &own.to_string()).status, 201);
    let id = set(&mut client, r#"{"when": {"calls":  "1"}, "status": 503}"#);
    client.get(&reset_path(&user("0001")));
    let answer = client.get("/__admin/scenario");
    assert!(answer.body.contains(r#""written": {"when": {"calls":  "1"}, "status": 503}"#), "{}", answer.body);
    let shown = answer.json();
    let row =
        |one: &Value| json!([one["rule"], one["source"], one["override"], one["struck"], one["written"]["status"]]);
    assert_eq!(
        shown["rules"].as_array().unwrap().iter().map(row).collect::<Value>(),
        json!([
            [format!("override {id}"), "override", id, 1, 503],
            ["*=500:2", "flag", null, 0, 500],
            ["in a", "file", null, 0, 404],
            ["down [90000, 90001]", "down", null, 0, null],
            ["own", "clone", null, 0, 500],
        ])
    );
    assert_eq!(shown["rules"][2]["place"], "scenario_json #1:1:12");
    let of_clone = client.get("/__admin/scenario?project=c").json();
    let sources: Vec<_> = of_clone["rules"].as_array().unwrap().iter().map(|one| one["source"].clone()).collect();
    assert_eq!(sources, ["override", "flag", "clone"]);
}

#[test]
fn changed_override_keeps_its_place_and_restarts_counting() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let path = reset_path(&user("0001"));
    let below = set(&mut client, r#"{"name": "below", "status": 500}"#);
    let above = set(&mut client, r#"{"name": "above", "when": {"calls": "3-"}, "status": 404}"#);
    assert_eq!(client.get(&path).status, 500);
    let changed =
        send(&mut client, "PUT", &format!("overrides/{below}"), r#"{"name": "below",  "next": 1, "status": 503}"#);
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(changed.body.contains(r#""rule": {"name": "below",  "next": 1, "status": 503}"#), "{}", changed.body);
    let listed = |client: &mut Client| {
        let list = client.get("/__admin/overrides").json()["overrides"].clone();
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| json!([one["id"], one["rule"]["name"], one["struck"], one["left"]]))
            .collect::<Value>()
    };
    assert_eq!(listed(&mut client), json!([[above, "above", 0, null], [below, "below", 0, 1]]), "strikes begin anew");
    assert_eq!([client.get(&path).status, client.get(&path).status], [503, 404], "one of the next, then the one above");
    assert_eq!(listed(&mut client), json!([[above, "above", 1, null], [below, "below", 1, 0]]));
    // Another name frees the old one; without a name its number serves as name.
    assert_eq!(send(&mut client, "PUT", &format!("overrides/{below}"), r#"{"status": 503}"#).status, 200);
    assert_eq!(client.get("/__admin/scenario").json()["rules"][1]["rule"], format!("override {below}"));
    set(&mut client, r#"{"name": "below", "when": {"calls": "99"}, "status": 500}"#);
    for (body, status) in [
        (r#"{"name": "above", "status": 503}"#, 409),
        (r#"{"name": "magic 503", "status": 503}"#, 409),
        (r#"{"status": 418}"#, 422),
        ("{", 422),
        ("", 400),
    ] {
        assert_eq!(send(&mut client, "PUT", &format!("overrides/{below}"), body).status, status, "{body}");
    }
    for id in ["99", "x", ""] {
        assert_eq!(send(&mut client, "PUT", &format!("overrides/{id}"), r#"{"status": 503}"#).status, 404, "{id}");
    }
    assert_eq!(client.get(&path).status, 404, "a refusal changes nothing");
    let told = client.get("/__admin/changes").json()["changes"].clone();
    let told: Vec<_> = told.as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect();
    let changed = [format!("Override {below} was changed, named \"below\"."), format!("Override {below} was changed.")];
    assert_eq!(told[2..4], changed);
}

#[test]
fn text_of_a_changed_override_is_bounded() {
    let bounded = crate::limited(|limits| limits.overrides_bytes_max = 40);
    let mut client = Client::connect(bounded.url());
    let id = set(&mut client, r#"{"status": 503}"#);
    let [fits, too_long] = [25, 26].map(|blanks| format!("{{{}\"status\": 503}}", " ".repeat(blanks)));
    assert_eq!([fits.len(), too_long.len()], [40, 41]);
    assert_eq!(send(&mut client, "PUT", &format!("overrides/{id}"), &too_long).status, 409);
    assert_eq!(send(&mut client, "PUT", &format!("overrides/{id}"), &fits).status, 200);
}
