//! Changes of the loaded files while the server runs: by PUT, by SIGHUP, and by watching.

use crate::binary::{Served, run, stderr};
use crate::client::{Answer, Client};
use crate::{reset_path, user};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::ScopedJoinHandle;
use std::time::Duration;
use wksmock::MockServer;

const PUT: &str = "PUT /__admin/scenario";

fn put(client: &mut Client, scenario: &str) -> Answer {
    client.request("PUT", "/__admin/scenario", &[], scenario)
}

fn path(user: &str) -> String {
    format!("/v2/p/users/{user}/random-password")
}

/// A scenario of one rule for all users.
fn scenario(name: &str, status: u16) -> String {
    json!({"rules": [{"name": name, "status": status}]}).to_string()
}

fn users(ids: &[&str]) -> String {
    let users: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    json!({"projects": [{"id": "p", "users": users}]}).to_string()
}

fn errors(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 422, "{answer:?}");
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| (text(error, "place"), text(error, "message"))).collect()
}

#[test]
fn calls_do_not_wait_for_a_long_scenario_to_load() {
    let mock = MockServer::builder().start_blocking().unwrap();
    let rules: Vec<_> = (1..=20_000)
        .map(|call| json!({ "name": format!("call {call}"), "when": { "user": user("0002"), "calls": call.to_string() }, "status": 500 }))
        .collect();
    let scenario = json!({ "rules": rules }).to_string();
    let mut administrator = Client::connect(mock.url());
    administrator.send(format!(
        "PUT /__admin/scenario HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{scenario}",
        scenario.len()
    ));
    let mut client = Client::connect(mock.url());
    for _ in 0..5 {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
    assert!(
        !administrator.has_answer_within(Duration::from_millis(1)),
        "it took no time, and this test proves nothing"
    );
    assert_eq!(administrator.answer(false).status, 200);
}

#[test]
fn put_scenario_replaces_files_and_keeps_call_numbers() {
    let mock = MockServer::builder()
        .verify_on_drop(false)
        .seed(7)
        .scenario_json(scenario("from a file", 500))
        .fault(format!("{}=404:3", user("0001")))
        .start_blocking()
        .unwrap();
    let mut client = Client::connect(mock.url());
    let call = |client: &mut Client| client.get(&reset_path(&user("0001")));
    assert_eq!(call(&mut client).status, 500);
    let new = "{\n  \"name\": \"new\",\n  \"rules\": [\n    {\"name\": \"third\", \"when\": {\"calls\": \"2\"}, \"status\": 503}\n  ]\n}";
    let taken = put(&mut client, new);
    assert_eq!((taken.status, taken.json()), (200, json!({"rules": 2, "expectations": 0, "ended_overrides": []})));
    assert_eq!(call(&mut client).status, 503);
    assert_eq!(call(&mut client).status, 404, "flags stay");
    assert_eq!(Some(call(&mut client).password()), mock.password(crate::PROJECT, &user("0001"), 4));
    assert_eq!(client.get(&reset_path(&user("0401"))).status, 401, "the embedded scenario stays");
    assert_eq!(client.get("/__admin/users").json()["users"][3]["magic_status"], 401);
    let cause = mock.requests()[1].decision.clone().unwrap().causes.status.unwrap();
    assert_eq!((cause.rule.as_str(), cause.place), ("third", format!("{PUT}:4:5")));
    // The active scenario is shown verbatim.
    let shown = client.get("/__admin/scenario");
    assert!(shown.body.contains(new), "{}", shown.body);
    let shown = shown.json();
    assert_eq!(shown["faults"], json!([format!("{}=404:3", user("0001"))]));
    let names: Vec<_> = shown["scenarios"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, [PUT, "scenarios/magic-users.json"]);
    let three = |client: &mut Client| (0..3).map(|_| call(client).status).collect::<Vec<_>>();
    mock.reset();
    assert_eq!(three(&mut client), [500, 500, 404], "a reset puts the files back");
    assert_eq!(put(&mut client, new).status, 200);
    assert_eq!(
        client.request("POST", "/__admin/reset", &[], &json!({"project": crate::PROJECT}).to_string()).status,
        200
    );
    assert_eq!(three(&mut client), [200, 503, 404], "that of one project does not");
    // Names of the files stay reserved, so that the files can return.
    let taken_name = json!({"name": "from a file", "status": 500}).to_string();
    assert_eq!(client.request("POST", "/__admin/overrides", &[], &taken_name).status, 409);
    for _ in 0..2 {
        assert_eq!(client.request("DELETE", "/__admin/scenario", &[], "").status, 204);
        assert_eq!(call(&mut client).status, 500);
        assert_eq!(client.get("/__admin/scenario").json()["scenarios"][0]["name"], "scenario_json #1");
    }
}

#[test]
fn embedded_scenario_sent_by_put_is_active_once() {
    let mock =
        MockServer::builder().scenario_json(scenario("from a file", 500)).fault(format!("{}=404:3", user("0001")));
    let mock = mock.start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let shown = client.get("/__admin/scenario").json();
    let magic = shown["scenarios"][1]["document"].to_string();
    assert_eq!(put(&mut client, &magic).status, 422, "as another text its names are taken");
    assert_eq!(put(&mut client, include_str!("../../scenarios/magic-users.json")).json()["rules"], 1, "the flag");
    assert_eq!(client.get("/__admin/health").json()["rules"], 8);
}

#[test]
fn invalid_scenario_keeps_the_old_one_and_is_located() {
    let mock = MockServer::builder().seed(7).scenario_json(scenario("old", 500)).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let bad = "{\"rules\": [\n{\"name\": \"a\", \"status\": 418},\n{\"name\": \"b\", \"when\": {\"user\": \"x\"}, \"status\": 503}]}";
    let places: Vec<_> = errors(&put(&mut client, bad)).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [format!("{PUT}:2:25"), format!("{PUT}:3:32")]);
    let seeded = put(&mut client, r#"{"seed": 8, "rules": []}"#);
    assert_eq!(
        errors(&seeded),
        [(format!("{PUT}:1:10"), "the seed differs from that of the server; expected 7".to_owned())]
    );
    let twice =
        put(&mut client, "{\"rules\": [\n{\"name\": \"a\", \"status\": 503},\n{\"name\": \"a\", \"status\": 500}]}");
    let also = json!({"place": format!("{PUT}:2:10"), "message": "first given here"});
    assert_eq!((twice.status, &twice.json()["errors"][0]["also"]), (422, &also));
    let fault_named = put(&mut client, r#"{"rules": [{"name": "magic 503", "status": 503}]}"#);
    assert!(errors(&fault_named)[0].1.contains("two rules are named `magic 503`"), "{fault_named:?}");
    // An invalid scenario ends no override of its names.
    assert_eq!(client.post("overrides", &json!({"name": "a", "status": 404})).status, 201);
    errors(&put(&mut client, bad));
    assert_eq!(client.get("/__admin/overrides").json()["overrides"].as_array().unwrap().len(), 1);
    for body in ["{", "[]", "{}", "{\"rules\": 1}"] {
        assert!(errors(&put(&mut client, body))[0].0.starts_with(PUT), "{body}");
    }
    assert_eq!(put(&mut client, "").status, 400);
    assert_eq!(client.request("PUT", "/__admin/scenario", &["Content-Type: text/plain"], "{}").status, 415);
    mock.remove_overrides();
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 500);
    assert_eq!(put(&mut client, r#"{"seed": 7, "rules": [{"name": "new", "status": 503}]}"#).status, 200);
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 503);
    // Names of the replaced scenario stay reserved like those of the active one: it may return.
    assert_eq!(client.post("overrides", &json!({"name": "old", "status": 404})).status, 409);
    assert_eq!(client.post("overrides", &json!({"name": "new", "status": 404})).status, 409);
    assert_eq!(client.get("/__admin/health").json()["status"], "ok");
}

/// A server with its files.
struct Files {
    folder: tempfile::TempDir,
    served: Served,
    client: Client,
}

impl Files {
    fn serve(flags: &[&str], of_users: &str, of_scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [users, scenario] = ["users.json", "scenario.json"].map(|name| folder.path().join(name));
        std::fs::write(&users, of_users).unwrap();
        std::fs::write(&scenario, of_scenario).unwrap();
        let files = ["--users", users.to_str().unwrap(), "--scenario", scenario.to_str().unwrap()];
        let served = Served::start(&[&files, flags].concat());
        let client = served.client();
        Self { folder, served, client }
    }

    fn watched(of_users: &str, of_scenario: &str) -> Self {
        Self::serve(&["--watch", "--limit", "watch_interval_ms=5", "--log-level", "off"], of_users, of_scenario)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces a file atomically.
    fn replace(&self, name: &str, text: &str) {
        let beside = self.file("beside");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, self.file(name)).unwrap();
    }

    fn health(&mut self) -> Value {
        self.client.get("/__admin/health").json()
    }

    /// Waits until health reports this.
    fn until(&mut self, field: &str, value: &Value) -> Value {
        loop {
            let health = self.health();
            if health[field] == *value {
                return health;
            }
            std::thread::yield_now();
        }
    }

    /// Triggers a reload, and waits for it.
    fn hang_up(&mut self) -> Value {
        let reloads = self.health()["reloads"].as_u64().unwrap();
        self.served.signal("HUP");
        self.until("reloads", &json!(reloads + 1))
    }

    fn calls(&mut self) -> Vec<(String, u64)> {
        let users = self.client.get("/__admin/users").json()["users"].clone();
        let shown = |user: &Value| (user["id"].as_str().unwrap().to_owned(), user["calls"].as_u64().unwrap());
        users.as_array().unwrap().iter().map(shown).collect()
    }
}

#[test]
fn watched_file_reloads_and_an_invalid_one_is_stale() {
    let mut files = Files::watched(&users(&["a", "b"]), &scenario("first", 500));
    assert_eq!(files.client.get(&path("a")).status, 500);
    files.replace("scenario.json", &scenario("second", 503));
    files.until("reloads", &json!(1));
    assert_eq!(files.client.get(&path("a")).status, 503);
    // Several errors, in either kind of file: the loaded setup stays in force.
    files.replace("scenario.json", &scenario("third", 418));
    let health = files.until("status", &json!("stale"));
    let file = files.file("scenario.json").display().to_string();
    assert_eq!(health["problems"][0]["place"], format!("{file}:1:36"));
    assert!(health["problems"][0]["message"].as_str().unwrap().contains("418"), "{health}");
    assert_eq!(files.client.get(&path("a")).status, 503);
    files.replace("users.json", "{");
    let health = files.until("reloads", &json!(3));
    assert_eq!((&health["status"], health["problems"].as_array().unwrap().len()), (&json!("stale"), 2));
    let served = run(&["health", &files.served.url]);
    assert_eq!((served.status.code(), crate::binary::stdout(&served).as_str()), (Some(0), "stale\n"));
    std::fs::remove_file(files.file("scenario.json")).unwrap();
    let health = files.until("reloads", &json!(4));
    assert!(health["problems"].to_string().contains("no such file"), "{health}");
    // A valid file ends that state, and calls are counted on.
    files.replace("users.json", &users(&["a", "b"]));
    files.replace("scenario.json", r#"{"rules": []}"#);
    let health = files.until("status", &json!("ok"));
    assert_eq!(health["problems"], json!([]));
    assert_eq!(files.client.get(&path("a")).status, 200);
    assert_eq!(files.calls(), [("a".to_owned(), 4), ("b".to_owned(), 0)]);
}

#[test]
fn files_reload_once_a_conflicting_override_is_gone() {
    let mut files = Files::watched(&users(&["a"]), &scenario("first", 500));
    let made = files.client.post("overrides", &json!({"name": "mine", "when": {"calls": "9"}, "status": 404}));
    files.replace("scenario.json", &scenario("mine", 503));
    let health = files.until("status", &json!("stale"));
    assert!(health.to_string().contains("DELETE /__admin/overrides/1"), "{health}");
    let id = made.json()["id"].clone();
    assert_eq!(files.client.request("DELETE", &format!("/__admin/overrides/{id}"), &[], "").status, 204);
    files.until("status", &json!("ok"));
    assert_eq!(files.client.get(&path("a")).status, 503);
}

#[test]
fn change_that_keeps_size_and_time_is_noticed() {
    let mut files = Files::watched(&users(&["a"]), &scenario("first", 500));
    let [file, aside] = ["scenario.json", "aside"].map(|name| files.file(name));
    for (number, status) in [(1, 503), (2, 404), (3, 500)] {
        std::fs::write(&aside, scenario("first", status)).unwrap();
        assert!(Command::new("touch").arg("-r").arg(&file).arg(&aside).status().unwrap().success());
        let look = |path: &Path| path.metadata().map(|found| (found.len(), found.modified().unwrap())).unwrap();
        assert_eq!(look(&aside), look(&file));
        std::fs::rename(&aside, &file).unwrap();
        files.until("reloads", &json!(number));
        assert_eq!(files.client.get(&path("a")).status, status);
    }
}

#[test]
fn directory_is_watched_and_editor_files_are_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("b.json"), scenario("b", 500)).unwrap();
    let flags = ["--watch", "--limit", "watch_interval_ms=5", "--log-level", "off"];
    let served = Served::start(&[&["--scenario", folder.path().to_str().unwrap()], &flags[..]].concat());
    let mut client = served.client();
    let mut until = |status: u16| while client.get(&reset_path(&user("0001"))).status != status {};
    until(500);
    let place = |name: &str, text: &str| {
        std::fs::write(file("beside"), text).unwrap();
        std::fs::rename(file("beside"), file(name)).unwrap();
    };
    place("a.json", &scenario("a", 503));
    until(503);
    std::fs::remove_file(file("a.json")).unwrap();
    until(500);
    let reloads = || served.client().get("/__admin/health").json()["reloads"].as_u64().unwrap();
    // The count follows the effect.
    while reloads() < 2 {}
    assert_eq!(reloads(), 2);
    // An unchanged file is left; the change after it shows that it was examined.
    place("b.json", &scenario("b", 500));
    place("c.json", "{");
    while reloads() == 2 {}
    assert_eq!(reloads(), 3);
    assert_eq!(served.client().get("/__admin/health").json()["status"], "stale");
    until(500);
}

#[test]
fn hidden_files_and_briefly_broken_links_are_tolerated() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, file(name)).unwrap();
    std::fs::write(file("a.json"), scenario("a", 500)).unwrap();
    // Files that editors and systems put beside an edited or copied file.
    link("somebody@somewhere.1234:5678", ".#a.json");
    std::fs::write(file("._a.json"), b"\0\x05\x16\x07").unwrap();
    std::fs::write(file(".a.json.swp"), "{").unwrap();
    std::fs::write(file(".hidden.json"), "{").unwrap();
    let flags = ["--watch", "--limit", "watch_interval_ms=5", "--log-level", "off"];
    let served = Served::start(&[&["--scenario", folder.path().to_str().unwrap()], &flags[..]].concat());
    let mut client = served.client();
    let mut call = || client.get(&reset_path(&user("0001"))).status;
    let health = || served.client().get("/__admin/health").json();
    assert_eq!((call(), health()["status"].as_str()), (500, Some("ok")));
    // A hidden file that changes is ignored; a broken link is noticed, and so is its repair.
    std::fs::write(file(".hidden.json"), "[").unwrap();
    link("nowhere.json", "b.json");
    while health()["status"] != "stale" {}
    let told = health()["problems"][0].clone();
    assert!(told.to_string().contains("this link is broken") && told.to_string().contains("nowhere.json"), "{told}");
    assert_eq!(call(), 500);
    std::fs::remove_file(file("b.json")).unwrap();
    while health()["status"] != "ok" {}
    // A hidden file that is named itself is watched like any other.
    let hidden = file(".hidden.json");
    std::fs::write(&hidden, scenario("hidden", 503)).unwrap();
    assert_eq!(run(&["check", hidden.to_str().unwrap()]).status.code(), Some(0));
    link("nowhere.json", "b.json");
    let refused = run(&["serve", "--port", "0", "--scenario", folder.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("this link is broken"), "{}", stderr(&refused));
}

#[test]
fn sighup_reloads_files_with_and_without_watching() {
    let never = ["--watch", "--limit", "watch_interval_ms=600000", "--log-level", "off"];
    for flags in [&never[..], &["--log-level", "off"]] {
        let mut files = Files::serve(flags, &users(&["a"]), &scenario("first", 500));
        files.replace("scenario.json", &scenario("second", 503));
        assert_eq!(files.client.get(&path("a")).status, 500, "the files were not examined");
        let health = files.hang_up();
        assert_eq!((&health["status"], files.client.get(&path("a")).status), (&json!("ok"), 503));
        // Reloaded files replace a scenario that was PUT, and a reset keeps them.
        assert_eq!(put(&mut files.client, &scenario("put", 404)).status, 200);
        assert_eq!(files.client.get(&path("a")).status, 404);
        files.hang_up();
        assert_eq!(files.client.get(&path("a")).status, 503);
        files.replace("scenario.json", "{");
        assert_eq!(files.hang_up()["status"], "stale");
        assert_eq!(files.client.post("reset", &json!({})).status, 200);
        assert_eq!((files.health()["status"].clone(), files.client.get(&path("a")).status), (json!("stale"), 503));
        assert_eq!(files.served.terminate().0, Some(0), "it still ends by the other signals");
    }
}

#[test]
fn reload_keeps_counters_overrides_and_clones_by_id() {
    let mut files = Files::serve(&["--log-level", "warn"], &users(&["a", "b", "c"]), r#"{"rules": []}"#);
    for (id, calls) in [("a", 1), ("b", 2), ("c", 3)] {
        for _ in 0..calls {
            assert_eq!(files.client.get(&path(id)).status, 200);
        }
    }
    for id in ["x", "y"] {
        assert_eq!(files.client.post("projects", &json!({"from": "p", "id": id})).status, 201);
    }
    for id in ["a", "c"] {
        files.client.get(&format!("/v2/x/users/{id}/random-password"));
    }
    for rule in [
        json!({"when": {"user": "c"}, "status": 503}),
        json!({"when": {"user": "a"}, "status": 404}),
        json!({"when": {"project": "x"}, "status": 500}),
    ] {
        assert_eq!(files.client.post("overrides", &rule).status, 201);
    }
    let mut waiting = files.served.client().begin_reset(&path("b"));

    files.replace("users.json", &users(&["new", "b", "a"]));
    let health = files.hang_up();
    assert_eq!((&health["status"], &health["overrides"], &health["clones"]), (&json!("ok"), &json!(2), &json!(2)));
    assert_eq!(health["problems"][0]["place"], "override 1");
    assert!(health["problems"][0]["message"].as_str().unwrap().contains("unknown user `c`"), "{health}");
    waiting.send("{}");
    assert_eq!(waiting.answer(false).status, 200, "nothing that waits is lost");
    let own = |calls: &[(&str, u64)]| calls.iter().map(|(id, calls)| ((*id).to_owned(), *calls)).collect::<Vec<_>>();
    assert_eq!(files.calls(), own(&[("new", 0), ("b", 3), ("a", 1)]));
    let shown = files.client.get("/__admin/passwords/p/b").json();
    assert_eq!(shown["current"]["call"], 3, "current passwords go on too");
    assert_eq!(["a", "b", "c"].map(|id| files.client.get(&path(id)).status), [404, 200, 404]);
    assert_eq!(files.client.get("/v2/x/users/b/random-password").status, 500);
    let of_clone = files.client.get("/__admin/users?project=x").json();
    let calls: Vec<_> = of_clone["users"].as_array().unwrap().iter().map(|user| user["calls"].clone()).collect();
    assert_eq!(calls, [0, 1, 1]);

    // A user who was removed and returns starts at call 1.
    files.replace("users.json", &users(&["c", "a"]));
    assert_eq!(files.hang_up()["problems"], json!([]));
    assert_eq!(files.calls(), own(&[("c", 0), ("a", 2)]));
    assert_eq!(files.client.get("/__admin/users?project=x").json()["users"][0]["calls"], 0);
    // A clone ends with its template, or if a project takes its id; an override ends with its clone.
    files.replace("users.json", &users(&["a"]).replace("\"p\"", "\"y\""));
    let health = files.hang_up();
    assert_eq!((&health["projects"], &health["clones"], &health["overrides"]), (&json!(1), &json!(0), &json!(1)));
    let problems = health["problems"].as_array().unwrap().clone();
    let mut places: Vec<_> = problems.iter().map(|problem| problem["place"].as_str().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, ["clone x", "clone y", "override 3"]);
    assert_eq!(files.client.post("reset", &json!({})).status, 200);
    assert_eq!(files.health()["problems"], json!([]), "after a reset nothing is missing");
    let (_, _, log) = files.served.terminate();
    assert!(log.contains("the override was removed") && log.contains("clone x"), "{log}");
}

#[test]
fn reload_under_load_uses_every_call_number_once() {
    // A fixed number, however long it takes: a busy machine has the same work.
    const CLIENTS: usize = 6;
    const CALLS: usize = 1_500;
    let ids = ["a", "b", "c", "d"];
    let flags = ["--threads", "2", "--log-level", "off", "--limit", "journal_entries_max=1000000"];
    let more = ["--limit", "journal_bytes_max=1000000000", "--limit", "requests_per_connection_max=1000000"];
    let mut files = Files::serve(&[&flags[..], &more].concat(), &users(&ids), r#"{"rules": []}"#);
    let url = files.served.url.clone();
    let call = |at: usize| {
        let mut client = Client::connect(&url);
        for made in 0..CALLS {
            assert_eq!(client.get(&path(ids[(at + made) % ids.len()])).status, 200);
        }
    };
    let call = &call;
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|at| scope.spawn(move || call(at))).collect();
        for round in 0.. {
            let mut order = ids.to_vec();
            order.rotate_left(round % ids.len());
            order.insert(round % 3, "other");
            files.replace("users.json", &users(&order));
            assert_eq!(files.hang_up()["status"], "ok");
            if clients.iter().all(ScopedJoinHandle::is_finished) {
                assert!(round > 3, "each user has moved");
                break;
            }
        }
    });
    let counted: u64 = files.calls().iter().map(|(_, calls)| calls).sum();
    assert_eq!(counted, (CLIENTS * CALLS) as u64);
    let mut since = 0;
    let mut numbers = std::collections::BTreeMap::<String, Vec<u64>>::new();
    loop {
        let page = files.client.get(&format!("/__admin/requests?since={since}")).json();
        for entry in page["requests"].as_array().unwrap() {
            let user = entry["user"].as_str().unwrap().to_owned();
            numbers.entry(user).or_default().push(entry["call"].as_u64().unwrap());
        }
        if page["requests"].as_array().unwrap().is_empty() {
            break;
        }
        since = page["next"].as_u64().unwrap();
    }
    for (user, mut numbers) in numbers {
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{user}");
        let current = files.client.get(&format!("/__admin/passwords/p/{user}")).json();
        assert_eq!(current["current"]["call"], numbers.len(), "{user}");
    }
}

#[test]
fn calls_before_a_reload_are_judged_after_it() {
    let expecting = |min: u64| {
        let expect =
            json!({"name": "twice", "when": {"user": "b"}, "calls": {"min": min, "max": min}, "ends_with": 200});
        json!({"rules": [], "expect": [expect]}).to_string()
    };
    let mut files = Files::serve(&["--log-level", "off"], &users(&["a", "b"]), &expecting(1));
    let verdict = |client: &mut Client| {
        let answer = client.post("verify", &json!({})).json();
        (answer["passed"].as_bool().unwrap(), answer["expectations"][0]["seen"].as_array().unwrap().len())
    };
    files.client.get(&path("b")).password();
    assert_eq!(verdict(&mut files.client), (true, 1));
    // The user now has another index, and more is expected.
    files.replace("users.json", &users(&["c", "d", "b"]));
    files.replace("scenario.json", &expecting(2));
    assert_eq!(files.hang_up()["status"], "ok");
    assert_eq!(verdict(&mut files.client), (false, 1));
    files.client.get(&path("b")).password();
    assert_eq!(verdict(&mut files.client), (true, 2));
    // An unreadable file changes no expectation.
    files.replace("scenario.json", "{");
    assert_eq!(files.hang_up()["status"], "stale");
    assert_eq!(verdict(&mut files.client), (true, 2));
}

#[test]
fn put_scenario_judges_only_later_calls() {
    let expect = json!([
        {"name": "once", "calls": {"min": 1, "max": 1}, "ends_with": 200},
        {"name": "named", "when": {"user": user("0002")}, "calls": {"max": 0}},
        {"name": "listed", "when": {"operation": "ListUsers"}, "calls": {"max": 1}},
        {"name": "looked up", "when": {"operation": "KeystoneListProjects"}, "calls": {"max": 1}, "ends_with": 200},
        {"name": "told", "when": {"user": user("0503")}, "notified": {"email": {"max": 0}}},
    ]);
    let scenario = json!({"rules": [], "expect": expect}).to_string();
    let mock = MockServer::builder().verify_on_drop(false).scenario_json(&scenario).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let token = format!("X-Auth-Token: {}", crate::signer::token(&mut client));
    let calls = |client: &mut Client| {
        client.get(&reset_path(&user("0001"))).password();
        client.request("GET", &format!("/v2/{}/users", crate::PROJECT), &["Content-Type: application/json"], "");
        client.request("GET", "/v3/projects", &[&token], "");
    };
    let verdict = |client: &mut Client| {
        let verdict = client.post("verify", &json!({})).json();
        let failed = verdict["expectations"].as_array().unwrap().iter().filter(|one| one["passed"] == false);
        failed.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        calls(&mut client);
    }
    for end in ["0002", "0503"] {
        client.get(&format!("{}?notification_type=email", reset_path(&user(end))));
    }
    mock.override_json(&json!({"when": {"user": user("0503")}, "status": 200}).to_string()).unwrap();
    client.get(&format!("{}?notification_type=email", reset_path(&user("0503"))));
    assert_eq!(verdict(&mut client), ["once", "named", "listed", "looked up", "told"]);
    for take in ["PUT", "DELETE"] {
        let body = if take == "PUT" { scenario.as_str() } else { "" };
        assert!(client.request(take, "/__admin/scenario", &[], body).status < 300);
        assert_eq!(verdict(&mut client), ["once", "looked up"], "no calls since");
        calls(&mut client);
        assert_eq!(verdict(&mut client), [""; 0]);
        calls(&mut client);
        assert_eq!(verdict(&mut client), ["once", "listed", "looked up"]);
    }
    let seen = client.post("verify", &json!({})).json()["expectations"][0]["seen"].clone();
    assert_eq!(seen.as_array().unwrap().iter().map(|call| call["call"].as_u64().unwrap()).collect::<Vec<_>>(), [5, 6]);
    mock.reset();
    calls(&mut client);
    assert_eq!(verdict(&mut client), [""; 0], "a reset begins anew");
}

#[test]
fn reload_with_another_seed_is_refused() {
    let seeded = |seed: u64| json!({"seed": seed, "rules": []}).to_string();
    let mut files = Files::serve(&["--log-level", "off"], &users(&["a"]), &seeded(7));
    let password = files.client.get(&path("a")).password();
    files.replace("scenario.json", &seeded(8));
    let health = files.hang_up();
    assert_eq!((&health["status"], &health["seed"]), (&json!("stale"), &json!(7)));
    let problem = &health["problems"][0];
    assert!(problem["message"].as_str().unwrap().contains("expected 7"), "{health}");
    assert!(problem["place"].as_str().unwrap().ends_with("scenario.json:1:9"), "{health}");
    assert_eq!(files.client.get("/__admin/passwords/p/a").json()["current"]["password"], password);
    files.replace("scenario.json", &seeded(7));
    assert_eq!(files.hang_up()["status"], "ok");
    // A seed flag takes precedence over those of files.
    let mut files = Files::serve(&["--log-level", "off", "--seed", "1"], &users(&["a"]), &seeded(7));
    files.replace("scenario.json", &seeded(8));
    assert_eq!(files.hang_up()["status"], "ok");
}

#[test]
fn watched_input_must_be_readable_twice() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("users.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let refused = run(&["serve", "--port", "0", "--watch", "--users", pipe]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("cannot be reloaded"), "{}", stderr(&refused));
    let mut serving = crate::binary::wksmock(&["serve", "--port", "0", "--log-level", "off", "--users", pipe]);
    let writes = std::thread::spawn({
        let pipe = pipe.to_owned();
        move || std::fs::write(pipe, users(&["a"])).unwrap()
    });
    let served = Served::spawn(&mut serving);
    writes.join().unwrap();
    let mut client = served.client();
    served.signal("HUP");
    while client.get("/__admin/health").json()["status"] != "stale" {}
    assert_eq!(client.get(&path("a")).status, 200);
    assert_eq!(served.terminate().0, Some(0));
}

/// Changes a user of a project over the API.
fn change(client: &mut Client, method: &str, path: &str, body: &Value) -> Answer {
    client.request(method, path, &["Content-Type: application/json"], &body.to_string())
}

/// A users file of one user with this address and a constant description.
fn user_with(email: &str) -> String {
    json!({"projects": [{"id": "p", "users": [
        {"id": "a", "user_email": email}, {"id": "b", "user_email": email, "description": email},
    ]}]})
    .to_string()
}

#[test]
fn reload_forgets_patches_of_removed_users() {
    let mut files = Files::serve(&["--log-level", "warn"], &users(&["a", "b"]), r#"{"rules": []}"#);
    assert_eq!(files.client.post("projects", &json!({"from": "p", "id": "x"})).status, 201);
    let made = json!({"user_name": "carol", "user_email": "c@x.org"});
    let carol = change(&mut files.client, "POST", "/v2/x/users", &made).json()["id"].as_str().unwrap().to_owned();
    let carol = format!("/v2/x/users/{carol}/random-password?notification_type=email");
    let first = files.client.get(&carol).password();
    for project in ["p", "x"] {
        let b = format!("/v2/{project}/users/b");
        assert_eq!(change(&mut files.client, "PUT", &b, &json!({"description": "kept"})).status, 200);
        assert_eq!(change(&mut files.client, "DELETE", &format!("/v2/{project}/users/a"), &Value::Null).status, 204);
        assert_eq!(files.client.get(&format!("{b}/random-password")).status, 200);
    }
    files.replace("users.json", &users(&["c"]));
    files.hang_up();
    for project in ["p", "x"] {
        let b = format!("/v2/{project}/users/b");
        for path in [b.clone(), format!("{b}/random-password")] {
            let gone = change(&mut files.client, "GET", &path, &Value::Null);
            assert_eq!((gone.status, gone.error_code().as_str()), (404, "WKS.00211902"), "{path}");
        }
    }
    assert_ne!(files.client.get(&carol).password(), first, "a created user keeps counting");
    files.replace("users.json", &users(&["a", "b"]));
    files.hang_up();
    for project in ["p", "x"] {
        let shown = |client: &mut Client, user: &str| {
            change(client, "GET", &format!("/v2/{project}/users/{user}"), &Value::Null).json()["user_detail"].clone()
        };
        assert_eq!(shown(&mut files.client, "a")["id"], "a", "the deleted one too");
        assert_eq!(shown(&mut files.client, "b").get("description"), None);
    }
    assert_eq!(files.calls(), [("a".to_owned(), 0), ("b".to_owned(), 0)]);
}

#[test]
fn reload_updates_unpatched_fields_of_a_changed_user() {
    let mut files = Files::serve(&["--log-level", "warn"], &user_with("old@x.org"), r#"{"rules": []}"#);
    let b = "/v2/p/users/b";
    let act = |client: &mut Client, action: &str| {
        change(client, "POST", &format!("{b}/actions"), &json!({"op_type": action})).status
    };
    assert_eq!([act(&mut files.client, "LOCK"), act(&mut files.client, "RESET_PWD")], [204, 204]);
    let current = |client: &mut Client| client.get("/__admin/passwords/p/b").json()["current"].clone();
    let sent = current(&mut files.client);
    files.replace("users.json", &user_with("new@x.org"));
    files.hang_up();
    let shown = |client: &mut Client| change(client, "GET", b, &Value::Null).json()["user_detail"].clone();
    let now = shown(&mut files.client);
    assert_eq!(
        (&now["user_email"], &now["description"], &now["locked"]),
        (&json!("new@x.org"), &json!("new@x.org"), &json!(true))
    );
    assert_eq!(current(&mut files.client), sent, "the password stays");
    assert_eq!(act(&mut files.client, "RESET_PWD"), 204);
    let to: Vec<_> = files.client.get("/__admin/outbox").json()["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["to"].clone())
        .collect();
    assert_eq!(to, ["old@x.org", "new@x.org"]);
    // Each patched field stays.
    assert_eq!(change(&mut files.client, "PUT", b, &json!({"description": "set"})).status, 200);
    files.replace("users.json", &user_with("newer@x.org"));
    files.hang_up();
    let now = shown(&mut files.client);
    assert_eq!(
        (&now["user_email"], &now["description"], &now["locked"]),
        (&json!("newer@x.org"), &json!("set"), &json!(true))
    );
}
