//! The soak: minutes of mixed load on the real binary, without a lost call or a leaked resource.
//!
//! `load.rs` has the clients. `tests/run --long` runs it for `SOAK_SECONDS`.

mod load;

use crate::binary::{Served, run, stderr, stdout};
use load::{Dice, Kept, Load, STEADY_USERS, Seen, WORKERS, request};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

/// The allowed growth of resident memory at rest from the first half to the second. At rest the journal is full and no
/// client is connected; the memory that the allocator keeps differs by more than that from one rest to the next.
const GROWTH_KIB_MAX: u64 = 1_024;
/// Times of load with a rest after each.
const ROUNDS: u64 = 10;
const JOURNAL_ENTRIES_MAX: u64 = 10_000;

/// The resources of a server without clients.
#[derive(Debug)]
struct Rest {
    resident_kib: u64,
    descriptors: usize,
}

/// The server under load, and a client that watches it from a connection of its own.
struct Soak {
    served: Served,
    admin: Kept,
    dice: Dice,
}

#[test]
#[ignore = "ten minutes; tests/run --long"]
fn mixed_load_loses_no_call_and_leaves_no_resources() {
    let seconds = std::env::var("SOAK_SECONDS").map_or(600, |seconds| seconds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.json");
    std::fs::write(&users, load::users_file()).unwrap();
    let users = users.to_str().unwrap();

    let mut soak = Soak::start(users);
    let mut seen = Seen::default();
    let mut rests = Vec::new();
    for _ in 0..ROUNDS {
        soak.load(Duration::from_millis(seconds * 1_000 / ROUNDS), &mut seen);
        rests.push(soak.rest(&mut seen));
    }
    let calls = soak.check_calls(users, &seen);

    let highest = |rests: &[Rest]| rests.iter().map(|rest| rest.resident_kib).max().unwrap();
    let (first, second) = rests.split_at(rests.len() / 2);
    let (before, after) = (highest(first), highest(second));
    let descriptors: Vec<_> = rests.iter().map(|rest| rest.descriptors).collect();
    println!(
        "soak: {seconds} s, {} requests answered, {} of them refused, {} cut or too slow; {calls} call numbers, each once; \
         at most {before} KiB resident in the first half and {after} KiB in the second; {} descriptors",
        seen.answered, seen.refused, seen.cut, descriptors[0],
    );
    assert!(descriptors.iter().all(|count| *count == descriptors[0]), "{descriptors:?} descriptors");
    let grown = after.saturating_sub(before);
    assert!(grown <= GROWTH_KIB_MAX, "{grown} KiB more: {rests:?}");
    let (code, _, said) = soak.end();
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

impl Soak {
    fn start(users: &str) -> Self {
        let mut arguments = vec!["--users", users, "--threads", "2", "--log-level", "warn"];
        // Short timeouts, so that slow clients reach them often.
        for limit in ["head_ms=300", "body_time_ms=300", "stall_ms=300"] {
            arguments.extend(["--limit", limit]);
        }
        let served = Served::start(&arguments);
        let admin = Kept::connect(&served.url);
        Self { served, admin, dice: Dice::new(0) }
    }

    /// Runs all clients for a time.
    fn load(&mut self, time: Duration, seen: &mut Seen) {
        #[expect(clippy::disallowed_methods, reason = "the load lasts for a time")]
        let load = Load { url: &self.served.url, until: Instant::now() + time };
        let dice = &mut self.dice;
        thread::scope(|scope| {
            let workers = WORKERS.map(|worker| {
                let dice = Dice::new(dice.below(u64::MAX));
                scope.spawn(move || {
                    let mut seen = Seen::default();
                    worker(load, dice, &mut seen);
                    seen
                })
            });
            for worker in workers {
                seen.add(worker.join().unwrap());
            }
        });
    }

    /// Waits until the server has noticed the end of all clients, and fills the journal with the same calls each time.
    fn rest(&mut self, seen: &mut Seen) -> Rest {
        // The old connection was idle for too long.
        self.admin = Kept::connect(&self.served.url);
        while self.open_connections() > 1 {}
        let dropped = self.dropped();
        let (mut client, mut dice) = (Kept::connect(&self.served.url), Dice::new(7));
        while self.dropped() < dropped + JOURNAL_ENTRIES_MAX {
            for _ in 0..200 {
                load::call_steady(&mut client, &mut dice, seen);
            }
        }
        drop(client);
        while self.open_connections() > 1 {}
        Rest { resident_kib: self.served.resident_kib(), descriptors: self.served.descriptors() }
    }

    fn dropped(&mut self) -> u64 {
        let health = self.admin.get("/__admin/health").json();
        health["journal"]["dropped"].as_u64().unwrap()
    }

    fn open_connections(&mut self) -> u64 {
        let metrics = self.admin.get("/__admin/metrics").body;
        let open = metrics.lines().find_map(|line| line.strip_prefix("wksmock_connections_open "));
        open.unwrap().parse().unwrap()
    }

    /// Returns the number of counted calls of each user of a project.
    fn calls(&mut self, project: &str) -> BTreeMap<String, u64> {
        let listed = self.admin.get(&format!("/__admin/users?project={project}")).json();
        let users = listed["users"].as_array().unwrap().iter();
        users.map(|user| (user["id"].as_str().unwrap().to_owned(), user["calls"].as_u64().unwrap())).collect()
    }

    /// Checks that every call number was answered exactly once, and returns their number.
    fn check_calls(&mut self, users_file: &str, seen: &Seen) -> u64 {
        let [steady, scripted, cut] = ["steady", "scripted", "cut"].map(|project| self.calls(project));
        assert_eq!(steady.len(), STEADY_USERS);
        for (user, calls) in &steady {
            let mut answered = seen.passwords[user].clone();
            answered.sort_unstable();
            let mut computed = passwords(users_file, user, *calls);
            computed.sort_unstable();
            assert_eq!(answered.len(), computed.len(), "{user}: {calls} calls were counted");
            assert!(answered == computed, "{user}: other passwords than those of calls 1 to {calls}");
        }
        let scripted: u64 = scripted.values().sum();
        assert_eq!(scripted, seen.scripted, "calls under overrides");
        // Some were cut before counting, none was counted twice.
        let cut: u64 = cut.values().sum();
        assert!((1..=seen.cut).contains(&cut), "{cut} counted of {} that were cut", seen.cut);
        steady.values().sum::<u64>() + scripted
    }

    fn end(self) -> (Option<i32>, String, String) {
        drop(self.admin);
        self.served.terminate()
    }
}

/// Computes the passwords of a user's calls from 1 without a server.
fn passwords(users_file: &str, user: &str, calls: u64) -> Vec<load::Password> {
    let calls = format!("1-{calls}");
    let output = run(&["password", "--users", users_file, "--project", "steady", "--user", user, "--calls", &calls]);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).lines().map(|line| load::password(line.split(' ').nth(1).unwrap())).collect()
}

#[test]
fn soak_request_is_valid() {
    let mock = wksmock::MockServer::builder().users_json(load::users_file()).start_blocking().unwrap();
    let mut client = crate::client::Client::connect(mock.url());
    let mut dice = Dice::new(1);
    for at in 0..200 {
        client.send(request("steady", "user0", &mut dice));
        let computed = mock.password("steady", "user0", at + 1).unwrap();
        assert_eq!(client.answer(false).password(), computed);
    }
}
