//! Clones: tests make many of them, and each behaves like its template and apart from all others.

use crate::client::{Answer, Client};
use crate::{PROJECT, limited, reset_path, user};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use wksmock::{CloneError, EntryState, Limits, MockServer};

const CLONES: usize = 2_000;
const CLIENTS: usize = 32;
const CALLS: usize = 3;
const USERS: &str = r#"{"projects": [
    {"id": "t", "users": [{"id": "plain", "user_name": "ada"}, {"id": "flaps"}, {"id": "sealed"}]},
    {"id": "other", "users": [{"id": "plain"}]}]}"#;
const SCENARIO: &str = r#"{"rules": [
    {"name": "script", "when": {"user": "flaps"}, "sequence": [503, 500], "then": "restart"},
    {"name": "of the project", "when": {"project": "t", "user": "sealed", "calls": "2"}, "status": 403},
    {"name": "rare", "when": {"project": "t", "chance": 0.4}, "status": 500, "phase": "after"}]}"#;
const NAMES: [&str; 3] = ["plain", "flaps", "sealed"];

fn mock() -> MockServer {
    MockServer::builder().users_json(USERS).scenario_json(SCENARIO).seed(3).start_blocking().unwrap()
}

fn path(project: &str, user: &str) -> String {
    format!("/v2/{project}/users/{user}/random-password")
}

/// Makes a clone and returns its id.
fn clone(client: &mut Client, body: &Value) -> String {
    let made = client.post("projects", body);
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["id"].as_str().unwrap().to_owned()
}

fn remove(client: &mut Client, id: &str) -> u16 {
    client.request("DELETE", &format!("/__admin/projects/{id}"), &[], "").status
}

/// Returns the answer to a call without its request id.
fn essence(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.body)
}

/// Returns the answers to the first calls of each user, called in any order.
fn of_template() -> BTreeMap<&'static str, Vec<String>> {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let calls = |user| {
        let mut answers: Vec<_> = (0..CALLS).map(|_| essence(&client.get(&path("t", user)))).collect();
        answers.sort();
        (user, answers)
    };
    NAMES.into_iter().map(calls).collect()
}

#[test]
fn two_thousand_clones_each_behave_like_a_lone_template() {
    let expected = of_template();
    for status in ["200", "403", "500", "503"] {
        assert!(expected.values().flatten().any(|answer| answer.starts_with(status)), "no {status}");
    }
    let mock = mock();
    let ids = std::thread::scope(|scope| {
        let share = || {
            let mut client = Client::connect(mock.url());
            (0..CLONES.div_ceil(CLIENTS)).map(|_| clone(&mut client, &json!({"from": "t"}))).collect::<Vec<_>>()
        };
        let shares: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(share)).collect();
        let mut ids: Vec<_> = shares.into_iter().flat_map(|share| share.join().unwrap()).collect();
        ids.truncate(CLONES);
        ids
    });
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), CLONES);
    let mut answers: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    std::thread::scope(|scope| {
        // Several clients call every clone, and each client switches between clones.
        let calls = |at: usize| {
            let mut client = Client::connect(mock.url());
            let mut made = Vec::new();
            for round in (0..CLONES * CALLS).skip(at).step_by(CLIENTS) {
                for user in NAMES {
                    let id = ids[round % CLONES].as_str();
                    made.push(((id, user), essence(&client.get(&path(id, user)))));
                }
            }
            made
        };
        let clients: Vec<_> = (0..CLIENTS).map(|at| scope.spawn(move || calls(at))).collect();
        for (call, answer) in clients.into_iter().flat_map(|client| client.join().unwrap()) {
            answers.entry(call).or_default().push(answer);
        }
    });
    assert_eq!(answers.len(), CLONES * NAMES.len());
    for ((id, user), mut answers) in answers {
        answers.sort();
        assert_eq!(answers, expected[user], "{id} {user}");
    }
    // The template itself has no calls.
    assert_eq!(Client::connect(mock.url()).get("/__admin/users?project=t").json()["users"][0]["calls"], 0);
    assert!(mock.current_password("t", "plain").is_none());
}

#[test]
fn clone_appears_only_where_its_project_is_named() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    let made = client.post("projects", &json!({"from": "t", "id": "mine"}));
    assert_eq!((made.status, made.json()), (201, json!({"id": "mine", "from": "t", "users": 3})));
    let of_clone = client.post("projects", &json!({"from": "mine", "id": "of mine"}));
    assert_eq!(of_clone.json()["from"], "t", "a clone of a clone is one of the original");
    // The response is lost although the password is reset.
    assert_eq!(client.get(&path("mine", "plain")).status, 500);
    assert_eq!(mock.current_password("mine", "plain"), mock.password("t", "plain", 1));
    assert_eq!(mock.current_password("t", "plain"), None);
    let shown = client.get("/__admin/passwords/mine/plain").json();
    assert_eq!((&shown["project"], &shown["current"]["call"]), (&json!("mine"), &json!(1)));
    let calls = |client: &mut Client, query: &str| {
        let users = client.get(&format!("/__admin/users{query}")).json()["users"].clone();
        users
            .as_array()
            .unwrap()
            .iter()
            .map(|user| (user["project"].clone(), user["calls"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(calls(&mut client, "?project=mine")[..2], [(json!("mine"), json!(1)), (json!("mine"), json!(0))]);
    assert!(calls(&mut client, "").iter().all(|(project, calls)| project != "mine" && calls == 0));
    let entries = client.get("/__admin/requests?project=mine").json()["requests"].clone();
    assert_eq!((entries.as_array().unwrap().len(), &entries[0]["project"]), (1, &json!("mine")));
    let health = client.get("/__admin/health").json();
    assert_eq!((&health["projects"], &health["clones"]), (&json!(2), &json!(2)));
    assert_eq!(client.get(&path("mine", "nobody")).status, 404);
    let page = client.get("/__admin/projects?limit=3").json();
    let shown = |page: &Value| {
        let projects = page["projects"].as_array().unwrap().clone();
        projects.iter().map(|one| (one["id"].clone(), one["from"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(shown(&page), [(json!("t"), json!(null)), (json!("other"), json!(null)), (json!("mine"), json!("t"))]);
    // The next page continues where the last one ended, even if clones were deleted meanwhile.
    assert_eq!(remove(&mut client, "mine"), 204);
    let next = client.get(&format!("/__admin/projects?limit=3&cursor={}", page["next"])).json();
    assert_eq!((shown(&next), &next["next"]), (vec![(json!("of mine"), json!("t"))], &json!(null)));
}

#[test]
fn clone_override_applies_to_the_clone_until_reset_or_deletion() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for id in ["a", "b"] {
        clone(&mut client, &json!({"from": "other", "id": id}));
    }
    let statuses = |client: &mut Client| ["other", "a", "b"].map(|project| client.get(&path(project, "plain")).status);
    let put = |client: &mut Client, rule: Value| assert_eq!(client.post("overrides", &rule).status, 201, "{rule}");
    let count = |client: &mut Client| client.get("/__admin/overrides").json()["overrides"].as_array().unwrap().len();
    put(&mut client, json!({"when": {"project": "a"}, "status": 503}));
    assert_eq!(statuses(&mut client), [200, 503, 200]);
    // The newest override takes precedence, whether it is for all projects, the template or the clone.
    put(&mut client, json!({"when": {"project": "other"}, "status": 500}));
    assert_eq!(statuses(&mut client), [500, 500, 500]);
    put(&mut client, json!({"when": {"project": ["b"], "user": "plain", "calls": "3"}, "status": 404}));
    assert_eq!(statuses(&mut client), [500, 500, 404]);
    put(&mut client, json!({"when": {"project": ["a", "b"]}, "status": 401}));
    assert_eq!((statuses(&mut client), count(&mut client)), ([500, 401, 401], 4));
    // A reset removes the overrides of the clone alone.
    assert_eq!(client.post("reset", &json!({"project": "a"})).status, 200);
    assert_eq!((statuses(&mut client), count(&mut client)), ([500, 401, 401], 3));
    // So does deletion; an override for several clones ends with the last of them.
    assert_eq!((remove(&mut client, "b"), count(&mut client)), (204, 2));
    assert_eq!((remove(&mut client, "a"), count(&mut client)), (204, 1));
    assert_eq!(statuses(&mut client), [500, 404, 404]);
    // A new clone with the id has none of the old one's overrides.
    clone(&mut client, &json!({"from": "t", "id": "a"}));
    put(&mut client, json!({"when": {"project": "other"}, "status": 200}));
    assert_eq!(client.get(&path("a", "flaps")).status, 503);
    let unknown = client.post("overrides", &json!({"when": {"project": "a", "user": "plian"}, "status": 503}));
    assert_eq!(unknown.status, 422);
    assert_eq!(unknown.json()["errors"][0]["hint"], "did you mean `plain`?");
    assert_eq!(client.post("overrides", &json!({"when": {"project": "b"}, "status": 503})).status, 422);
}

#[test]
fn full_reset_keeps_clones_and_restarts_them() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for id in ["a", "b"] {
        clone(&mut client, &json!({"from": "other", "id": id}));
    }
    let calls = |client: &mut Client, id: &str| {
        client.get(&format!("/__admin/users?project={id}")).json()["users"][0]["calls"].as_u64().unwrap()
    };
    for id in ["a", "a", "b", "other"] {
        assert_eq!(client.get(&path(id, "plain")).status, 200);
    }
    assert!(mock.reset_project("a"));
    assert_eq!(["a", "b", "other"].map(|id| calls(&mut client, id)), [0, 1, 1]);
    assert_eq!(mock.requests().len(), 2, "its entries are gone");
    // The template's own overrides are not shown as a clone's.
    assert!(mock.reset_project("other"));
    assert_eq!(["a", "b", "other"].map(|id| calls(&mut client, id)), [0, 1, 0]);
    assert_eq!(client.get(&path("other", "plain")).status, 200);
    // A reset of the clone, or of everything, cuts its waiting calls.
    let waiting = ["a", "b", "other"].map(|id| Client::connect(mock.url()).begin_reset(&path(id, "plain")));
    assert!(mock.reset_project("a"));
    let [mut of_a, mut of_b, mut of_other] = waiting;
    assert!(of_a.is_closed());
    of_other.send("{}");
    assert_eq!(of_other.answer(false).status, 200);
    mock.reset();
    assert!(of_b.is_closed());
    assert_eq!(["a", "b", "other"].map(|id| calls(&mut client, id)), [0, 0, 0]);
    assert!(!mock.reset_project("c"));
    assert_eq!(client.post("reset", &json!({"project": "c"})).status, 404);
}

#[test]
fn request_ids_differ_by_generation_and_repeat_by_run() {
    let run = || {
        let mock = mock();
        let mut client = Client::connect(mock.url());
        let mut ids = Vec::new();
        let mut call = |client: &mut Client, id: &str| ids.push(client.get(&path(id, "plain")).request_id());
        call(&mut client, "other");
        for _ in 0..2 {
            clone(&mut client, &json!({"from": "other", "id": "a"}));
            call(&mut client, "a");
            mock.reset_project("a");
            call(&mut client, "a");
            mock.reset();
            call(&mut client, "a");
            assert_eq!(remove(&mut client, "a"), 204);
        }
        let made = clone(&mut client, &json!({"from": "other"}));
        call(&mut client, &made);
        (ids, made)
    };
    let first = run();
    assert_eq!(first.0.iter().collect::<HashSet<_>>().len(), first.0.len());
    assert_eq!(first, run());
}

#[test]
fn deleted_clone_cuts_its_calls_and_keeps_its_entries() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    clone(&mut client, &json!({"from": "other", "id": "a"}));
    assert_eq!(client.get(&path("a", "plain")).status, 200);
    let (mut cut, mut untouched) = (
        Client::connect(mock.url()).begin_reset(&path("a", "plain")),
        Client::connect(mock.url()).begin_reset(&path("other", "plain")),
    );
    assert_eq!(remove(&mut client, "a"), 204);
    assert!(cut.is_closed());
    untouched.send("{}");
    assert_eq!(untouched.answer(false).status, 200);
    let states =
        || mock.requests().iter().map(|entry| (entry.project.clone().unwrap(), entry.state)).collect::<Vec<_>>();
    let [a, other] = ["a", "other"].map(str::to_owned);
    assert_eq!(
        states(),
        [(a.clone(), EntryState::Answered), (a, EntryState::Cut), (other.clone(), EntryState::Answered)]
    );
    clone(&mut client, &json!({"from": "other", "id": "a"}));
    assert_eq!(states(), [(other, EntryState::Answered)], "what the first did is not the second's");
    assert!(mock.current_password("a", "plain").is_none(), "the new one was not called");
    assert_eq!(client.get(&path("a", "plain")).status, 200);
    assert!(mock.reset_project("a"));
    assert_eq!(states().len(), 1);
}

#[test]
fn deleted_clones_calls_are_judged() {
    let expect = r#"{"name": "once", "calls": {"max": 1}}, {"name": "well", "when": {"project": "other", "user": "plain"}, "ends_with": 503}"#;
    let scenario = format!(r#"{{"expect": [{expect}]}}"#);
    let builder = MockServer::builder().verify_on_drop(false).users_json(USERS).scenario_json(&scenario);
    let mut limits = Limits::default();
    limits.clones_max = 2;
    let mock = builder.limits(limits).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let (done, epoch) = (
        |mock: &MockServer| mock.verify().expectations.iter().map(|one| one.nearest.clone()).collect(),
        || Client::connect(mock.url()).get("/__admin/health").json()["epoch"].as_u64().unwrap(),
    );
    let mut twice = |id: &str| {
        clone(&mut client, &json!({"from": "other", "id": id}));
        for _ in 0..2 {
            assert_eq!(client.get(&path(id, "plain")).status, 200);
        }
        assert_eq!(remove(&mut client, id), 204);
    };
    twice("a");
    let judged: Vec<_> = done(&mock);
    assert_eq!(
        judged,
        [Some("a/plain called twice: one too many".to_owned()), Some("a/plain's last call (2) got 200".to_owned())]
    );
    let coverage = mock.coverage();
    let met = coverage.operations[0].statuses.iter().find(|one| one.status == 200).unwrap();
    assert_eq!((met.count, met.users.len()), (2, 1), "who met it is known, and nothing counts twice");
    // Making a clone with an existing id resets it.
    let before = epoch();
    clone(&mut Client::connect(mock.url()), &json!({"from": "other", "id": "a"}));
    assert_eq!(epoch(), before + 1);
    let judged: Vec<_> = done(&mock);
    assert_eq!(judged, [None, Some("other/plain did not call".to_owned())]);
    assert_eq!(mock.coverage().operations[0].statuses.iter().map(|one| one.count).sum::<u64>(), 2);
    assert!(mock.remove_clone("a"));
    // The two latest deleted clones are remembered; an earlier one is unknown.
    for id in ["b", "c"] {
        twice(id);
    }
    let judged: Vec<_> = done(&mock);
    for one in judged {
        let said = one.unwrap();
        assert!(said.starts_with("the calls of 1 deleted clone are no longer known; raise clones_max"), "{said}");
    }
    mock.reset();
    let judged: Vec<_> = done(&mock);
    assert_eq!(judged, [None, Some("other/plain did not call".to_owned())]);
}

#[test]
fn clone_past_the_limit_is_refused() {
    let mock = limited(|limits| limits.clones_max = 3);
    let mut client = Client::connect(mock.url());
    let ids = [(); 3].map(|()| clone(&mut client, &json!({"from": PROJECT})));
    let past = client.post("projects", &json!({"from": PROJECT}));
    assert_eq!(past.status, 409);
    assert!(past.body.contains("at most 3 clones") && past.body.contains("DELETE"), "{past:?}");
    assert!(matches!(mock.clone_project(PROJECT), Err(CloneError::Full(3))));
    assert_eq!(remove(&mut client, &ids[0]), 204);
    assert_eq!(remove(&mut client, &ids[0]), 404);
    let fourth = clone(&mut client, &json!({"from": PROJECT}));
    assert!(!ids.contains(&fourth), "an id that was made is not made again");
    assert_eq!(client.get(&path(&fourth, &user("0503"))).status, 503);
}

#[test]
fn clone_ids_are_bounded_and_unique() {
    let mock = mock();
    let mut client = Client::connect(mock.url());
    for id in ["x".to_owned(), "密".repeat(255)] {
        assert_eq!(clone(&mut client, &json!({"from": "t", "id": id})), id);
        let encoded = percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert_eq!(client.get(&path(&encoded, "flaps")).status, 503);
        assert_eq!(remove(&mut client, &encoded), 204);
    }
    clone(&mut client, &json!({"from": "t", "id": "x"}));
    for (body, status, says) in [
        (json!({"from": "t", "id": "x"}), 409, "already exists"),
        (json!({"from": "t", "id": "other"}), 409, "already exists"),
        (json!({"from": "nowhere"}), 404, "nowhere"),
        (json!({"from": "t", "id": ""}), 422, "body:1:"),
        (json!({"from": "t", "id": "x".repeat(256)}), 422, "expected 1 to 255 characters"),
        (json!({"from": "t", "id": "a/b"}), 422, "slashes"),
        (json!({"id": "y"}), 422, "from"),
        (json!({"from": "t", "account": "nobody"}), 404, "Unknown account \\\"nobody\\\""),
        (json!({"from": "t", "account": 1}), 422, "account"),
        (json!({"from": "t", "form": 1}), 422, "form"),
        (json!([]), 422, "a clone request as an object"),
    ] {
        let refused = client.post("projects", &body);
        assert_eq!(refused.status, status, "{body} {refused:?}");
        assert!(refused.body.contains(says), "{body} {refused:?}");
    }
    assert_eq!(client.post("projects", &json!("")).status, 422);
    assert_eq!(client.request("POST", "/__admin/projects", &[], "").status, 400);
    assert_eq!(remove(&mut client, "other"), 409);
    assert_eq!(client.get("/__admin/health").json()["clones"], 1);
    assert!(
        matches!(mock.clone_project_with("t", wksmock::CloneOptions::new().id("x")), Err(CloneError::Taken(id)) if id == "x")
    );
    assert!(matches!(mock.clone_project_with("t", wksmock::CloneOptions::new().id("a/b")), Err(CloneError::Id(_))));
    assert!(matches!(mock.clone_project("u"), Err(CloneError::Unknown(id)) if id == "u"));
}

#[test]
fn clone_reset_cuts_500_calls_that_never_reach_the_next_epoch() {
    let files = rlimit::increase_nofile_limit(2_000).unwrap();
    assert!(files >= 1_200, "this needs more open files than {files}: raise ulimit -n");
    let mock = MockServer::builder().start_blocking().unwrap();
    let ids: Vec<_> = (0..10).map(|_| mock.clone_project(PROJECT).unwrap().keep()).collect();
    let mut clients: Vec<_> = (0..500)
        .map(|at| {
            Client::connect(mock.url())
                .begin_reset(&path(ids.get(at % 20).map_or(PROJECT, String::as_str), &user("0001")))
        })
        .collect();
    // Some calls receive their body during the reset; each must still belong to one epoch as a whole.
    let (waiting, racing) = clients.split_at_mut(400);
    std::thread::scope(|scope| {
        scope.spawn(|| racing.iter_mut().for_each(|client| assert!(client.send_if_open(b"{}"))));
        mock.reset();
    });
    assert!(waiting.iter_mut().all(Client::is_closed));
    for client in racing {
        assert!(client.next(false).is_none_or(|answer| answer.status == 200));
    }
    assert_eq!(mock.requests().len(), 0);
    let mut client = Client::connect(mock.url());
    for project in ids.iter().map(String::as_str).chain([PROJECT]) {
        assert_eq!(mock.current_password(project, &user("0001")), None, "{project}");
        assert_eq!(
            Some(client.get(&path(project, &user("0001"))).password()),
            mock.password(PROJECT, &user("0001"), 1)
        );
    }
    let entries = mock.requests();
    assert!(entries.len() == 11 && entries.iter().all(|entry| entry.epoch == 2 && entry.call == Some(1)));
    client.get(&reset_path(&user("0001")));
}

#[test]
fn reused_clone_id_shows_no_earlier_messages() {
    let mock = MockServer::builder().verify_on_drop(false).start_blocking().unwrap();
    let mut client = Client::connect(mock.url());
    let expect = json!({ "project": "mine", "expect": [{ "name": "none", "notified": { "email": { "max": 0 } } }] });
    let mut lives = Vec::new();
    for _ in 0..2 {
        mock.clone_project_with(PROJECT, wksmock::CloneOptions::new().id("mine")).unwrap().keep();
        let verdict =
            client.request("POST", "/__admin/verify", &["Content-Type: application/json"], &expect.to_string());
        lives.push(verdict.json()["passed"].clone());
        let path = reset_path(&user("0001")).replace(PROJECT, "mine");
        assert_eq!(client.get(&format!("{path}?notification_type=email")).status, 200);
        assert_eq!(client.get("/__admin/outbox?project=mine").json()["messages"].as_array().unwrap().len(), 1);
        assert!(mock.remove_clone("mine"));
    }
    assert_eq!(lives, [true, true]);
}
