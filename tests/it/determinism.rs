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
    {"name": "all", "when": {"calls": "11"}, "status": 500}
]}"#;

/// Every body, by user and call number, of one run of the binary in one shuffled order.
fn answers(seed: &str, users_count: usize, shuffle: u64) -> BTreeMap<(String, u64), (u16, String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (file, scenario) = (folder.path().join("users.json"), folder.path().join("flaky.json"));
    std::fs::write(&file, users(users_count)).unwrap();
    std::fs::write(&scenario, SCENARIO).unwrap();
    let (file, scenario) = (file.to_str().unwrap(), scenario.to_str().unwrap());
    let served = Served::start(&["--seed", seed, "--users", file, "--scenario", scenario, "--log-level", "off"]);
    let order = shuffled(shuffle);
    std::thread::scope(|scope| {
        for share in order.chunks(order.len().div_ceil(CONNECTIONS)) {
            let mut client = Client::connect(&served.url);
            scope.spawn(move || {
                for user in share {
                    client.get(&format!("/v2/p/users/user{user}/random-password"));
                }
            });
        }
    });
    let mut client = served.client();
    let mut by_call = BTreeMap::new();
    let mut since = 0;
    loop {
        let page = client.get(&format!("/__admin/requests?since={since}")).json();
        let entries = page["requests"].as_array().unwrap();
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let decision = &entry["decision"];
            let said = format!("{}{}", decision["password"], decision["error"]);
            let key = (text(&entry["user"]), entry["call"].as_u64().unwrap());
            let status = u16::try_from(decision["status"].as_u64().unwrap()).unwrap();
            let twice = by_call.insert(key, (status, said, text(&entry["request_id"])));
            assert!(twice.is_none(), "a call number was given twice");
        }
        since = page["next"].as_u64().unwrap();
    }
    by_call
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
    assert!(first.values().any(|(status, ..)| *status == 503) && first.values().any(|(status, ..)| *status == 403));
    for shuffle in 2..=3 {
        assert!(answers("7", USERS, shuffle) == first, "run {shuffle} differs");
    }
    let longer = answers("7", USERS + 1, 4);
    assert!(longer == first, "a further user changes the others");
    let other = answers("8", USERS, 1);
    let same = first.iter().filter(|(key, (status, said, _))| *status == 200 && other[*key].1 == *said);
    assert_eq!(same.count(), 0, "another seed gives the same password");
}
