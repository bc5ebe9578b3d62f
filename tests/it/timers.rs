//! Threads that serve sleep without a timer: with one client that calls again and again, a timer for each sleep would
//! be a fifth of the cost of a call.

use crate::binary::{Served, run};
use crate::client::Client;
use crate::{raw_reset, reset_path, user};
use std::path::{Path, PathBuf};
use wksmock::MockServer;

/// Returns the threads of a process whose names begin with this.
fn threads(process: &str, name: &str) -> Vec<PathBuf> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().map(|task| task.unwrap().path());
    // A thread that ends meanwhile has no name.
    let named = |task: &PathBuf| std::fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.starts_with(name));
    tasks.filter(named).collect()
}

/// Returns how often a thread has gone to sleep.
fn sleeps(thread: &Path) -> u64 {
    let status = std::fs::read_to_string(thread.join("status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    line.trim().parse().unwrap()
}

/// Returns the serving thread, the first of its process, and the one that keeps the time.
fn threads_of(served: &Served) -> (PathBuf, PathBuf) {
    let id = served.child.id().to_string();
    (PathBuf::from(format!("/proc/{id}/task/{id}")), timekeeper(&id))
}

/// Waits for the thread that keeps the time: a thread names itself, some time after it was spawned.
fn timekeeper(process: &str) -> PathBuf {
    loop {
        if let Some(time) = threads(process, "wksmock-time").pop() {
            return time;
        }
    }
}

#[test]
fn serving_thread_sleeps_until_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let down = folder.path().join("down.json");
    std::fs::write(&down, r#"{"rules": [], "down": [{"time_ms": [600000, 700000]}]}"#).unwrap();
    let down = ["--scenario", down.to_str().unwrap(), "--admin-listen", "127.0.0.1:0"];
    for flags in [&[][..], &["--exit-with-parent"], &down] {
        // A turn of the sweeper is an eighth of that, 100 ms.
        let served = Served::start(&[&["--log-level", "off", "--limit", "head_ms=800"], flags].concat());
        let (serving, _) = threads_of(&served);
        assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
        let before = sleeps(&serving);
        // The client sends nothing, so it is closed on timeout.
        let mut silent = served.client();
        assert!(silent.is_closed());
        let more = sleeps(&serving) - before;
        assert!(more <= 6, "{flags:?}: {more} sleeps, where there was a connection to accept and one to close");
    }
}

#[test]
fn every_serving_thread_closes_its_slow_clients() {
    let served = Served::start(&["--log-level", "off", "--threads", "3", "--limit", "head_ms=100"]);
    let mut slow: Vec<_> = (0..24).map(|_| served.client()).collect();
    for client in &mut slow {
        client.send(&raw_reset("")[..20]);
    }
    for mut client in slow {
        assert_eq!(client.answer(false).status, 408);
    }
    assert_eq!(served.terminate().0, Some(0));
}

#[test]
fn idle_server_does_not_wake() {
    // A turn is 5 ms, and starting a process takes several.
    let served = Served::start(&["--log-level", "off", "--limit", "head_ms=40"]);
    assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
    let (serving, time) = threads_of(&served);
    let woken = || sleeps(&time) + sleeps(&serving);
    let rests = (0..20).any(|_| {
        let before = woken();
        for _ in 0..10 {
            assert_eq!(run(&["--version"]).status.code(), Some(0));
        }
        woken() == before
    });
    assert!(rests, "it wakes without a client");
}

#[test]
fn dropped_mock_leaves_no_thread() {
    let mock = MockServer::builder().start_blocking().unwrap();
    assert_eq!(Client::connect(mock.url()).get(&reset_path(&user("0001"))).status, 200);
    timekeeper("self");
    drop(mock);
    // The system may end the thread a moment later.
    while !threads("self", "wksmock").is_empty() {
        std::thread::yield_now();
    }
}
