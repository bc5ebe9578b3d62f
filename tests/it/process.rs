//! The process: its descriptors and memory, its addresses and threads, and the end of its parent.

use crate::binary::{READY, Served, run, stderr, wksmock};
use crate::client::Client;
use crate::{reset_path, user};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

const QUIET: [&str; 2] = ["--log-level", "off"];

impl Served {
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        self.memory_kib("VmRSS:")
    }

    /// Returns a line of the process's memory status.
    pub(crate) fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Processor time so far, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

#[test]
fn short_connections_leave_no_resources() {
    let served = Served::start(&QUIET);
    let connect = |count: usize| {
        for _ in 0..count {
            served.client().get(&reset_path(&user("0001")));
        }
        while served.client().metric("wksmock_connections_open") > 1 {}
    };
    connect(1_000);
    let before = (served.descriptors(), served.resident_kib());
    connect(4_000);
    assert!(served.descriptors() <= before.0 + 1, "{} descriptors, {} before", served.descriptors(), before.0);
    let grown = served.resident_kib().saturating_sub(before.1);
    // The journal is half full in between.
    assert!(grown < 4 * 1_024, "{grown} KiB more");
}

#[test]
fn server_recovers_from_too_few_open_files() {
    let command = format!("ulimit -n 64; exec {} serve --port 0 --log-level off", env!("CARGO_BIN_EXE_wksmock"));
    let served = Served::spawn(Command::new("sh").args(["-c", &command]));
    let crowd: Vec<_> = (0..200).map(|_| Client::connect(&served.url)).collect();
    let before = served.ticks();
    let mut last = Client::connect(&served.url);
    last.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
        reset_path(&user("0001"))
    ));
    assert!(!last.has_answer_within(std::time::Duration::from_millis(500)), "there was room after all");
    assert!(served.ticks() - before < 20, "it spins");
    drop(crowd);
    assert_eq!(last.answer(false).status, 200);
}

#[test]
fn threads_share_a_port_exclusively() {
    let served = Served::start(&["--threads", "3", "--log-level", "off"]);
    let mut clients: Vec<_> = (0..30).map(|_| served.client()).collect();
    for client in &mut clients {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
    let users = served.client().get("/__admin/users?limit=1").json();
    assert_eq!(users["users"][0]["calls"], 30);
    let port = served.url.rsplit(':').next().unwrap();
    let second = run(&["serve", "--port", port, "--threads", "3"]);
    assert_eq!(second.status.code(), Some(69), "{}", stderr(&second));
    drop(clients);
    assert_eq!(served.terminate().0, Some(0));
}

#[test]
fn admin_api_can_have_its_own_address() {
    let mut served = Served::start(&["--admin-listen", "127.0.0.1:0", "--explain-header"]);
    let mut logs = BufReader::new(served.child.stderr.take().unwrap()).lines();
    let line = logs.find(|line| line.as_ref().unwrap().contains("the admin API listens")).unwrap().unwrap();
    let url = line.split("url=").nth(1).unwrap().trim().trim_matches('"').to_owned();
    assert_eq!(served.client().get("/__admin/health").status, 404);
    assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
    let nowhere = served.client().get("/nowhere");
    let said = nowhere.header("x-wksmock-error").unwrap();
    assert_eq!(said, format!("{url}/__admin/error-codes?code=APIGW.0101&status=404"));
    let mut admin = Client::connect(&url);
    assert_eq!(admin.get("/__admin/health").json()["admin_url"], url.as_str());
    assert_eq!(admin.get(&reset_path(&user("0001"))).status, 404);

    // It still answers while the other address drains.
    let mut slow = served.client();
    slow.send(format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{",
        reset_path(&user("0001"))
    ));
    while admin.get("/__admin/requests?state=in_flight").json()["requests"].as_array().unwrap().is_empty() {}
    served.signal("TERM");
    while admin.get("/__admin/health").status == 200 {}
    assert_eq!(Client::connect(&url).get("/__admin/health").json()["status"], "draining");
    assert_eq!(run(&["health", &url]).status.code(), Some(1));
    slow.send("}");
    assert_eq!(slow.answer(false).status, 200);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn server_ends_with_its_parent() {
    let binary = env!("CARGO_BIN_EXE_wksmock");
    let script = format!("{binary} serve --port 0 --exit-with-parent --log-level off & read forever");
    let mut shell =
        Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(shell.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with(READY), "{line}");
    shell.kill().unwrap();
    shell.wait().unwrap();
    // The server holds the only other end of this pipe.
    assert_eq!(stdout.read_to_string(&mut line).unwrap(), 0);
}

#[test]
fn limits_are_set_by_name() {
    let served = Served::start(&["--limit", "requests_per_connection_max=1", "--limit", "journal_entries_max=2"]);
    for _ in 0..3 {
        let mut client = served.client();
        assert_eq!(client.get(&reset_path(&user("0001"))).header("connection"), Some("close"));
    }
    let health = served.client().get("/__admin/health").json();
    assert_eq!((&health["journal"]["entries"], &health["journal"]["dropped"]), (&2.into(), &1.into()));
    for (wrong, said) in [
        ("idle=1", "idle_ms"),
        ("idle_ms", "NAME=N"),
        ("idle_ms=x", "whole number"),
        ("idle_ms=0", "between 1 and 2592000000"),
    ] {
        let output = run(&["serve", "--port", "0", "--limit", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn contradicting_flags_are_an_error() {
    let both = wksmock(&["serve", "--no-admin", "--admin-token", "t"]).output().unwrap();
    assert_eq!(both.status.code(), Some(2));
    assert!(stderr(&both).contains("--no-admin"), "{}", stderr(&both));
    let beyond = run(&["serve", "--port", "0", "--admin-listen", "0.0.0.0:0"]);
    assert_eq!(beyond.status.code(), Some(2));
    assert!(stderr(&beyond).contains("--admin-token"), "{}", stderr(&beyond));
}
