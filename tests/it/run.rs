//! `wksmock run`: a server for one command, which is judged by its calls.

use crate::binary::{run, stderr, stdout, wksmock};
use crate::client::Client;
use crate::{PROJECT, reset_path, user};
use base64::Engine as _;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

/// The variable with the consumer's tasks.
const TASK: &str = "CONSUMER_TASK";

/// Builds the command of the tests below: this program, which runs the test that acts as a consumer. It calls the users
/// whose ids end in the words of its task.
fn consume(flags: &[&str], task: &str) -> Command {
    let consumer = std::env::current_exe().unwrap();
    let words = ["--exact", "run::consumer", "--ignored", "--nocapture", "--quiet"];
    let mut command = wksmock(&[&["run"], flags, &["--", consumer.to_str().unwrap()], &words].concat());
    command.env(TASK, task).stdin(Stdio::null());
    command
}

#[test]
#[ignore = "a program that other tests run"]
#[expect(clippy::disallowed_methods, reason = "it holds the server's time against its own")]
fn consumer() {
    let (Ok(task), Ok(url)) = (std::env::var(TASK), std::env::var("WKSMOCK_URL")) else {
        return;
    };
    let connected = Instant::now();
    let mut client = Client::connect(&url);
    for word in task.split_whitespace() {
        match word.split_once(':') {
            Some(("tell", end)) => {
                // In two pieces, like a program that is interrupted.
                let password = client.get(&reset_path(&user(end))).password();
                for piece in [&password[..4], &password[4..]] {
                    std::io::stdout().write_all(piece.as_bytes()).unwrap();
                    std::io::stdout().flush().unwrap();
                }
            }
            Some(("tell-stderr", end)) => {
                let password = client.get(&reset_path(&user(end))).password();
                writeln!(std::io::stderr(), "<{password}>").unwrap();
            }
            Some(("reset", _)) => {
                client.request("POST", "/__admin/reset", &[], "");
            }
            Some(("early", end)) => {
                client.get(&reset_path(&user(end)));
                let answered = connected.elapsed().as_millis();
                let entry = client.get("/__admin/requests/1").json();
                assert!(u128::from(entry["at_ms"].as_u64().unwrap()) <= answered, "{answered} ms: {entry}");
            }
            Some(("replace", _)) => {
                client.request("PUT", "/__admin/scenario", &[], r#"{"rules": []}"#);
            }
            Some(("lose", end)) => {
                client.send(format!(
                    "GET {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
                    reset_path(&user(end))
                ));
                assert!(client.ends_by_reset());
                client = Client::connect(&url);
            }
            Some(("tell-mailed", end)) => print_mailed(&mut client, end),
            Some(("tell-written", end)) => print_encoded(&mut client, end),
            Some(("pigeon", end)) => {
                let path = format!("{}?notification_type=%23%23vso%5Bx%E2%80%A8::x", reset_path(&user(end)));
                assert_eq!(client.get(&path).status, 400);
            }
            Some(("tell-token", _)) => {
                let token = crate::signer::token(&mut client);
                println!("export TOKEN=x{token}x");
            }
            Some(("tell-phone", end)) => {
                client.get(&format!("{}?notification_type=phone", reset_path(&user(end)))).password();
            }
            Some(("leave", end)) => {
                let path = reset_path(&user(end));
                client
                    .send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n"));
            }
            _ => {
                client.get(&reset_path(&user(word)));
            }
        }
    }
}

fn shell(script: &str) -> Output {
    wksmock(&["run", "--", "sh", "-c", script]).stdin(Stdio::null()).output().unwrap()
}

/// A scenario of two outages and a consumer that must stop after three calls.
fn drill(folder: &Path) -> String {
    let file = folder.join("drill.json");
    let scenario = r#"{
  "rules": [{ "name": "two outages", "when": { "calls": "1-2" }, "status": 503 }],
  "expect": [
    { "name": "stops after three", "when": { "user": "8a2c3f9579d240820179d51e6caf0001" }, "calls": { "min": 3, "max": 3 }, "ends_with": 200 }
  ]
}"#;
    std::fs::write(&file, scenario).unwrap();
    file.to_str().unwrap().to_owned()
}

fn down(folder: &Path, until_ms: u64) -> String {
    let file = folder.join("down.json");
    let expect = r#"[{"name": "is there in the end", "calls": {"min": 1, "max": 1}, "ends_with": 200}]"#;
    let text = format!(r#"{{"rules": [], "down": [{{"time_ms": [0, {until_ms}]}}], "expect": {expect}}}"#);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[expect(clippy::print_stdout, reason = "the output of the consumer is looked through")]
fn print(line: &str) {
    println!("{line}");
}

/// Prints passwords that were sent to users.
fn print_mailed(client: &mut Client, end: &str) {
    let json = "Content-Type: application/json";
    let users = format!("/v2/{PROJECT}/users");
    let carol = r#"{"user_name": "carol", "user_email": "carol@example.com"}"#;
    let made = client.request("POST", &users, &[json], carol).json();
    let path = reset_path(made["id"].as_str().unwrap()) + "?notification_type=email";
    print(&client.get(&path).password());
    let action = format!("{users}/{}/actions", user(end));
    assert_eq!(client.request("POST", &action, &[json], r#"{"op_type": "RESET_PWD"}"#).status, 204);
    for message in client.get("/__admin/outbox").json()["messages"].as_array().unwrap() {
        print(message["text"].as_str().unwrap());
    }
    // Another user replaces the created one.
    client.request("POST", "/__admin/reset", &[], "");
    assert_eq!(client.request("POST", &users, &[json], &carol.replace("carol", "dave")).status, 201);
}

/// Prints passwords in some of the encodings that programs use.
fn print_encoded(client: &mut Client, end: &str) {
    let mut password = || client.get(&reset_path(&user(end))).password();
    let per_cent = |one: u8| format!("%{one:02x}");
    print(&password().bytes().map(per_cent).collect::<Vec<_>>().concat());
    let json = |one: u8| format!("\\u{one:04x}");
    print(&format!("{{\"password\": \"{}\"}}", password().bytes().map(json).collect::<Vec<_>>().concat()));
    let coloured = password();
    print(&format!("\u{1b}[31m{}\u{1b}[0m{}", &coloured[..4], &coloured[4..]));
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("user:{} more", password()));
    print(&format!("Authorization: Basic {basic}"));
    print(&password().bytes().map(|one| format!("&#{one};")).collect::<Vec<_>>().concat());
    print(password().get(1..).unwrap());
}

#[test]
fn down_window_from_0_affects_a_late_client() {
    let folder = tempfile::tempdir().unwrap();
    // Any program takes longer to start than this window lasts.
    let script = r#"call() { curl -s -o /dev/null -H 'Content-Type: application/json' \
        "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password"; }
        call && exit 7
        until call; do :; done"#;
    let output = wksmock(&["run", "--scenario", &down(folder.path(), 1), "--", "sh", "-c", script]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // A client that gives up is missed, and the report explains it.
    let script = script.replace("until call; do :; done", "true");
    let output =
        wksmock(&["run", "--scenario", &down(folder.path(), 60_000), "--", "sh", "-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let why = "no calls; \"down [0, 60000]\" reset or refused connections";
    assert!(stderr(&output).contains(why), "{}", stderr(&output));
}

#[test]
fn virtual_time_starts_with_the_first_connection() {
    let output = consume(&[], "early:0001").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    // Nor do calls that inspect a command that has not connected start it.
    let folder = tempfile::tempdir().unwrap();
    let flags = ["run", "--log-level", "info", "--scenario", &down(folder.path(), 60_000), "--", "true"];
    let output = run(&flags);
    assert_eq!(output.status.code(), Some(1), "no calls");
    assert!(!stderr(&output).contains("connections are refused"), "{}", stderr(&output));
}

#[test]
fn verdict_decides_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = drill(folder.path());
    let good = consume(&["--scenario", &scenario], "0001 0001 0001").output().unwrap();
    assert_eq!(good.status.code(), Some(0), "{}", stderr(&good));
    assert_eq!(stderr(&good), "wksmock: 1 of 1 expectation held, 2 of 8 documented statuses met (200, 503)\n");
    let bad = consume(&["--scenario", &scenario], "0001 0001").output().unwrap();
    assert_eq!(bad.status.code(), Some(1));
    for part in [
        "failed: stops after three (",
        "drill.json:4:5)",
        "expected: exactly 3 calls",
        " ms 503 by \"two outages\" · +",
        "but:      api-test (…0001) called twice: one too few\n",
        "but:      api-test (…0001)'s last call (2) got 503\n",
        "0 of 1 expectation held, 0 of 1 user recovered, 1 of 8",
    ] {
        assert!(stderr(&bad).contains(part), "{part}: {}", stderr(&bad));
    }
}

#[test]
fn report_shows_coverage_losses_and_resets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lost.json");
    let scenario = r#"{
  "rules": [
    { "name": "cut", "when": { "calls": "1" }, "fault": "reset" },
    { "name": "lost", "when": { "calls": "2" }, "fault": "reset", "phase": "after" },
    { "name": "late", "when": { "calls": "3" }, "status": 503, "phase": "after" },
    { "name": "torn", "when": { "calls": "4" }, "fault": "malformed_json" }
  ],
  "expect": [{ "name": "never", "calls": { "max": 0 } }]
}"#;
    std::fs::write(&file, scenario).unwrap();
    let report = format!("markdown={}", folder.path().join("out.md").display());
    let junit = format!("junit={}", folder.path().join("out.xml").display());
    let flags = ["--scenario", file.to_str().unwrap(), "--report", &report, "--report", &junit];
    let output = consume(&flags, "lose:0001 reset:- lose:0001 lose:0001 0001 0001 0001").output().unwrap();
    let said = stderr(&output);
    for part in [
        " ms reset (not done) by \"cut\"",
        " ms reset (done) by \"lost\"",
        " ms 503 (done) by \"late\"",
        " ms malformed json (done) by \"torn\"",
        " ms 200\n",
        "note: there was a reset: calls before it are not judged",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let note = "there was a reset: calls before it are not judged";
    for report in ["out.md", "out.xml"] {
        assert!(std::fs::read_to_string(folder.path().join(report)).unwrap().contains(note), "{report}");
    }
}

#[test]
fn strict_run_fails_on_untested_rules_and_refusals() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hollow.json");
    let scenario = r#"{
  "rules": [
    { "name": "outage", "when": { "calls": "1" }, "status": 503 },
    { "name": "fifth", "when": { "calls": "5" }, "status": 500 },
    { "name": "late", "when": { "time_ms": [3600000, null] }, "status": 500 }
  ],
  "down": [{ "time_ms": [3600000, 3600001] }],
  "expect": [
    { "name": "retries", "calls": { "min": 2 } },
    { "name": "once", "when": { "user": "8a2c3f9579d240820179d51e6caf0002" }, "calls": { "max": 1 } },
    { "name": "asks no more", "after_lost": { "max": 0 } },
    { "name": "spares", "when": { "user": "8a2c3f9579d240820179d51e6caf0002" }, "calls": { "max": 0 } }
  ]
}"#;
    std::fs::write(&file, scenario).unwrap();
    let scenario = file.to_str().unwrap();
    let fault = format!("{}=503", user("0002"));
    let [xml, json] = ["deep/er/out.xml", "deep/out.json"].map(|name| folder.path().join(name));
    let reports = [format!("junit={}", xml.display()), format!("json={}", json.display())];
    let flags = ["--scenario", scenario, "--fault", &fault, "--report", &reports[0], "--report", &reports[1]];
    let hollow = [
        format!("rule \"{fault}\" (--fault) never struck"),
        format!("rule \"fifth\" ({scenario}:4:5) never struck"),
        format!(
            "rule \"late\" ({scenario}:5:5) never struck: its time window starts at 3600000 ms, and the clock is at "
        ),
        format!(
            "down [3600000, 3600001] ({scenario}:7:12) never struck: its time window starts at 3600000 ms, and the clock is at "
        ),
        format!("expectation \"once\" ({scenario}:10:5) proves nothing: no call was judged"),
        format!(
            "expectation \"asks no more\" ({scenario}:11:5) proves nothing: no answer to a reset was lost or delayed"
        ),
    ];
    let lenient = consume(&flags, "0001 0001").output().unwrap();
    assert_eq!(lenient.status.code(), Some(0), "{}", stderr(&lenient));
    let strict = consume(&[&flags[..], &["--strict"]].concat(), "0001 0001").output().unwrap();
    assert_eq!(strict.status.code(), Some(1), "{}", stderr(&strict));
    for (output, begin) in [(&lenient, "note: "), (&strict, "failed: ")] {
        let said = stderr(output);
        let lines: Vec<_> = said.lines().filter_map(|line| line.strip_prefix(begin)).collect();
        assert_eq!(lines.len(), hollow.len(), "{said}");
        assert!(lines.iter().zip(&hollow).all(|(line, wanted)| line.starts_with(wanted.as_str())), "{said}");
    }
    let report: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let rules: Vec<_> = report["rules"].as_array().unwrap().iter().map(|one| one["struck"].as_u64().unwrap()).collect();
    assert_eq!(rules, [0, 1, 0, 0, 0]);
    assert_eq!(
        report["never_struck"][1],
        serde_json::json!({"rule": "fifth", "place": format!("{scenario}:4:5"), "why": null})
    );
    let xml = std::fs::read_to_string(xml).unwrap();
    assert!(xml.contains("<testsuite name=\"strict\" tests=\"6\" failures=\"6\""), "{xml}");
    // An expectation that held without a call is not a success.
    assert!(
        xml.contains("<testsuite name=\"expectations\" tests=\"4\" failures=\"0\" errors=\"0\" skipped=\"2\""),
        "{xml}"
    );
    assert!(xml.contains("<skipped message=\"proves nothing: no call was judged\"/>"), "{xml}");
    assert!(xml.contains("<property name=\"rule outage\" value=\"struck once ("), "{xml}");
    let by_variable = consume(&flags, "0001 0001").env("WKSMOCK_STRICT", "true").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(1));
}

#[test]
fn strict_run_passes_if_every_rule_applied() {
    let folder = tempfile::tempdir().unwrap();
    let drill = drill(folder.path());
    let full = consume(&["--scenario", &drill, "--strict"], "0001 0001 0001").output().unwrap();
    assert_eq!(full.status.code(), Some(0), "{}", stderr(&full));
    assert!(!stderr(&full).contains("never struck"));
}

#[test]
fn strict_run_passes_a_client_that_awaits_a_delay() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.json");
    let scenario = r#"{
  "rules": [{ "name": "late", "when": { "calls": "1" }, "delay": { "fixed_ms": 20 } }],
  "expect": [{ "name": "waits", "after_lost": { "max": 0 } }]
}"#;
    std::fs::write(&file, scenario).unwrap();
    let flags = ["--strict", "--scenario", file.to_str().unwrap()];
    let patient = consume(&flags, "0001").output().unwrap();
    assert_eq!(patient.status.code(), Some(0), "{}", stderr(&patient));
    // No client waits for a delay that does not pass.
    let instant = consume(&[&flags[..], &["--instant-delays"]].concat(), "0001").output().unwrap();
    assert_eq!(instant.status.code(), Some(1), "{}", stderr(&instant));
    assert!(stderr(&instant).contains("no answer to a reset was lost or delayed"));
}

#[test]
fn down_window_during_the_command_counts_as_struck() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("down.json");
    std::fs::write(&file, r#"{"rules": [], "down": [{"time_ms": [0, 300]}]}"#).unwrap();
    let flags = ["--scenario", file.to_str().unwrap(), "--strict"];
    let run = |script: &str| {
        let command = [&["run"], &flags[..], &["--", "sh", "-c", script]].concat();
        wksmock(&command).stdin(Stdio::null()).output().unwrap()
    };
    let refused = run("curl -s \"$WKSMOCK_URL/\"; true");
    assert_eq!(refused.status.code(), Some(0), "{}", stderr(&refused));
    let absent = run("true");
    assert_eq!(absent.status.code(), Some(1), "no client came: {}", stderr(&absent));
    assert!(stderr(&absent).contains("failed: down [0, 300] ("), "{}", stderr(&absent));
}

#[test]
fn every_report_has_refused_requests() {
    let folder = tempfile::tempdir().unwrap();
    let [xml, md] = ["out.xml", "out.md"].map(|name| folder.path().join(name));
    let reports = [format!("junit={}", xml.display()), format!("markdown={}", md.display())];
    let script = "for user in a b c; do curl -s -o /dev/null -H 'Content-Type: application/json' \
                  \"$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$user/random-password\"; done; \
                  curl -s -o /dev/null \"$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password\"";
    let flags =
        ["run", "--report", &reports[0], "--report", &reports[1], "--report", "json=-", "--", "sh", "-c", script];
    let output = wksmock(&flags).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let no_user = format!("Unknown user … in project {PROJECT}");
    let said = stderr(&output);
    let first = format!(" ms: GET {}\n", reset_path("a"));
    for part in [
        &format!("refused 3 times with 404: {no_user}"),
        &first,
        "  first at ",
        "refused once with 400: The header Content-Type is missing",
        "2 of 8 documented statuses met (400, 404), 4 requests refused\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["rejected"]["count"], &report["rejected"]["by"][0]["times"]), (&4.into(), &3.into()));
    for (file, parts) in [
        (xml, ["<property name=\"refused with 404\" value=\"3 times: Unknown user ", "time=\"0."]),
        (md, ["| 404 | 3 | Unknown user ", "| 400 | 1 | The header Content-Type is missing"]),
    ] {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
    let twice = run(&["run", "--report", "json=-", "--report", "junit=-", "--", "true"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(stderr(&twice).contains("two reports go to stdout"), "{}", stderr(&twice));
}

#[test]
fn coverage_of_clones_is_reported_by_clone() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("out.md");
    let script = r#"for id in one two; do
  curl -s -o /dev/null -H 'Content-Type: application/json' "$WKSMOCK_URL/__admin/projects" \
    -d "{\"from\": \"$WKSMOCK_PROJECT\", \"id\": \"$id\"}"
  curl -s -o /dev/null -H 'Content-Type: application/json' "$WKSMOCK_URL/v2/$id/users/$WKSMOCK_USER/random-password"
done; curl -sk -o /dev/null "https://${WKSMOCK_URL#http://}"; true"#;
    let flag = format!("markdown={}", report.display());
    let output = wksmock(&["run", "--report", &flag, "--", "sh", "-c", script]).output().unwrap();
    let report = std::fs::read_to_string(report).unwrap();
    let user = user("0001");
    assert!(report.contains(&format!("| ResetRandomPassword | 200 | yes | 2 | one/{user}, two/{user} |")), "{report}");
    // A message without a request line has none to show.
    let said = stderr(&output);
    let at = said.lines().skip_while(|line| !line.contains("The client speaks TLS")).nth(1).unwrap();
    assert!(at.starts_with("  at ") && at.ends_with(" ms"), "{said}");
}

#[test]
fn replaced_expectation_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = drill(folder.path());
    let json = folder.path().join("out.json");
    let report = format!("json={}", json.display());
    let output = consume(&["--scenario", &scenario, "--report", &report], "0001 replace:-").output().unwrap();
    let note = "note: the scenario was replaced, so these expectations are not judged: \"stops after three\"\n";
    assert!(stderr(&output).starts_with(note), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(report["replaced"], serde_json::json!(["stops after three"]));
}

#[test]
fn token_in_the_output_is_found() {
    let output = consume(&["--no-secrets-in-output"], "tell-token:-").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("failed: a token is in the command's stdout, once"), "{}", stderr(&output));
}

#[test]
fn encoded_password_in_the_output_is_found() {
    let output = consume(&["--no-secrets-in-output"], "tell-written:0001").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    for call in 1..=5 {
        let told = format!("failed: the password of call {call} of user {} of project {PROJECT} is in", user("0001"));
        assert!(stderr(&output).contains(&told), "{call}: {}", stderr(&output));
    }
    assert_eq!(stderr(&output).matches("once").count(), 5, "{}", stderr(&output));
}

#[test]
fn mailed_password_in_the_output_is_found() {
    let output = consume(&["--no-secrets-in-output"], "tell-mailed:0002").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let carol = "2e15089899b24da1c67c1f6ee4f41346";
    for of in [
        format!("that ChangeUserStatus sent to user {} of", user("0002")),
        format!("that CreateDesktopUser sent to user {carol} of"),
        format!("of call 1 of user {carol} of"),
    ] {
        let of = format!("the password {of} project {PROJECT} is in the command's stdout, ");
        assert!(stderr(&output).contains(&of), "{}", stderr(&output));
    }
}

#[test]
fn abandoned_request_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = drill(folder.path());
    for _ in 0..5 {
        let output = consume(&["--scenario", &scenario], "0001 0001 leave:0001").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}

#[test]
fn commands_exit_code_takes_precedence_over_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, report) = (drill(folder.path()), folder.path().join("out.json"));
    let report_flag = format!("json={}", report.display());
    let script = |script: &str| {
        let flags = ["run", "--scenario", &scenario, "--report", &report_flag, "--", "sh", "-c", script];
        wksmock(&flags).stdin(Stdio::null()).output().unwrap().status.code()
    };
    for (code, wanted) in [("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143), ("", 1)] {
        let _ = std::fs::remove_file(&report);
        assert_eq!(script(code), Some(wanted), "{code}");
        let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        assert_eq!(report["passed"], false, "{code}");
    }
}

#[test]
fn missing_command_exits_127() {
    let none = run(&["run", "--", "no-such-command-anywhere"]);
    assert_eq!(none.status.code(), Some(127));
    assert!(stderr(&none).contains("no-such-command-anywhere"), "{}", stderr(&none));
    for wrong in [&["run"][..], &["run", "--"], &["run", "sh"], &["run", "--port", "1", "--", "true"]] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn non_executable_command_exits_126() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8], mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // A program for another machine: a head from this one with an unknown architecture.
    let mut foreign = std::fs::read("/bin/sh").unwrap()[..4096].to_vec();
    foreign[18..20].copy_from_slice(&[0xee, 0xee]);
    let busy = file("busy", b"#!/bin/sh\n", 0o755);
    let held = std::fs::OpenOptions::new().append(true).open(&busy).unwrap();
    let cannot = [
        (folder.path().to_str().unwrap().to_owned(), "directory"),
        (file("plain", b"true\n", 0o644), "ermission"),
        (file("foreign", &foreign, 0o755), "format"),
        (file("bytes", b"\x00\x01\n", 0o755), "format"),
        (file("interpreter", b"#!/nonexistent/sh\n", 0o755), "interpreter"),
        (busy, "busy"),
    ];
    for (command, why) in &cannot {
        let output = run(&["run", "--", command]);
        assert_eq!(output.status.code(), Some(126), "{command}: {}", stderr(&output));
        assert!(stderr(&output).contains(why) && stderr(&output).contains(command.as_str()), "{}", stderr(&output));
    }
    // The same error for a command found by name.
    for name in ["plain", "foreign"] {
        let output = wksmock(&["run", "--", name]).env("PATH", folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(126), "{}", stderr(&output));
    }
    drop(held);
    for none in ["/nonexistent/command", "./Cargo.toml/x", "no-such-command", ""] {
        assert_eq!(run(&["run", "--", none]).status.code(), Some(127), "{none}");
    }
}

#[test]
fn script_without_an_interpreter_is_run_by_the_shell() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    std::fs::write(&script, "echo \"$# $1 $WKSMOCK_PROJECT\"\nexit 7\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    for (name, flags) in [(script.to_str().unwrap(), &[][..]), ("script", &[]), ("script", &["--no-secrets-in-output"])]
    {
        let arguments = [&["run"], flags, &["--", name, "a b", "-c"]].concat();
        let output = wksmock(&arguments).env("PATH", &path).output().unwrap();
        assert_eq!(
            (output.status.code(), stdout(&output)),
            (Some(7), format!("2 a b {PROJECT}\n")),
            "{name} {flags:?}"
        );
    }
    std::fs::write(&script, "").unwrap();
    assert_eq!(run(&["run", "--", script.to_str().unwrap()]).status.code(), Some(0));
}

#[test]
fn stdin_and_stdout_belong_to_the_command() {
    for flags in [&["run", "--", "cat"][..], &["run", "--no-secrets-in-output", "--", "cat"]] {
        let mut child =
            wksmock(flags).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = "line\n".repeat(50_000);
        let mut stdin = child.stdin.take().unwrap();
        let writing = said.clone();
        let writer = std::thread::spawn(move || stdin.write_all(writing.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(stdout(&output) == said, "{flags:?}");
        assert_eq!(stderr(&output), "wksmock: no expectations, 0 of 8 documented statuses met\n");
    }
}

#[test]
fn signals_are_forwarded_to_the_command() {
    for signal in ["TERM", "INT", "HUP", "USR1", "USR2", "QUIT"] {
        let script =
            format!("trap 'kill $!; echo got; exit 5' {signal}; tail -f /dev/null >/dev/null & echo ready; wait");
        let mut child = wksmock(&["run", "--", "sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(lines.next().unwrap().unwrap(), "got", "{signal}");
        assert_eq!(child.wait().unwrap().code(), Some(5), "{signal}");
    }
}

#[test]
fn signal_after_the_command_skips_pending_deliveries() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let webhook = format!("http://{}/", silent.local_addr().unwrap());
    let limits = ["--limit", "delivery_ms=20000", "--limit", "drain_ms=20000"];
    let flags = [&["--sms-webhook", webhook.as_str()], &limits[..]].concat();
    let child = consume(&flags, "tell-phone:0001").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let _delivery = silent.accept().unwrap();
    let id = child.id().to_string();
    let children = format!("/proc/{id}/task/{id}/children");
    while !std::fs::read_to_string(&children).unwrap().is_empty() {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").arg(&id).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
    assert!(stderr(&output).contains("messages were not delivered"), "{}", stderr(&output));
}

#[test]
fn password_in_the_output_is_found_and_not_shown() {
    let task = "0001 tell:0001 tell-stderr:0001 0001";
    let password = |call: &str| {
        stdout(&run(&["password", "--project", PROJECT, "--user", &user("0001"), "--call", call])).trim().to_owned()
    };
    let found = consume(&["--no-secrets-in-output"], task).output().unwrap();
    assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    assert!(stdout(&found).contains(&password("2")), "it is passed through");
    assert!(stderr(&found).contains(&format!("<{}>", password("3"))), "it is passed through");
    let of = |call: &str, stream: &str| {
        format!(
            "failed: the password of call {call} of user {} of project {PROJECT} is in the command's {stream}, once\n",
            user("0001")
        )
    };
    let told = [of("2", "stdout"), of("3", "stderr")].concat();
    assert!(stderr(&found).contains(&told), "{}", stderr(&found));
    assert_eq!(stderr(&found).matches("failed").count(), 2);
    // Bytes that could not be written were not searched either.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let flags = ["run", "--no-secrets-in-output", "--", "sh", "-c", "echo lost"];
    let lost = wksmock(&flags).stdin(Stdio::null()).stdout(full).output().unwrap();
    let said = "failed: cannot write the command's stdout, so it was not scanned to its end: No space left";
    assert_eq!((lost.status.code(), stderr(&lost).contains(said)), (Some(1), true), "{}", stderr(&lost));
    assert_eq!(stderr(&found).matches(&password("3")).count(), 1, "the report does not say it");

    assert_eq!(consume(&["--no-secrets-in-output"], "0001 0001").status().unwrap().code(), Some(0));
    assert_eq!(consume(&[], task).output().unwrap().status.code(), Some(0));
}

#[test]
fn background_processes_do_not_delay_the_end() {
    let flags = ["run", "--no-secrets-in-output", "--limit", "drain_ms=100", "--log-level", "warn"];
    let script = "tail -f /dev/null & echo $!";
    let output = wksmock(&flags).args(["--", "sh", "-c", script]).stdin(Stdio::null()).output().unwrap();
    let killed = Command::new("kill").arg(stdout(&output).trim()).status().unwrap();
    assert!(killed.success(), "it was still running");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("later output is not scanned"), "{}", stderr(&output));
}

#[test]
fn passwords_past_the_limit_are_reported() {
    let with = |calls: &str| consume(&["--no-secrets-in-output", "--limit", "secrets_max=2"], calls).output().unwrap();
    assert_eq!(with("0001 0001").status.code(), Some(0));
    let past = with("0001 0001 0001");
    assert_eq!(past.status.code(), Some(1));
    assert!(stderr(&past).contains("1 were not searched for; raise secrets_max"), "{}", stderr(&past));
}

#[test]
fn required_coverage_is_enforced() {
    let all = "0001 0400 0401 0403 0404 0405 0500 0503";
    let code = |required: &str, task: &str| {
        let output = consume(&["--require-coverage", required], task).output().unwrap();
        (output.status.code().unwrap(), stderr(&output))
    };
    assert_eq!(code("all", all).0, 0);
    let (failed, said) = code("all", all.trim_end_matches(" 0503"));
    assert_eq!(failed, 1);
    assert!(said.starts_with("failed: ResetRandomPassword: required statuses not met: 503\n"), "{said}");
    assert_eq!(code("200,503", "0001 0503").0, 0);
    assert_eq!(code("200,503", "0001").0, 1);
    let (usage, said) = code("418", "0001");
    assert_eq!(usage, 2);
    assert!(said.contains("200, 201, 204, 400"), "{said}");
}

#[test]
fn reports_and_step_summary_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = drill(folder.path());
    let file = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    std::fs::write(file("step.md"), "before").unwrap();
    let flag = |form: &str, name: &str| format!("{form}={}", file(name).display());
    let (xml, md, json) = (flag("junit", "out.xml"), flag("markdown", "out.md"), flag("json", "out.json"));
    let flags = ["--scenario", &scenario, "--report", &xml, "--report", &md, "--report", &json];
    let output = consume(&flags, "0001 0001").env("GITHUB_STEP_SUMMARY", file("step.md")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(read("out.xml").contains("<testsuite name=\"expectations\" tests=\"1\" failures=\"1\""));
    assert!(read("out.xml").contains(&format!("classname=\"{scenario}\" name=\"stops after three\"")));
    let report: Value = serde_json::from_str(&read("out.json")).unwrap();
    assert_eq!(report["expectations"][0]["seen"][1]["status"], 503);
    assert_eq!(report["coverage"]["met"], 1);
    assert!(read("out.md").starts_with("## wksmock: failed\n"));
    assert_eq!(read("step.md"), format!("before\n{}", read("out.md")));

    for wrong in ["xml=out", "junit=", "junit", "junit=Cargo.toml/out.xml"] {
        let output = run(&["run", "--report", wrong, "--", "true"]);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", stderr(&output));
    }
    let told = |reports: &[&str], command: &[&str]| {
        let flags = reports.iter().flat_map(|report| ["--report", report]);
        wksmock(&["run"]).args(flags).arg("--").args(command).output().unwrap()
    };
    let directory = flag("json", "");
    assert_eq!(told(&[&directory], &["true"]).status.code(), Some(2));
    assert!(stderr(&told(&[&directory], &["true"])).contains("this is a directory"));
    let twice = [flag("json", "twice"), flag("markdown", "twice")];
    let twice = told(&[&twice[0], &twice[1]], &["true"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(stderr(&twice).contains("two reports go to it"), "{}", stderr(&twice));
    assert!(!folder.path().join("twice").exists(), "nothing is left behind");
    // An obstacle that the command creates is reported after it.
    let gone = folder.path().join("gone");
    let remove = |last: &str| {
        std::fs::create_dir_all(&gone).unwrap();
        let script = format!("rmdir {}; {last}", gone.display());
        told(&[&flag("json", "gone/out.json")], &["sh", "-c", &script])
    };
    assert_eq!(remove("true").status.code(), Some(70));
    assert!(stderr(&remove("true")).contains("--report "));
    assert_eq!(remove("false").status.code(), Some(1), "the command's own code");
}

/// Runs a command with these reports in a shell that limits files to 0 bytes, like a full disk.
fn on_a_full_disk(flags: &str, command: &str) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {} {flags} -- {command}", env!("CARGO_BIN_EXE_wksmock"));
    std::process::Command::new("sh").args(["-c", &script]).output().unwrap()
}

#[test]
fn unwritable_report_fails_before_the_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let scenario = drill(folder.path());
    std::fs::write(at("old"), "old").unwrap();
    std::fs::hard_link(at("old"), at("linked")).unwrap();
    std::os::unix::fs::symlink(at("old"), at("link")).unwrap();
    std::os::unix::fs::symlink(at("nothing"), at("dangling")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let ran = |reports: &[String]| {
        let flags = reports.iter().flat_map(|report| ["--report", report]);
        let mut command = wksmock(&["run", "--scenario", &scenario]);
        command
            .args(flags)
            .args(["--", "touch", &at("ran")])
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .output()
            .unwrap()
    };
    let dotted = at("").replace("/tmp/", "/tmp/./") + "new";
    std::fs::write(at("summary"), "").unwrap();
    for (reports, expected) in [
        (vec![format!("json={}", at("link"))], "symbolic link"),
        (vec![format!("json={}", at("dangling"))], "symbolic link"),
        (vec![format!("json={}", at("pipe"))], "start its reader first"),
        (vec!["json=/dev/full".to_owned()], "No space left"),
        (vec![format!("json={}", at("old")), format!("junit={}", at("linked"))], "two reports"),
        (vec![format!("json={}", at("new")), format!("junit={dotted}")], "two reports"),
        (vec![format!("json={scenario}")], "which is an input"),
        (vec![format!("json={}", at("summary"))], "GITHUB_STEP_SUMMARY"),
    ] {
        let output = ran(&reports);
        assert_eq!(output.status.code(), Some(2), "{reports:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{reports:?}: {}", stderr(&output));
    }
    let output = on_a_full_disk(&format!("run --report json={}", at("old")), &format!("touch {}", at("ran")));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!((std::fs::read_to_string(at("old")).unwrap().as_str(), names), ("old", 7), "nothing is spoilt or left");
    let output = ran(&[format!("json={}", at("old"))]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(std::fs::exists(at("ran")).unwrap());
    assert_ne!(std::fs::read_to_string(at("old")).unwrap(), "old");
    assert_eq!(std::fs::read_to_string(at("linked")).unwrap(), "old", "another name keeps its file");
}

#[test]
fn reports_escape_ci_workflow_commands() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("##vso[task.complete].json");
    let expect = |name: &str| serde_json::json!({ "name": name, "calls": { "min": 9 } });
    let names = ["##[group]x", "::error::x", "a\u{2028}::error::x", "##vso[task.setvariable]x", "##teamcity[x"];
    let scenario = serde_json::json!({ "rules": [], "expect": names.map(expect) });
    std::fs::write(&file, scenario.to_string()).unwrap();
    let xml = folder.path().join("out.xml");
    let report = format!("junit={}", xml.display());
    let flags = ["--scenario", file.to_str().unwrap(), "--report", &report, "--log-level", "info"];
    let failed = consume(&flags, "pigeon:0001").output().unwrap();
    let wrong = run(&["run", "--scenario", file.to_str().unwrap(), "--fault", "##vso[x=::x", "--", "true"]);
    let checked = run(&["check", file.to_str().unwrap()]);
    assert_eq!([&failed, &wrong, &checked].map(|output| output.status.code()), [Some(1), Some(2), Some(0)]);
    assert!(stderr(&failed).contains("notification_type is"), "it is logged: {}", stderr(&failed));
    for output in [&failed, &wrong, &checked] {
        let said = stderr(output) + "\n" + &stdout(output);
        for command in ["##[", "##vso[", "##teamcity[", "\u{2028}"] {
            assert!(!said.contains(command), "{command} in {said}");
        }
        assert!(said.lines().all(|line| !line.trim_start().starts_with("::")), "{said}");
    }
    assert!(!std::fs::read_to_string(xml).unwrap().contains('\u{2028}'));
}

#[test]
fn env_prints_the_variables_of_run() {
    let lines = |flags: &[&str]| stdout(&run(&[&["env"], flags].concat()));
    let expected = |url: &str| {
        let hosts = if url.contains("//mock:") { "127.0.0.1,localhost,::1,mock" } else { "127.0.0.1,localhost,::1" };
        format!(
            "WKSMOCK_URL={url}\nNO_PROXY={hosts}\nno_proxy={hosts}\nWKSMOCK_PROJECT={PROJECT}\nHUAWEICLOUD_SDK_PROJECT_ID={PROJECT}\nWKSMOCK_USER={}\n\
             WKSMOCK_DOMAIN=wksmock\nWKSMOCK_ACCOUNT=developer\nWKSMOCK_PASSWORD=wksmock-password\n\
             HUAWEICLOUD_SDK_AK=WKSMOCKACCESSKEY0001\nHUAWEICLOUD_SDK_SK=wksmockSecretKey00000000000000000000000001\n\
             HUAWEICLOUD_SDK_DOMAIN_ID=de618b351e5aacc53dcbd5affd732bac\n\
             CLOUD_SDK_AK=WKSMOCKACCESSKEY0001\nCLOUD_SDK_SK=wksmockSecretKey00000000000000000000000001\n\
             HUAWEICLOUD_SDK_IAM_ENDPOINT={url}\nHUAWEICLOUD_SDK_STS_ENDPOINT={url}\n\
             HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4={url}\n",
            user("0001")
        )
    };
    assert_eq!(lines(&[]), expected("http://127.0.0.1:7070"));
    assert_eq!(lines(&["--host", "::1", "--port", "1"]), expected("http://[::1]:1"));
    assert_eq!(lines(&["--listen", "localhost:2"]), expected("http://localhost:2"));
    assert_eq!(lines(&["--url", "http://mock:3/"]), expected("http://mock:3"));
    assert!(lines(&["--export"]).starts_with("export WKSMOCK_URL=http://127.0.0.1:7070\n"));

    let given = stdout(&shell("env"));
    let url = given.lines().find_map(|line| line.strip_prefix("WKSMOCK_URL=")).unwrap();
    assert!(expected(url).lines().all(|line| given.lines().any(|other| other == line)), "{given}");
    assert_eq!(stdout(&shell(&format!("{} health", env!("CARGO_BIN_EXE_wksmock")))), "ok\n");
}

#[test]
fn command_behind_a_proxy_reaches_the_server() {
    // A port that was just free: the proxy would not answer.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = format!("http://{dead}");
    let reset = r#"curl -sS -H 'Content-Type: application/json' "$WKSMOCK_URL/v2/$WKSMOCK_PROJECT/users/$WKSMOCK_USER/random-password""#;
    let asked = |script: &str, kept: &[(&str, &str)]| {
        let mut command = wksmock(&["run", "--", "sh", "-c", script]);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, &proxy);
        }
        let output = command.envs(kept.iter().copied()).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    for kept in [&[][..], &[("NO_PROXY", "corp.example")], &[("no_proxy", "corp.example")], &[("no_proxy", "*")]] {
        let (code, told) = asked(reset, kept);
        assert!(code == Some(0) && told.contains("\"password\""), "{kept:?}: {told}");
    }
    // Without the variable the client uses the proxy.
    let (code, told) = asked(&format!("unset NO_PROXY no_proxy; {reset}"), &[]);
    assert_ne!(code, Some(0), "{told}");
}
