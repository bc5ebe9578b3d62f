//! The bounds of a setup: a value at a bound is loaded, one past it is reported with its place.

use crate::binary::{Served, run, stderr, stdout};
use crate::client::Client;
use crate::{limited, reset_path, user};
use std::fs;
use std::io::Read as _;
use wksmock::{Limits, MockServer, MockServerBuilder, StartError};

/// Starts with other limits and returns the problems, empty if it starts.
fn startup_problems(
    change: impl FnOnce(&mut Limits),
    describe: impl FnOnce(MockServerBuilder) -> MockServerBuilder,
) -> String {
    let mut limits = Limits::default();
    change(&mut limits);
    match describe(MockServer::builder().limits(limits)).start_blocking() {
        Ok(_) => String::new(),
        Err(StartError::Setup(said)) => said.to_string(),
        Err(other) => panic!("{other}"),
    }
}

fn assert_parts(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// Builds a project with listed and generated users.
fn project(id: &str, users: usize, generated: usize) -> String {
    let users: Vec<_> = (0..users).map(|at| format!(r#"{{"id": "u{at}"}}"#)).collect();
    let generate = match generated {
        0 => String::new(),
        count => format!(r#", "generate": {{"count": {count}, "id_prefix": "g"}}"#),
    };
    format!(r#"{{"id": "{id}", "users": [{}]{generate}}}"#, users.join(", "))
}

fn users(projects: &[String]) -> String {
    format!(r#"{{"projects": [{}]}}"#, projects.join(", "))
}

fn rules(name: &str, count: usize) -> String {
    let rule = |at| format!(r#"{{"name": "{name} {at}", "when": {{"calls": "{}"}}, "status": 503}}"#, at + 1);
    format!(r#"{{"rules": [{}]}}"#, (0..count).map(rule).collect::<Vec<_>>().join(", "))
}

#[test]
fn file_past_its_byte_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.json");
    let text = users(&[project("p", 1, 0)]);
    fs::write(&file, &text).unwrap();
    let with = |most: usize| startup_problems(|limits| limits.file_bytes_max = most, |builder| builder.users(&file));
    assert_eq!(with(text.len()), "");
    assert_parts(&with(text.len() - 1), &["users.json", "too large", &format!("at most {} bytes", text.len() - 1)]);
}

#[test]
fn users_and_scenario_files_share_a_count_limit() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let team = write("users/a.json", users(&[project("p", 1, 0)]));
    write("users/b.json", users(&[project("q", 1, 0)]));
    let scenario = write("s.json", rules("r", 1));
    let with = |most: usize| {
        let files = |builder: MockServerBuilder| builder.users(folder.path().join("users")).scenario(&scenario);
        startup_problems(|limits| limits.files_max = most, files)
    };
    assert_eq!(with(3), "");
    assert_parts(&with(2), &["3 files", "at most 2 files together"]);
    assert_parts(&with(1), &["2 files", "at most 1"]);
    let one_by_one = |builder: MockServerBuilder| builder.users(&team).scenario(&scenario);
    assert_parts(&startup_problems(|limits| limits.files_max = 1, one_by_one), &["2 files"]);
    let flags = ["serve", "--port", "0", "--limit", "files_max=1", "--users", team.to_str().unwrap()];
    let output = run(&[&flags[..], &["--scenario", scenario.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_parts(&stderr(&output), &["2 files", "at most 1 files together"]);
}

#[test]
fn nesting_past_its_limit_is_refused() {
    let with = |user: &str| {
        let scenario = format!(r#"{{"rules": [{{"name": "a", "when": {{"user": {user}}}, "status": 503}}]}}"#);
        let texts =
            |builder: MockServerBuilder| builder.users_json(users(&[project("p", 1, 0)])).scenario_json(scenario);
        startup_problems(|limits| limits.file_depth_max = 5, texts)
    };
    assert_eq!(with(r#"["u0"]"#), "");
    assert_parts(&with(r#"[["u0"]]"#), &["scenario_json #1:1:44", "at most 5 levels"]);

    // The depth of the embedded users.
    let mock = limited(|limits| limits.file_depth_max = 5);
    let mut client = Client::connect(mock.url());
    for path in ["/__admin/overrides", "/__admin/reset"] {
        for (deep, is_past) in [("[[[1]]]", false), ("[[[[1]]]]", true)] {
            let body = format!(r#"{{"status": 503, "when": {{"user": {deep}}}}}"#);
            let answer = client.request("POST", path, &[], &body);
            assert_eq!((answer.status, answer.header("content-type")), (422, Some("application/problem+json")));
            assert_eq!(answer.body.contains("at most 5 levels of brackets"), is_past, "{}", answer.body);
        }
    }
    assert_eq!(client.get("/__admin/overrides").json()["overrides"], serde_json::json!([]));
}

#[test]
fn user_limit_covers_all_files_and_sources() {
    let loads = |most: usize, files: &[String]| {
        let texts = |builder| files.iter().fold(builder, |builder: MockServerBuilder, text| builder.users_json(text));
        startup_problems(|limits| limits.users_max = most, texts)
    };
    let listed = [users(&[project("p", 2, 0), project("q", 1, 0)])];
    let generated = [users(&[project("p", 0, 2), project("q", 0, 1)])];
    let mixed = [users(&[project("p", 1, 1)]), users(&[project("q", 1, 0)])];
    let mixed_the_other_way = [users(&[project("p", 1, 0)]), users(&[project("q", 0, 2)])];
    for (name, files) in
        [("listed", &listed[..]), ("generated", &generated), ("mixed", &mixed), ("other", &mixed_the_other_way)]
    {
        assert_eq!(loads(3, files), "", "{name}");
        let past = loads(2, files);
        assert_parts(&past, &["users_json #", "too many users", "at most 2 users over all files"]);
        assert_eq!(past.matches("error: ").count(), 1, "{past}");
    }
}

#[test]
fn one_million_users_load_and_one_more_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |users_beside: usize| {
        let file = folder.path().join("users.json");
        fs::write(&file, users(&[project("p", users_beside, 1_000_000)])).unwrap();
        run(&["check", file.to_str().unwrap()])
    };
    let at = check(0);
    assert!(stdout(&at).contains("ok: 1 project, 1000000 users"), "{}", stderr(&at));
    let past = check(1);
    assert_eq!(past.status.code(), Some(2));
    assert_parts(&stderr(&past), &["too many users", "at most 1000000 users over all files"]);
}

#[test]
fn rule_limit_covers_all_files_and_flags() {
    let loads = |most: usize, files: &[usize], faults: usize| {
        let describe = |builder: MockServerBuilder| {
            let builder = builder.users_json(users(&[project("p", 4, 0)]));
            let builder = (0..faults).fold(builder, |builder, at| builder.fault(format!("u{at}=500")));
            let texts = files.iter().enumerate().map(|(at, count)| rules(&format!("file {at}"), *count));
            texts.fold(builder, MockServerBuilder::scenario_json)
        };
        startup_problems(|limits| limits.rules_max = most, describe)
    };
    assert_eq!(loads(3, &[3], 0), "");
    assert_parts(&loads(2, &[3], 0), &["scenario_json #1:1:11", "3 rules", "at most 2"]);
    assert_eq!(loads(3, &[], 3), "");
    assert_parts(&loads(2, &[], 3), &["3 rules", "at most 2"]);
    assert_eq!(loads(4, &[1], 3), "");
    assert_parts(&loads(3, &[1], 3), &["4 rules", "at most 3"]);
}

#[test]
fn errors_past_the_limit_are_counted() {
    let wrong = |count: usize| format!("{{\"projects\": [{}]}}", vec!["1"; count].join(","));
    let shown = |count: usize| {
        startup_problems(|limits| limits.errors_shown_max = 3, |builder| builder.users_json(wrong(count)))
    };
    let at = shown(3);
    assert!(at.matches("error: ").count() == 3 && !at.contains("more"), "{at}");
    let past = shown(4);
    assert!(past.matches("error: ").count() == 3 && past.contains("… and 1 more"), "{past}");

    let mock = limited(|limits| limits.errors_shown_max = 3);
    let mut client = Client::connect(mock.url());
    for (unknown, more) in [(3, ""), (4, " 1 more not listed.")] {
        let ids: Vec<_> = (0..unknown).map(|at| format!("\"nobody {at}\"")).collect();
        let rule = format!(r#"{{"when": {{"user": [{}]}}, "status": 503}}"#, ids.join(","));
        let answer = client.request("POST", "/__admin/overrides", &[], &rule);
        let body = answer.json();
        assert_eq!((answer.status, body["errors"].as_array().unwrap().len()), (422, 3), "{body}");
        assert!(body["detail"].as_str().unwrap().ends_with(&format!("See errors.{more}")), "{body}");
    }
}

#[test]
fn unread_log_lines_are_dropped_and_counted() {
    let mut served = Served::start(&["--limit", "log_lines_max=5"]);
    let mut unread = served.child.stderr.take().unwrap();
    let mut client = served.client();
    // Several times the capacity of a pipe.
    for _ in 0..2_000 {
        assert_eq!(client.get(&reset_path(&user("0001"))).status, 200);
    }
    drop(client);
    served.signal("TERM");
    let mut log = String::new();
    unread.read_to_string(&mut log).unwrap();
    let last = log.lines().last().unwrap();
    let dropped: usize = last.split(' ').next().unwrap().parse().unwrap();
    assert!(last.ends_with("log lines were dropped: they were not read in time"), "{last}");
    let written = log.lines().filter(|line| line.contains("INFO request ")).count();
    assert!(written < 2_000 && (2_000..=2_001).contains(&(written + dropped)), "{written} and {dropped}");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn expectation_limit_covers_files_and_bodies() {
    let expect = |name: &str, count: usize| {
        let one = |at| format!(r#"{{"name": "{name} {at}", "calls": {{"max": 9}}}}"#);
        format!(r#"{{"expect": [{}]}}"#, (0..count).map(one).collect::<Vec<_>>().join(", "))
    };
    let two = |most: usize, first: usize, second: usize| {
        let describe =
            |builder: MockServerBuilder| builder.scenario_json(expect("a", first)).scenario_json(expect("b", second));
        startup_problems(|limits| limits.expectations_max = most, describe)
    };
    assert_eq!(two(3, 1, 2), "");
    assert_parts(&two(3, 2, 2), &["4 expectations", "all scenario files", "at most 3"]);
    assert_parts(&two(3, 4, 0), &["scenario_json #1:1:12", "4 expectations", "at most 3"]);
    let mock = limited(|limits| limits.expectations_max = 2);
    let mut client = Client::connect(mock.url());
    let mut asked =
        |count| client.request("POST", "/__admin/verify", &["Content-Type: application/json"], &expect("c", count));
    assert_eq!((asked(2).status, asked(3).status), (200, 422));
}

#[test]
fn account_limit_covers_all_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, first: usize, count: usize| {
        let account = |at| format!(r#"{{"domain": "d", "name": "a{at}"}}"#);
        let accounts: Vec<_> = (first..first + count).map(account).collect();
        let path = folder.path().join(name);
        fs::write(&path, format!(r#"{{"projects": [], "accounts": [{}]}}"#, accounts.join(", "))).unwrap();
        path
    };
    let with = |second: usize| {
        let files = [file("one.json", 0, 3), file("two.json", 3, second)];
        startup_problems(|limits| limits.accounts_max = 5, |builder| builder.users(&files[0]).users(&files[1]))
    };
    assert_eq!(with(2), "");
    assert_parts(&with(3), &["two.json", "expected at most 5 accounts over all files"]);
}
