//! The example files: each scenario under `scenarios/` is played, each users file under `fixtures/` loaded.

use crate::client::Client;
use crate::{reset_path, user};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use wksmock::MockServer;

/// The answers to the first calls of a user, by scenario. Scenarios whose responses are lost, late or refused are
/// played in `drills.rs`.
const PLAYED: [(&str, &str, &[u16]); 10] = [
    ("magic-users.json", "0503", &[503, 503]),
    ("outage.json", "0001", &[503, 503, 200, 200]),
    ("outage.json", "0002", &[503, 503, 400]),
    ("flapping.json", "0001", &[503, 500, 200, 200, 503]),
    ("rare-failures.json", "0001", &[200, 200, 200, 200, 200, 500, 200, 200, 200, 200, 200, 200, 500]),
    ("rate-limit.json", "0001", &[429, 200, 200]),
    ("expired-token.json", "0001", &[401, 200, 200]),
    ("denied.json", "0001", &[403, 403]),
    ("notification.json", "0002", &[400, 400]),
    ("every-status.json", "0404", &[404, 404]),
];

pub(crate) fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".schema.json")).collect()
}

#[test]
fn every_example_scenario_plays_as_stated() {
    for (scenario, end, statuses) in PLAYED {
        let mock = MockServer::builder().scenario(format!("scenarios/{scenario}"));
        let mock = mock.verify_on_drop(false).start_blocking().unwrap();
        let mut client = Client::connect(mock.url());
        let met: Vec<_> = statuses.iter().map(|_| client.get(&reset_path(&user(end))).status).collect();
        assert_eq!(met, statuses, "{scenario} {end}");
    }
}

#[test]
fn every_example_users_file_loads() {
    let counts: BTreeMap<_, _> = names("fixtures")
        .into_iter()
        .map(|name| {
            let mock = MockServer::builder().users(format!("fixtures/{name}")).start_blocking().unwrap();
            let health = Client::connect(mock.url()).get("/__admin/health").json();
            (name, health["users"].as_u64().unwrap())
        })
        .collect();
    let expected = [("accounts.json", 2), ("population.json", 100_000), ("team.json", 2), ("users.json", 9)];
    assert_eq!(counts, expected.map(|(name, count)| (name.to_owned(), count)).into());
}
