//! Call number n of a user gets the same bytes, whatever else happens.

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
    {"name": "rare", "when": {"chance": 0.3}, "status": 503}
]}"#;

/// Status line's code, headers but `Date`, and body of every call, by user and call number.
type Answers = BTreeMap<(String, u64), String>;

/// One run of the binary, its calls in one shuffled order.
fn answers(seed: &str, users_count: usize, shuffle: u64) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    let (file, scenario) = (folder.path().join("users.json"), folder.path().join("flaky.json"));
    std::fs::write(&file, users(users_count)).unwrap();
    std::fs::write(&scenario, SCENARIO).unwrap();
    let (file, scenario) = (file.to_str().unwrap(), scenario.to_str().unwrap());
    let served = Served::start(&["--seed", seed, "--users", file, "--scenario", scenario, "--log-level", "off"]);
    let order = shuffled(shuffle);
    let mut by_request_id = BTreeMap::new();
    std::thread::scope(|scope| {
        let shares = order.chunks(order.len().div_ceil(CONNECTIONS)).map(|share| {
            let client = Client::connect(&served.url);
            scope.spawn(move || calls(client, share))
        });
        for share in shares.collect::<Vec<_>>() {
            by_request_id.extend(share.join().unwrap());
        }
    });
    by_call(&mut served.client(), &by_request_id)
}

/// Calls users in order; what came back, by request id.
fn calls(mut client: Client, users: &[usize]) -> Vec<(String, String)> {
    let call = |user: &usize| {
        let answer = client.get(&format!("/v2/p/users/user{user}/random-password"));
        let headers = answer.headers.iter().filter(|(name, _)| name != "date");
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
        (answer.request_id(), format!("{}\n{}\n{}", answer.status, headers.concat(), answer.body))
    };
    users.iter().map(call).collect()
}

/// Finds out from the journal which answer was that of which call.
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
            let answer = by_request_id[entry["request_id"].as_str().unwrap()].clone();
            assert!(by_call.insert(call, answer).is_none(), "a call number was given twice");
        }
        since = page["next"].as_u64().unwrap();
    }
}

/// Each user `CALLS` times, in an order of its own.
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
fn the_order_of_arrival_and_a_restart_change_nothing() {
    let first = answers("7", USERS, 1);
    assert_eq!(first.len(), USERS * CALLS);
    for status in ["200", "403", "500", "503"] {
        assert!(first.values().any(|answer| answer.starts_with(status)), "no {status}");
    }
    for shuffle in 2..=3 {
        assert!(answers("7", USERS, shuffle) == first, "run {shuffle} differs");
    }
    let longer = answers("7", USERS + 1, 4);
    assert!(longer == first, "a further user changes the others");
    let other = answers("8", USERS, 1);
    assert!(first.iter().all(|(call, answer)| other[call] != *answer), "another seed gives the same answer");
}
