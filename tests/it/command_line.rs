//! Subcommands, flags, variables and exit codes.

use crate::beginnings::COMMANDS;
use crate::binary::{Served, run, stderr, stdout, wksmock};
use crate::{PROJECT, reset_path, user};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

fn password(flags: &[&str]) -> String {
    let user = user("0001");
    let flags = [&["password", "--project", PROJECT, "--user", &user], flags].concat();
    let output = run(&flags);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn help_matches_its_snapshots() {
    let help = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
        stdout(&output)
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_short", help(&["-h"]));
    for command in COMMANDS {
        insta::assert_snapshot!(format!("help_{command}"), help(&[command, "--help"]));
        insta::assert_snapshot!(format!("help_{command}_short"), help(&[command, "-h"]));
    }
    assert_eq!(help(&["help", "check"]), help(&["check", "--help"]));
    assert_eq!(help(&["--version"]), format!("wksmock {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn password_prints_the_servers_password() {
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
fn password_of_an_unknown_user_is_an_error_with_a_hint() {
    let near = user("000l");
    let unknown = run(&["password", "--project", PROJECT, "--user", &near]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `8a2c3f9579d240820179d51e6caf0001`"), "{}", stderr(&unknown));
    let far = run(&["password", "--project", "x", "--user", "y"]);
    assert!(stderr(&far).contains("--users"), "{}", stderr(&far));
    for wrong in [["--call", "0"], ["--calls", "2-1"], ["--calls", "1-"], ["--call", "x"], ["--password-length", "7"]] {
        let user = user("0001");
        let flags = [&["password", "--project", PROJECT, "--user", &user], &wrong[..]].concat();
        assert_eq!(run(&flags).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn flag_takes_precedence_over_an_excluded_flags_variable() {
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
fn failed_print_is_reported() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = wksmock(&["check", "fixtures/users.json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(stderr(&output).contains("cannot write to stdout"), "{}", stderr(&output));
}

#[test]
fn every_flag_has_a_variable_and_unknown_ones_warn() {
    let output = wksmock(&["password"])
        .envs([
            ("WKSMOCK_SEED", "7"),
            ("WKSMOCK_PROJECT", PROJECT),
            ("WKSMOCK_USER", &user("0001")),
            ("WKSMOCK_SEDE", "8"),
            // For helpers that start the program.
            ("WKSMOCK_BINARY", "wksmock"),
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

/// Builds a command in which `mock.test` has three addresses; `None` where a process may not have files of its own.
fn with_addresses(hosts: &Path, arguments: &[&str]) -> Option<Command> {
    const WAYS: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    const SCRIPT: &str = r#"mount --bind "$HOSTS" /etc/hosts && exec "$0" "$@""#;
    std::fs::write(hosts, "127.0.0.1 mock.test\n127.0.0.2 mock.test\n::1 mock.test\n").unwrap();
    let way = WAYS.iter().find(|way| {
        let tried = Command::new("unshare").args(**way).args(["sh", "-c", SCRIPT, "true"]).env("HOSTS", hosts).status();
        tried.is_ok_and(|status| status.success())
    })?;
    let mut command = Command::new("unshare");
    command.args(*way).args(["sh", "-c", SCRIPT, env!("CARGO_BIN_EXE_wksmock")]).args(arguments).env("HOSTS", hosts);
    Some(command)
}

#[test]
fn listen_name_binds_all_its_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let (file, hosts) = (folder.path().join("ready"), folder.path().join("hosts"));
    let ready = ["--log-level", "off", "--ready-file", file.to_str().unwrap()];
    let addresses = ["127.0.0.1", "127.0.0.2", "[::1]"];
    for flags in [&[][..], &["--threads", "3"], &["--admin-listen", "mock.test:0"]] {
        let flags = [&["serve", "--host", "mock.test", "--port", "0"], &ready[..], flags].concat();
        let Some(mut command) = with_addresses(&hosts, &flags) else { return };
        let served = Served::spawn(&mut command);
        let urls = std::fs::read_to_string(&file).unwrap();
        let urls: Vec<_> = urls.lines().collect();
        assert_eq!(urls[0], served.url);
        for url in &urls {
            let port = url.rsplit(':').next().unwrap();
            for address in addresses {
                let mut client = crate::client::Client::connect(&format!("http://{address}:{port}"));
                if *url == served.url {
                    assert_eq!(client.get(&reset_path(&user("0001"))).status, 200, "{address} {flags:?}");
                }
                if url == urls.last().unwrap() {
                    let mut health = client.get("/__admin/health").json();
                    // The other threads may still be about to accept connections.
                    while health["status"] == "starting" {
                        health = client.get("/__admin/health").json();
                    }
                    assert_eq!((&health["status"], &health["url"]), (&"ok".into(), &urls[0].into()), "{address}");
                }
            }
        }
        assert_eq!(served.terminate().0, Some(0));
    }
    // The port must be free at each address.
    for address in addresses {
        let mut named = String::new();
        let expected = format!("of {} is in use", address.trim_matches(['[', ']']));
        // Another test may have the port at an address that is tried first.
        while !named.contains(&expected) {
            let busy = TcpListener::bind(format!("{address}:0")).unwrap();
            let port = busy.local_addr().unwrap().port().to_string();
            let output =
                with_addresses(&hosts, &["serve", "--host", "mock.test", "--port", &port]).unwrap().output().unwrap();
            named = stderr(&output);
            assert_eq!(output.status.code(), Some(69), "{named}");
            assert!(named.contains(&format!("port {port} of ")), "{named}");
        }
    }
}

#[test]
fn env_with_an_uncallable_address_is_refused() {
    for (arguments, why) in [
        (["--url", "mock.example:7070"], "mock.example:7070: expected a URL, as in http://127.0.0.1:7070"),
        (["--url", "ftp://mock.example"], "ftp://mock.example: expected a URL"),
        (["--url", "http://mock.example:70700"], "http://mock.example:70700: expected a URL"),
        (["--url", "http://"], "http://: expected a URL"),
        (["--url", "http://mock.example:0"], "the server picks its port: give its URL with --url"),
        (["--port", "0"], "the server picks its port: give its URL with --url"),
        (["--host", ""], "http://:7070: expected a URL"),
    ] {
        let output = run(&[&["env"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
    let by_variable = wksmock(&["env"]).env("WKSMOCK_URL", "mock:7070").output().unwrap();
    assert!(stderr(&by_variable).contains("set by the variable WKSMOCK_URL"), "{}", stderr(&by_variable));
    for url in ["https://mock.example", "http://[::2]:7", "http://mock_1:80"] {
        assert!(stdout(&run(&["env", "--url", url])).starts_with(&format!("WKSMOCK_URL={url}\n")), "{url}");
    }
}

#[test]
fn health_reads_the_variables_of_serve() {
    let health = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = wksmock(&[&["health"], arguments].concat()).envs(variables.iter().copied()).output().unwrap();
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let ok = (Some(0), "ok\n".to_owned());
    // Beyond loopback, for example in a container.
    let served = Served::spawn(&mut wksmock(&[
        "serve",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--admin-token",
        "t",
        "--log-level",
        "off",
    ]));
    let port = served.url.strip_prefix("http://0.0.0.0:").unwrap().to_owned();
    let (callable, listen) = (format!("http://127.0.0.1:{port}"), format!("0.0.0.0:{port}"));
    assert_eq!(health(&[], &[("WKSMOCK_HOST", "0.0.0.0"), ("WKSMOCK_PORT", &port)]), ok);
    assert_eq!(health(&[], &[("WKSMOCK_LISTEN", &listen)]), ok);
    assert_eq!(health(&[], &[("WKSMOCK_URL", &callable), ("WKSMOCK_PORT", "1"), ("WKSMOCK_HOST", "::1")]), ok);
    assert_eq!(health(&[], &[("WKSMOCK_PORT", &port), ("WKSMOCK_HOST", "localhost")]), ok);
    // Flags take precedence over variables.
    assert_eq!(health(&["--port", &port], &[("WKSMOCK_URL", "http://127.0.0.1:1")]), ok);
    assert_eq!(health(&[&callable], &[("WKSMOCK_PORT", "1"), ("WKSMOCK_LISTEN", "127.0.0.1:1")]), ok);
    assert_eq!(health(&["--timeout-ms", "9000", &callable], &[("WKSMOCK_ADMIN_LISTEN", "127.0.0.1:1")]), ok);
    let env = |arguments: &[&str]| stdout(&run(&[&["env"], arguments].concat()));
    assert!(env(&["--host", "0.0.0.0", "--port", &port]).starts_with(&format!("WKSMOCK_URL={callable}\n")));
    assert!(env(&["--listen", &listen]).starts_with(&format!("WKSMOCK_URL={callable}\n")));
    assert!(env(&["--host", "::", "--port", "7"]).starts_with("WKSMOCK_URL=http://[::1]:7\n"));
    let both = wksmock(&["env"]).envs([("WKSMOCK_URL", "http://mock:1"), ("WKSMOCK_PORT", "2")]).output().unwrap();
    assert!(stdout(&both).starts_with("WKSMOCK_URL=http://mock:1\n"), "{}", stderr(&both));
    drop(served);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready");
    let served =
        Served::start(&["--admin-listen", "127.0.0.1:0", "--ready-file", file.to_str().unwrap(), "--log-level", "off"]);
    let urls = std::fs::read_to_string(&file).unwrap();
    let [port, admin] = urls.lines().collect::<Vec<_>>().try_into().unwrap();
    let (port, admin) = (port.rsplit(':').next().unwrap(), admin.strip_prefix("http://").unwrap());
    assert_eq!(health(&[], &[("WKSMOCK_PORT", port), ("WKSMOCK_ADMIN_LISTEN", admin)]), ok);
    let (code, said) = health(&[], &[("WKSMOCK_PORT", port)]);
    assert!(code == Some(1) && said.contains(&format!("http://127.0.0.1:{port}: ")), "{said}");
    let (code, said) = health(&[], &[("WKSMOCK_PORT", "0")]);
    assert!(code == Some(2) && said.contains("WKSMOCK_PORT"), "{said}");
    // A foreign host name is refused with the flag that allows it.
    let mut client = crate::client::Client::connect(&format!("http://{admin}"));
    client.send("GET /__admin/health HTTP/1.1\r\nHost: mock.example\r\n\r\n");
    let refused = client.answer(false);
    assert!(refused.status == 403 && refused.body.contains("--allow-host"), "{refused:?}");
    assert_eq!(served.terminate().0, Some(0));
}

/// Runs with variables; returns the exit code and stderr.
fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = wksmock(arguments).envs(variables.iter().copied()).output().unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn kubernetes_service_variables_are_ignored() {
    let service = [
        ("WKSMOCK_PORT", "tcp://10.96.0.17:7070"),
        ("WKSMOCK_SERVICE_HOST", "10.96.0.17"),
        ("WKSMOCK_SERVICE_PORT", "7070"),
        ("WKSMOCK_SERVICE_PORT_HTTP", "7070"),
        ("WKSMOCK_PORT_7070_TCP", "tcp://10.96.0.17:7070"),
        ("WKSMOCK_PORT_7070_TCP_PROTO", "tcp"),
        ("WKSMOCK_PORT_7070_TCP_PORT", "7070"),
        ("WKSMOCK_PORT_7070_TCP_ADDR", "10.96.0.17"),
    ];
    let output = wksmock(&["env"]).envs(service).output().unwrap();
    assert!(stdout(&output).starts_with("WKSMOCK_URL=http://127.0.0.1:7070\n"), "{}", stdout(&output));
    insta::assert_snapshot!(stderr(&output), @"warning: WKSMOCK_PORT=tcp://10.96.0.17:7070 is ignored: Kubernetes sets it in every pod for a Service of this name; to avoid this, set enableServiceLinks: false in the pod's spec, or rename the Service");
    // Commands with an explicit port, or without use for one, print no warning.
    for arguments in [&["env", "--port", "1"][..], &["env", "--listen=127.0.0.1:1"], &["schema", "users"]] {
        assert_eq!(run_with(arguments, &service), (Some(0), String::new()), "{arguments:?}");
    }
    let served = Served::spawn(wksmock(&["serve", "--port", "0", "--log-level", "off"]).envs(service));
    assert_eq!(served.client().get(&reset_path(&user("0001"))).status, 200);
    assert_eq!(served.terminate(), (Some(0), String::new(), String::new()));
}

#[test]
fn variable_errors_name_it_and_escape_control_characters() {
    let user = user("0001");
    let password = ["password", "--project", PROJECT, "--user", &user];
    for (arguments, variable, value, shown) in [
        (&["serve"][..], "WKSMOCK_PORT", "7070\r", "'7070\\r'"),
        (&["env"], "WKSMOCK_PORT", "x", "'x'"),
        (&["serve"], "WKSMOCK_THREADS", "0", "'0'"),
        (&["serve"], "WKSMOCK_LENIENT", "perhaps", "'perhaps'"),
        (&["serve"], "WKSMOCK_AUTH", "on\u{1b}[31m", "'on\\u{1b}[31m'"),
        (&["serve"], "WKSMOCK_SEED", "-1", "'-1'"),
        (&["serve"], "WKSMOCK_LIMIT", "idle_ms=1;idle=2", "'idle=2'"),
        (&["serve"], "WKSMOCK_LISTEN", "127.0.0.1:0\r", "127.0.0.1:0\\r"),
        (&["serve"], "WKSMOCK_HOST", "no host", "no host"),
        (&["serve"], "WKSMOCK_ADMIN_LISTEN", "nonsense", "nonsense"),
        (&["serve"], "WKSMOCK_USERS", "nowhere.json", "nowhere.json"),
        (&["serve"], "WKSMOCK_SCENARIO", "fixtures/users.json;nowhere\r", "nowhere\\r"),
        (&["serve"], "WKSMOCK_FAULT", "nobody=503", "nobody=503"),
        (&["serve"], "WKSMOCK_SMTP", "http://x", "smtp"),
        (&["serve", "--port", "0"], "WKSMOCK_READY_FILE", "/nonexistent/ready", "/nonexistent/ready"),
        (&["run", "--", "true"], "WKSMOCK_REPORT", "json", "'json'"),
        (&["run", "--", "true"], "WKSMOCK_REQUIRE_COVERAGE", "418", "'418'"),
        (&["run", "--", "true"], "WKSMOCK_SMS_WEBHOOK", "nonsense", "--sms-webhook"),
        (&["check"], "WKSMOCK_FAULT", "nobody=503", "nobody=503"),
        (&password, "WKSMOCK_CALLS", "3-1", "'3-1'"),
        (&password, "WKSMOCK_PASSWORD_LENGTH", "7", "'7'"),
        (&["password", "--user", &user], "WKSMOCK_PROJECT", "no-such", "no-such"),
        (&["plan"], "WKSMOCK_OPERATION", "NoSuch", "NoSuch"),
        (&["health"], "WKSMOCK_URL", "nonsense", "nonsense"),
        (&["health"], "WKSMOCK_TIMEOUT_MS", "soon", "'soon'"),
    ] {
        let (code, said) = run_with(arguments, &[(variable, value)]);
        assert_eq!(code, Some(2), "{variable}: {said}");
        assert!(
            said.contains(&format!("variable {variable}")) || said.contains(&format!("variable '{variable}'")),
            "{said}"
        );
        assert!(said.contains(shown), "{variable}: {said}");
        assert!(!said.contains(|character: char| character.is_control() && character != '\n'), "{said:?}");
    }
    // A given flag ignores the variable.
    let (_, said) = run_with(&["serve", "--port", "x"], &[("WKSMOCK_PORT", "y")]);
    assert!(said.contains("'x'") && !said.contains("WKSMOCK_PORT"), "{said}");
    let (_, said) = run_with(&password, &[("WKSMOCK_CALL", "1"), ("WKSMOCK_CALLS", "1-2")]);
    assert!(said.contains("'WKSMOCK_CALL'") && said.contains("'WKSMOCK_CALLS'"), "{said}");
    let (_, said) = run_with(&["serve"], &[("WKSMOCK_ADMIN_TOKEN", "two words")]);
    assert!(said.contains("'WKSMOCK_ADMIN_TOKEN'") && !said.contains("two words"), "{said}");
}

#[test]
fn non_utf8_variable_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let value = std::ffi::OsStr::from_bytes(b"a=\xff");
    for (command, variable) in [("serve", "WKSMOCK_FAULT"), ("env", "WKSMOCK_HOST")] {
        let output = wksmock(&[command]).env(variable, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(variable), "{}", stderr(&output));
    }
}

#[test]
fn variable_values_are_separated_by_semicolons() {
    let faults = format!("{}=503; {}=500;", user("0001"), user("0002"));
    let mut command = wksmock(&["serve", "--port", "0"]);
    let served = Served::spawn(command.envs([("WKSMOCK_FAULT", faults.as_str()), ("WKSMOCK_LOG_LEVEL", "off")]));
    let mut client = served.client();
    assert_eq!(client.get(&reset_path(&user("0001"))).status, 503);
    assert_eq!(client.get(&reset_path(&user("0002"))).status, 500);

    let folder = tempfile::tempdir().unwrap();
    let users = |name: &str, id: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, format!(r#"{{"projects": [{{"id": "{id}", "users": [{{"id": "u"}}]}}]}}"#)).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (odd, other) = (users("odd;name.json", "p1"), users("other.json", "p2"));
    let found = |variable: &str, project: &str| {
        let arguments = ["password", "--project", project, "--user", "u"];
        run_with(&arguments, &[("WKSMOCK_USERS", variable)])
    };
    assert_eq!(found(&odd, "p1"), (Some(0), String::new()));
    assert_eq!(found(&format!("{other};fixtures/users.json"), "p2"), (Some(0), String::new()));
    assert_eq!(found(&format!("{odd}\n{other}"), "p1"), (Some(0), String::new()));
    // The program cannot tell which semicolons separate, so the error states the remedy.
    let (code, said) = found(&format!("{odd};{other}"), "p1");
    assert_eq!(code, Some(2));
    assert!(said.contains("a value that has a semicolon needs the flag: --users"), "{said}");
}

#[test]
fn busy_port_is_one_line_and_exit_code_69() {
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
fn listen_address_has_two_forms() {
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
fn ready_file_is_complete_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready");
    std::fs::write(&file, "stale").unwrap();
    let served = Served::start(&["--ready-file", file.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n", served.url));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let port = served.url.rsplit(':').next().unwrap();
    let second = run(&["serve", "--port", port, "--ready-file", file.to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(69));
    assert!(!file.exists(), "a server that did not start is not ready, even with another's file");
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
fn server_removes_only_its_own_ready_file() {
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
        [(["--ready-file", "ready"], "symbolic link"), (["--ready-file", "users.json"], "which is an input")]
    {
        let users = ["--users", "users.json", "--port", "0"];
        let output = wksmock(&["serve"]).args(users).args(flags).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_to_string(&users).unwrap(), text);
}

#[test]
fn stale_ready_file_is_removed_before_startup_can_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready");
    let serve = |arguments: &[&str]| {
        run(&[&["serve", "--port", "0", "--ready-file", file.to_str().unwrap()], arguments].concat())
    };
    for wrong in [&["--users", "nowhere"][..], &["--listen-nowhere"], &["--host", "192.0.2.1"], &["--fault", "x"]] {
        std::fs::write(&file, "http://127.0.0.1:1\n").unwrap();
        let is_known = !wrong[0].starts_with("--listen");
        assert!(!serve(wrong).status.success());
        // An unknown flag leaves even the ready file unknown.
        assert_eq!(file.exists(), !is_known, "{wrong:?}");
    }
    // A path that is not a regular file is kept and reported; so is a file that is an input.
    std::fs::create_dir(&file).unwrap();
    assert!(stderr(&serve(&[])).contains("--ready-file"));
    std::fs::remove_dir(&file).unwrap();
    let users = folder.path().join("users.json");
    std::fs::write(&users, include_str!("../../fixtures/users.json")).unwrap();
    let [ready, all] = [&users, &folder.path().to_owned()].map(|path| path.to_str().unwrap().to_owned());
    let refused = run(&["serve", "--port", "0", "--users", &all, "--ready-file", &ready]);
    assert!(refused.status.code() == Some(2) && users.exists(), "{}", stderr(&refused));
}

#[test]
fn stdout_has_only_the_ready_line() {
    let served = Served::start(&["--log-level", "off"]);
    served.client().get(&reset_path(&user("0001")));
    assert_eq!(served.terminate(), (Some(0), String::new(), String::new()));
}

#[test]
fn health_exits_0_if_healthy_and_1_if_not() {
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
    for wrong in ["ftp://x", "nonsense", "http://127.0.0.1:99999", "http://127.0.0.1:0"] {
        assert_eq!(run(&["health", wrong]).status.code(), Some(2), "{wrong}");
    }
}

/// Starts a foreign server whose answer has terminal control sequences.
#[test]
fn health_escapes_terminal_sequences() {
    use std::io::{Read as _, Write as _};
    let status = format!("\\u001b]0;owned\\u0007\\r\\nok\\u202e{}", "x".repeat(10_000));
    let json = format!("{{\"status\": \"{status}\"}}");
    let line = "HTTP/1.1 200 \u{1b}[2J\r\n";
    let answers = [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}", json.len()),
        format!("{line}Content-Length: 0\r\n\r\n"),
        "\u{1b}[31mno HTTP\r\n\r\n".to_owned(),
    ];
    for answer in answers {
        let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", foreign.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = foreign.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let output = run(&["health", &url]);
        serving.join().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = stdout(&output) + &stderr(&output);
        let is_obeyed = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!told.contains(is_obeyed) && told.lines().count() == 1 && told.len() < 1_000, "{told:?}");
    }
}

#[test]
fn closed_stdout_keeps_the_server_running() {
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
