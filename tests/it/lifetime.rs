//! The process in hostile surroundings: first of its container, with streams that are closed or unread, stopped while
//! clients are in the middle of requests.

use crate::binary::{READY, Served, run, stdout, wksmock};
use crate::client::Client;
use crate::{raw_reset, reset_path, user};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_wksmock");
/// Set where a process may not have a name space of its own for process ids.
const WITHOUT: &str = "WITHOUT_PID_NAMESPACES";

/// The command prefix that makes a process the first of a new name space.
fn as_first_process() -> Option<&'static [&'static str]> {
    const WAYS: [&[&str]; 2] =
        [&["--fork", "--pid", "--kill-child"], &["--user", "--map-root-user", "--fork", "--pid", "--kill-child"]];
    let works = |way: &&&[&str]| {
        let tried = Command::new("unshare").args(**way).args(["sh", "-c", "test $$ = 1"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let way = WAYS.iter().find(works).copied();
    let allowed = std::env::var_os(WITHOUT).is_none();
    assert!(
        way.is_some() || !allowed,
        "this machine gives no process ids of their own (unshare --pid), so nothing is known of the server as first \
         process of a container; set {WITHOUT}=1 to do without this test"
    );
    way
}

/// Returns the process id, outside the name space, of a process's first child.
fn child_of(parent: &Child) -> u32 {
    let children = format!("/proc/{0}/task/{0}/children", parent.id());
    loop {
        let found = std::fs::read_to_string(&children).unwrap();
        if let Some(id) = found.split_whitespace().next() {
            return id.parse().unwrap();
        }
        std::thread::yield_now();
    }
}

fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn pid_1_handles_signals() {
    let Some(way) = as_first_process() else { return };
    for (signals, code) in [(&["TERM"][..], 0), (&["INT"], 0), (&["TERM", "TERM"], 143), (&["INT", "INT"], 130)] {
        let mut command = Command::new("unshare");
        command.args(way).args([BINARY, "serve", "--port", "0", "--log-level", "off"]);
        let served = Served::spawn(&mut command);
        let process = child_of(&served.child);
        let mut open = served.client().begin_reset(&reset_path(&user("0001")));
        let mut idle = served.client();
        assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
        for sent in signals {
            signal(process, sent);
            assert!(idle.is_closed());
        }
        if code == 0 {
            open.send("{}");
            assert_eq!(open.answer(false).status, 200);
        }
        assert_eq!(served.end().0, Some(code), "{signals:?}");
    }
}

/// Leaves children behind that have ended, and waits until they have left the process table: an unreaped process can
/// still be sent a signal.
const ORPHANS: &str = "for n in 1 2 3; do orphan=$(sh -c 'true & echo $!'); \
                       while kill -0 $orphan 2>/dev/null; do read nothing </dev/null; done; done; true; ";

#[test]
fn pid_1_reaps_orphans() {
    let Some(way) = as_first_process() else { return };
    // The timeout turns a hang into a failure.
    let ran = |code: u8| {
        let script = format!("{ORPHANS} exit {code}");
        let mut command = Command::new("unshare");
        command.args(way).args([BINARY, "run", "--", "timeout", "20", "sh", "-c", &script]);
        command.stderr(Stdio::null()).status().unwrap().code()
    };
    assert_eq!([ran(0), ran(7)], [Some(0), Some(7)], "the command's own end is not lost among others");

    let mut command = Command::new("unshare");
    // The server replaces a shell that has left children behind, like an entry point.
    let script = format!(
        "{{ timeout 20 sh -c \"{}\"; echo $? >&2; }} & exec {BINARY} serve --port 0 --log-level off",
        ORPHANS.replace('$', "\\$")
    );
    command.args(way).args(["sh", "-c", &script]);
    let mut served = Served::spawn(&mut command);
    let mut said = String::new();
    BufReader::new(served.child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "0\n");
    signal(child_of(&served.child), "TERM");
    assert_eq!(served.end().0, Some(0));
}

/// Makes a named pipe.
fn named_pipe(folder: &Path) -> std::path::PathBuf {
    let pipe = folder.join("users.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    pipe
}

const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}]}"#;

#[test]
fn signal_during_loading_is_kept() {
    let Some(way) = as_first_process() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pipe = named_pipe(folder.path());
    let mut unshare = Command::new("unshare")
        .args(way)
        .args([BINARY, "serve", "--port", "0", "--log-level", "off", "--users", pipe.to_str().unwrap()])
        .spawn()
        .unwrap();
    // The pipe opens once the server reads it, which then waits for data.
    let mut users = OpenOptions::new().write(true).open(&pipe).unwrap();
    signal(child_of(&unshare), "TERM");
    users.write_all(USERS.as_bytes()).unwrap();
    drop(users);
    assert_eq!(unshare.wait().unwrap().code(), Some(0));
}

#[test]
fn port_opens_after_loading() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = named_pipe(folder.path());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let url = format!("http://127.0.0.1:{port}");
    let mut loading = wksmock(&["serve", "--port", &port, "--users", pipe.to_str().unwrap()]);
    let mut child = loading.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut users = OpenOptions::new().write(true).open(&pipe).unwrap();
    assert_eq!(run(&["health", &url]).status.code(), Some(1), "there is no half of a server");
    users.write_all(USERS.as_bytes()).unwrap();
    drop(users);
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, format!("{READY}{url}\n"));
    let health = run(&["health", &url]);
    assert_eq!(health.status.code(), Some(0), "{}", stdout(&health));
    let mut client = Client::connect(&url);
    assert_eq!(client.get("/__admin/health").json()["status"], "ok");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn parent_exit_during_loading_ends_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = named_pipe(folder.path());
    let script = format!("{BINARY} serve --port 0 --exit-with-parent --users {} & read forever", pipe.display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut shell = shell.spawn().unwrap();
    let mut users = OpenOptions::new().write(true).open(&pipe).unwrap();
    shell.kill().unwrap();
    shell.wait().unwrap();
    users.write_all(USERS.as_bytes()).unwrap();
    drop(users);
    let mut told = String::new();
    // The pipe ends with the server, which alone holds the other end.
    shell.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.starts_with(READY), "{told}");
}

#[test]
fn drain_reports_itself_and_finishes_calls_in_flight() {
    let served = Served::start(&["--log-level", "off"]);
    // An idle connection, half a head on a new one, and two requests in progress.
    let mut silent = served.client();
    let mut half = served.client();
    let head = raw_reset("");
    half.send(&head[..20]);
    let mut asked = served.client();
    let mut open = served.client().begin_reset(&reset_path(&user("0001")));
    asked.send("GET /__admin/health HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(asked.answer(false).status, 100);
    // Connections are accepted in order, so the earlier ones are open.
    served.signal("TERM");
    assert!(silent.is_closed());
    asked.send(" ");
    let health = asked.answer(false);
    assert_eq!((health.status, health.header("connection")), (503, Some("close")));
    assert_eq!(health.json()["status"], "draining");
    half.send(&head[20..]);
    let answer = half.answer(false);
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert!(half.is_closed());
    open.send("{}GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = open.answer(false);
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert!(open.next(false).is_none(), "nothing that comes after is answered");
    assert_eq!(served.end().0, Some(0));
}

/// An override whose responses exceed all buffers.
fn long_answers(served: &Served, bytes: usize) {
    let rule = format!(r#"{{"status": 503, "undocumented": true, "body": "{}"}}"#, "x".repeat(bytes));
    assert_eq!(served.client().request("POST", "/__admin/overrides", &[], &rule).status, 201);
}

#[test]
fn drain_finishes_a_response_being_read() {
    let served = Served::start(&["--log-level", "off"]);
    long_answers(&served, 7 << 20);
    let mut idle = served.client();
    assert_eq!(idle.get("/__admin/health").status, 200);
    let mut reads = served.client();
    reads.send(raw_reset(""));
    assert!(reads.has_answer_within(crate::client::PATIENCE));
    served.signal("TERM");
    assert!(idle.is_closed());
    assert_eq!(reads.answer(false).body.len(), 7 << 20);
    assert!(reads.is_closed());
    assert_eq!(served.end().0, Some(0));
}

/// Clients that delay the server: half a head, a body that does not arrive, a response that is not read.
fn slow_clients(served: &Served) -> Vec<Client> {
    let mut half = served.client();
    half.send("GET /half");
    let body = served.client().begin_reset(&reset_path(&user("0001")));
    long_answers(served, 4 << 20);
    let mut unread = served.client();
    unread.send(raw_reset("").repeat(8));
    assert!(unread.has_answer_within(crate::client::PATIENCE));
    vec![half, body, unread]
}

#[test]
fn slow_clients_are_cut_at_drain_end_or_second_signal() {
    for (drain, signals, code) in [("drain_ms=100", 1, 0), ("drain_ms=600000", 2, 143)] {
        let served = Served::start(&["--log-level", "off", "--limit", drain]);
        let mut idle = served.client();
        assert_eq!(idle.get(&reset_path(&user("0001"))).status, 200);
        let mut clients = slow_clients(&served);
        for _ in 0..signals {
            served.signal("TERM");
            assert!(idle.is_closed());
        }
        assert_eq!(served.end().0, Some(code));
        let mut unread = clients.pop().unwrap();
        assert!(clients.iter_mut().all(Client::is_closed), "they get no half of an answer");
        unread.ends_by_reset();
    }
}

#[test]
fn closed_stderr_keeps_the_server_running() {
    for form in ["text", "json"] {
        let script = format!("exec {BINARY} serve --port 0 --log {form} 2>&-");
        let served = Served::spawn(Command::new("sh").args(["-c", &script]));
        for _ in 0..20 {
            let answer = served.client().get(&reset_path(&user("0001")));
            assert_eq!(answer.status, 200);
        }
        assert_eq!(served.terminate().0, Some(0));
    }
}

#[test]
fn unread_stdout_keeps_the_server_running() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let mut child = wksmock(&["serve", "--port", "0", "--log-level", "off", "--ready-file", ready.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    while !ready.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    let url = std::fs::read_to_string(&ready).unwrap();
    assert_eq!(run(&["health", url.trim()]).status.code(), Some(0));
    signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn unread_logs_do_not_block_shutdown() {
    for lines_max in ["log_lines_max=1", "log_lines_max=10000"] {
        let mut served = Served::start(&["--limit", lines_max]);
        let mut unread = served.child.stderr.take().unwrap();
        let mut client = served.client();
        // Seven of these lines fill a pipe: the others wait in the queue, or are dropped because it is full.
        let path = format!("/{}", "x".repeat(10_000));
        for _ in 0..100 {
            assert_eq!(client.get(&path).status, 404);
        }
        served.signal("TERM");
        let (code, after_ready, _) = served.end();
        assert_eq!((code, after_ready.as_str()), (Some(0), ""), "{lines_max}");
        assert!(unread.read(&mut [0]).unwrap() > 0);
    }
}
