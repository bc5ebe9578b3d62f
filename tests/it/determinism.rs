//! Call number n of a user gets the same bytes in every run.

use crate::binary::Served;
use crate::client::Client;
use std::collections::BTreeMap;

const USERS: usize = 50;
const CALLS: usize = 40;
const CONNECTIONS: usize = 32;

fn users(count: usize) -> String {
    let users: Vec<_> = (0..count).map(|at| format!(r#"{{"id": "user{at}", "user_name": "name{at}"}}"#)).collect();
    format!(r#"{{"projects": [{{"id": "p", "users": [{}]}}]}}"#, users.join(","))
}

const SCENARIO: &str = r#"{"rules": [
    {"name": "outage", "when": {"user": ["user1", "user2"], "calls": "2-3,*/7"}, "status": 503},
    {"name": "denied", "when": {"user": "user3", "calls": "5-"}, "status": 403, "error": {"reason": "x"}},
    {"name": "all", "when": {"calls": "11"}, "status": 500},
    {"name": "script", "when": {"user": "user4", "calls": "3-"}, "sequence": [503, 200, 500], "then": "restart"},
    {"name": "lost", "when": {"chance": 0.1}, "status": 500, "phase": "after"},
    {"name": "rare", "when": {"chance": 0.3}, "status": 503},
    {"name": "slow", "when": {"chance": 0.5}, "delay": {"lognormal": {"median_ms": 80, "sigma": 0.6, "max_ms": 5000}}},
    {"name": "slower", "delay": {"uniform_ms": [100, 900]}},
    {"name": "torn", "when": {"chance": 0.05}, "fault": "reset", "phase": "after"},
    {"name": "gone", "when": {"user": ["user5", "user6"], "calls": "*/9"}, "fault": "empty_response"},
    {"name": "odd", "when": {"chance": 0.1}, "fault": "malformed_json"}
]}"#;

/// Status, headers except `Date`, body and decision of every call, by user and call number; a call without a response
/// has only its decision.
type Answers = BTreeMap<(String, u64), String>;

/// Runs the binary once, with the calls in one shuffled order.
fn answers(seed: &str, users_count: usize, shuffle: u64, threads: &str) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    let (file, scenario) = (folder.path().join("users.json"), folder.path().join("flaky.json"));
    std::fs::write(&file, users(users_count)).unwrap();
    std::fs::write(&scenario, SCENARIO).unwrap();
    let (file, scenario) = (file.to_str().unwrap(), scenario.to_str().unwrap());
    let flags = ["--seed", seed, "--users", file, "--scenario", scenario, "--log-level", "off"];
    let served = Served::start(&[&flags[..], &["--threads", threads, "--instant-delays"]].concat());
    let order = shuffled(shuffle);
    let mut by_request_id = BTreeMap::new();
    std::thread::scope(|scope| {
        let shares = order.chunks(order.len().div_ceil(CONNECTIONS)).map(|share| {
            let url = &served.url;
            scope.spawn(move || calls(url, share))
        });
        for share in shares.collect::<Vec<_>>() {
            by_request_id.extend(share.join().unwrap());
        }
    });
    // Rules are identified by the path of their file.
    let here = folder.path().to_str().unwrap();
    let told = by_call(&mut served.client(), &by_request_id).into_iter();
    told.map(|(call, answer)| (call, answer.replace(here, ""))).collect()
}

/// Calls users in order and returns the answers by request id, on a new connection after each one that ends without.
fn calls(url: &str, users: &[usize]) -> Vec<(String, String)> {
    let mut client = Client::connect(url);
    let mut found = Vec::new();
    for user in users {
        client.send(format!(
            "GET /v2/p/users/user{user}/random-password HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n"
        ));
        let Some(answer) = client.next(false) else {
            client = Client::connect(url);
            continue;
        };
        let headers = answer.headers.iter().filter(|(name, _)| name != "date");
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
        found.push((answer.request_id(), format!("{}\n{}\n{}", answer.status, headers.concat(), answer.body)));
    }
    found
}

/// Maps each answer to its call by the journal.
fn by_call(client: &mut Client, by_request_id: &BTreeMap<String, String>) -> Answers {
    let mut by_call = BTreeMap::new();
    let mut since = 0;
    loop {
        let page = client.get(&format!("/__admin/requests?since={since}")).json();
        let entries = page["requests"].as_array().unwrap();
        if entries.is_empty() {
            return by_call;
        }
        for entry in entries {
            let call = (entry["user"].as_str().unwrap().to_owned(), entry["call"].as_u64().unwrap());
            let answer = by_request_id.get(entry["request_id"].as_str().unwrap());
            let is_answered = entry["state"] == "answered";
            assert_eq!(answer.is_some(), is_answered, "{entry}");
            let told = format!("{}{}", answer.map_or("", String::as_str), entry["decision"]);
            assert!(by_call.insert(call, told).is_none(), "a call number was given twice");
        }
        since = page["next"].as_u64().unwrap();
    }
}

/// Returns one field of each call's decision.
fn verdicts(answers: &Answers, field: &str) -> Vec<serde_json::Value> {
    let decision = |told: &String| -> serde_json::Value {
        let start = told.find("{\"status\":").unwrap();
        serde_json::from_str(&told[start..]).unwrap()
    };
    answers.values().map(|told| decision(told)[field].clone()).collect()
}

/// Lists each user `CALLS` times, shuffled.
fn shuffled(seed: u64) -> Vec<usize> {
    let mut order: Vec<_> = (0..USERS * CALLS).map(|at| at % USERS).collect();
    let mut state = seed;
    for last in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
    }
    order
}

#[test]
fn arrival_order_and_restart_change_no_outcome() {
    let first = answers("7", USERS, 1, "1");
    assert_eq!(first.len(), USERS * CALLS);
    for beginning in ["200", "403", "500", "503", "{"] {
        assert!(first.values().any(|answer| answer.starts_with(beginning)), "no {beginning}");
    }
    for fault in ["reset", "empty_response", "malformed_json"] {
        let told = format!("\"fault\":\"{fault}\"");
        assert!(first.values().any(|answer| answer.contains(&told)), "no {fault}");
    }
    for (shuffle, threads) in [(2, "1"), (3, "4")] {
        let again = answers("7", USERS, shuffle, threads);
        let other = first.iter().find(|(call, answer)| again.get(*call) != Some(*answer));
        assert!(other.is_none(), "run {shuffle} differs: {other:?} is {:?}", other.map(|(call, _)| again.get(call)));
    }
    let longer = answers("7", USERS + 1, 4, "4");
    assert!(longer == first, "a further user changes the others");
    let other = answers("8", USERS, 1, "1");
    let same = first.iter().filter(|(call, answer)| other[*call] == **answer);
    assert_eq!(same.count(), 0, "another seed gives the same answer");
    // Passwords differ in any case; each other decision must depend on the seed too.
    for decided in ["status", "delay_ms", "fault"] {
        let [of_first, of_other] = [&first, &other].map(|answers| verdicts(answers, decided));
        let differ = of_first.iter().zip(&of_other).filter(|(one, other)| one != other).count();
        assert!(differ >= USERS * CALLS / 10, "with another seed {decided} of {differ} calls differs");
    }
}

#[test]
fn concurrent_calls_of_one_user_get_each_call_number_once() {
    const CLIENTS: usize = 64;
    const EACH: usize = 25;
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("slow.json");
    let rules = r#"{"rules": [{"name": "slow", "when": {"chance": 0.5}, "delay": {"uniform_ms": [0, 3]}},
        {"name": "torn", "when": {"chance": 0.1}, "fault": "reset", "phase": "after"}]}"#;
    std::fs::write(&scenario, rules).unwrap();
    let alone = wksmock::MockServer::builder().seed(7).users_json(users(1)).start_blocking().unwrap();
    let users_file = folder.path().join("users.json");
    std::fs::write(&users_file, users(1)).unwrap();
    for threads in ["1", "4"] {
        let [users, scenario] = [&users_file, &scenario].map(|file| file.to_str().unwrap());
        let flags = ["--seed", "7", "--users", users, "--scenario", scenario, "--log-level", "off"];
        let served = Served::start(&[&flags[..], &["--threads", threads]].concat());
        let mut answers = BTreeMap::new();
        std::thread::scope(|scope| {
            let url = &served.url;
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(move || calls(url, &[0; EACH]))).collect();
            for client in clients {
                answers.extend(client.join().unwrap());
            }
        });
        let by_call = by_call(&mut served.client(), &answers);
        let numbers: Vec<_> = by_call.keys().map(|(_, call)| *call).collect();
        assert!(numbers.iter().copied().eq(1..=(CLIENTS * EACH) as u64), "{numbers:?}");
        for ((user, call), told) in &by_call {
            // A truncated call was carried out.
            let password = alone.password("p", user, *call).unwrap();
            let quoted = serde_json::to_string(&password).unwrap();
            assert!(told.contains(&quoted), "call {call}: {told}");
        }
        let current = served.client().get("/__admin/passwords/p/user0").json();
        assert_eq!(current["current"]["call"], (CLIENTS * EACH) as u64);
    }
}
