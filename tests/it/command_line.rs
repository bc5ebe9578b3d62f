//! Subcommands, flags, variables and exit codes.

use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::{PROJECT, reset_path, user};
use std::net::TcpListener;

fn password(flags: &[&str]) -> String {
    let user = user("0001");
    let flags = [&["password", "--project", PROJECT, "--user", &user], flags].concat();
    let output = run(&flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn help_is_as_it_is() {
    let help = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
        stdout(&output)
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    for command in ["serve", "run", "check", "plan", "password", "schema", "health", "env"] {
        insta::assert_snapshot!(format!("help_{command}"), help(&[command, "--help"]));
    }
    assert_eq!(help(&["help", "check"]), help(&["check", "--help"]));
    assert_eq!(help(&["--version"]), format!("wksmock {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn password_prints_what_the_server_gives() {
    let served = Served::start(&["--seed", "7", "--log-level", "off"]);
    let mut client = served.client();
    let given: Vec<_> = (1..=3).map(|_| client.get(&reset_path(&user("0001"))).password()).collect();
    let lines: Vec<_> = given.iter().enumerate().map(|(at, password)| format!("{} {password}\n", at + 1)).collect();
    assert_eq!(password(&["--seed", "7", "--calls", "1-3"]), lines.concat());
    assert_eq!(password(&["--seed", "7", "--call", "2"]), format!("{}\n", given[1]));
    assert_eq!(password(&["--seed", "7"]), format!("{}\n", given[0]));
    assert_eq!(password(&["--call", "1000000"]), "C!_G69aw55\n");
    assert_eq!(password(&["--password-length", "20"]), "8O$mJg#9Dsj*9g?cenux\n");
}

#[test]
fn what_password_does_not_know_is_an_error_with_a_hint() {
    let near = user("000l");
    let unknown = run(&["password", "--project", PROJECT, "--user", &near]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean 8a2c3f9579d240820179d51e6caf0001"), "{}", stderr(&unknown));
    let far = run(&["password", "--project", "x", "--user", "y"]);
    assert!(stderr(&far).contains("--users"), "{}", stderr(&far));
    for wrong in [["--call", "0"], ["--calls", "2-1"], ["--calls", "1-"], ["--call", "x"], ["--password-length", "7"]] {
        let user = user("0001");
        let flags = [&["password", "--project", PROJECT, "--user", &user], &wrong[..]].concat();
        assert_eq!(run(&flags).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_flag_goes_before_the_variable_of_one_that_it_excludes() {
    let with = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = wksmock(arguments).envs(variables.iter().copied()).output().unwrap();
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let user = user("0001");
    let of_user = ["password", "--project", PROJECT, "--user", &user];
    let calls = [&of_user[..], &["--calls", "2-3"]].concat();
    assert_eq!(with(&[("WKSMOCK_CALL", "7")], &calls), with(&[], &calls));
    assert_eq!(with(&[("WKSMOCK_SEED", "")], &of_user), with(&[], &of_user));
    let (code, said) = with(&[("WKSMOCK_CALL", "7"), ("WKSMOCK_CALLS", "2-3")], &of_user);
    assert_eq!(code, Some(2), "{said}");

    let served = Served::spawn(wksmock(&["serve", "--port", "0"]).envs([
        ("WKSMOCK_LISTEN", "127.0.0.1:1"),
        ("WKSMOCK_FAULT", "8a2c3f9579d240820179d51e6caf0001=503\n"),
        ("WKSMOCK_USERS", ""),
        ("WKSMOCK_NO_ADMIN", "false"),
        ("WKSMOCK_ADMIN_TOKEN", "t"),
        ("WKSMOCK_LOG_LEVEL", "off"),
    ]));
    assert_eq!(served.client().get(&reset_path(&user)).status, 503);
    assert_eq!(served.client().get("/__admin/users").status, 401);
}

#[test]
fn what_cannot_be_printed_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = wksmock(&["check", "fixtures/users.json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(stderr(&output).contains("cannot write to stdout"), "{}", stderr(&output));
}

#[test]
fn every_flag_has_a_variable_and_an_unknown_one_is_a_warning() {
    let output = wksmock(&["password"])
        .envs([
            ("WKSMOCK_SEED", "7"),
            ("WKSMOCK_PROJECT", PROJECT),
            ("WKSMOCK_USER", &user("0001")),
            ("WKSMOCK_SEDE", "8"),
        ])
        .output()
        .unwrap();
    assert_eq!(stdout(&output), password(&["--seed", "7"]));
    assert_eq!(stderr(&output), "warning: unknown variable WKSMOCK_SEDE; did you mean WKSMOCK_SEED?\n");

    let faults = format!("{}=503\n{}=500", user("0001"), user("0002"));
    let served = Served::spawn(wksmock(&["serve"]).envs([
        ("WKSMOCK_PORT", "0"),
        ("WKSMOCK_FAULT", &faults),
        ("WKSMOCK_LENIENT", "1"),
        ("WKSMOCK_LOG_LEVEL", "off"),
    ]));
    let mut client = served.client();
    assert_eq!(client.request("GET", &reset_path(&user("0001")), &["Content-Type: -"], "").status, 503);
    assert_eq!(client.get(&reset_path(&user("0002"))).status, 500);
}

#[test]
fn a_busy_port_is_one_clear_line_and_69() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let output = run(&["serve", "--port", &port]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(69), String::new()));
    assert_eq!(
        stderr(&output),
        format!("error: port {port} of 127.0.0.1 is in use; choose another with --port, or 0 for a free one\n")
    );
}

#[test]
fn where_to_listen_can_be_said_in_two_ways() {
    for flags in
        [["serve", "--listen", "127.0.0.1:0"], ["serve", "--listen", "localhost:0"], ["serve", "--listen", "[::1]:0"]]
    {
        let served = Served::spawn(&mut wksmock(&flags));
        assert!(served.url.starts_with("http://"), "{}", served.url);
        let url = served.url.clone();
        assert_eq!(run(&["health", &url]).status.code(), Some(0));
    }
    for wrong in [&["--listen", "nonsense"][..], &["--listen", "127.0.0.1:0", "--port", "1"], &["--port", "65536"]] {
        assert_eq!(run(&[&["serve"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_ready_file_is_there_whole_while_the_server_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready");
    std::fs::write(&file, "stale").unwrap();
    let served = Served::start(&["--ready-file", file.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n", served.url));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let port = served.url.rsplit(':').next().unwrap();
    let second = run(&["serve", "--port", port, "--ready-file", file.to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(69));
    assert!(file.exists(), "a server that did not start leaves another's file alone");
    assert_eq!(served.terminate().0, Some(0));
    assert!(!file.exists(), "a server that ended is not ready");
    let apart = Served::start(&["--ready-file", file.to_str().unwrap(), "--admin-listen", "127.0.0.1:0"]);
    let urls = std::fs::read_to_string(&file).unwrap();
    let [url, admin] = urls.lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(url, apart.url);
    assert_eq!(crate::client::Client::connect(admin).get("/__admin/health").status, 200);
    drop(apart);
    let nowhere = run(&["serve", "--port", "0", "--ready-file", "/nonexistent/ready"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("--ready-file /nonexistent/ready"), "{}", stderr(&nowhere));
}

#[test]
fn a_server_removes_only_the_ready_file_that_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready");
    let start = || Served::start(&["--ready-file", file.to_str().unwrap()]);
    let (first, second) = (start(), start());
    assert_eq!(first.terminate().0, Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n", second.url));
    assert_eq!(second.terminate().0, Some(0));
    assert!(!file.exists());
    let users = folder.path().join("users.json");
    let text = include_str!("../../fixtures/users.json");
    std::fs::write(&users, text).unwrap();
    std::os::unix::fs::symlink(&users, &file).unwrap();
    for (flags, expected) in
        [(["--ready-file", "ready"], "symbolic link"), (["--ready-file", "users.json"], "which is read")]
    {
        let users = ["--users", "users.json", "--port", "0"];
        let output = wksmock(&["serve"]).args(users).args(flags).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_to_string(&users).unwrap(), text);
}

#[test]
fn nothing_but_the_ready_line_is_printed() {
    let served = Served::start(&["--log-level", "off"]);
    served.client().get(&reset_path(&user("0001")));
    assert_eq!(served.terminate(), (Some(0), String::new(), String::new()));
}

#[test]
fn health_is_0_if_healthy_and_1_if_not() {
    let served = Served::start(&["--log-level", "off"]);
    let healthy = run(&["health", &served.url]);
    assert_eq!((healthy.status.code(), stdout(&healthy).as_str()), (Some(0), "ok\n"));
    let url = served.url.clone();
    assert_eq!(served.terminate().0, Some(0));
    let gone = run(&["health", &url]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains(&url), "{}", stderr(&gone));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let unanswered = run(&["health", &url, "--timeout-ms", "50"]);
    assert_eq!(unanswered.status.code(), Some(1));
    assert!(stderr(&unanswered).contains("50 ms"), "{}", stderr(&unanswered));
    for wrong in ["https://x", "nonsense", "http://127.0.0.1:99999", "http://127.0.0.1:0"] {
        assert_eq!(run(&["health", wrong]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_closed_stdout_does_not_end_the_server() {
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "exec {} serve --port 0 --log-level off --ready-file {}/ready >&-",
        env!("CARGO_BIN_EXE_wksmock"),
        folder.path().display()
    );
    let mut child = std::process::Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).spawn().unwrap();
    let file = folder.path().join("ready");
    let url = loop {
        match std::fs::read_to_string(&file) {
            Ok(url) => break url.trim().to_owned(),
            Err(_) => assert!(child.try_wait().unwrap().is_none(), "it ended"),
        }
        std::thread::yield_now();
    };
    assert_eq!(run(&["health", &url]).status.code(), Some(0));
    child.kill().unwrap();
    child.wait().unwrap();
}
