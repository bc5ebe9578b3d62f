//! The range of each limit: values that a server cannot keep are refused at the start, and all others are kept.

use crate::binary::{run, stderr};
use crate::client::Client;
use crate::limited;
use std::fmt::Write as _;
use wksmock::{LimitRange, Limits, MockServer, StartError};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/limits.md");
const HEAD: &str = "# Limits

Every buffer, table and wait has a bound. `--limit NAME=N` sets one; the crate has `Limits`. Sizes are in bytes, names that end in
`_ms` are times in milliseconds. A value that is exactly at its bound is allowed. A limit out of its range is refused when the
server starts.

| name | meaning | default | least | most | reason for the range |
| --- | --- | --- | --- | --- | --- |
";

const USERS: &str = r#"{"projects": [{"id": "p", "users": [{"id": "u"}]}]}"#;
const RESET: &str = "/v2/p/users/u/random-password";

/// Returns the description of a limit: the comment of its row.
fn meaning(source: &str, name: &str) -> String {
    let lines: Vec<_> = source.lines().collect();
    let rows = [format!("    {name}: u"), format!("    {}: Duration", name.trim_end_matches("_ms"))];
    let at = lines.iter().position(|line| rows.iter().any(|row| line.starts_with(row))).unwrap();
    let documented = lines[..at].iter().rev().map_while(|line| line.trim_start().strip_prefix("/// "));
    let mut documented: Vec<_> = documented.collect();
    documented.reverse();
    assert!(!documented.is_empty(), "{name} has no documentation");
    documented.join(" ")
}

/// The values to try: those nearest to each end of the range, and the ends of numbers.
fn values(range: &LimitRange) -> Vec<u64> {
    let (least, most) = (*range.values.start(), *range.values.end());
    let mut values = vec![0, 1, least.saturating_sub(1), least, most, most.saturating_add(1), u64::MAX];
    values.sort_unstable();
    values.dedup();
    values
}

#[test]
fn page_matches_ranges_and_defaults() {
    let (mut page, source) = (HEAD.to_owned(), std::fs::read_to_string(SOURCE).unwrap());
    for LimitRange { name, values, why_least, why_most, .. } in Limits::ranges() {
        let default = Limits::default().get(name).unwrap();
        let most = if *values.end() == u64::MAX { "any".to_owned() } else { values.end().to_string() };
        let why: Vec<_> = [*why_least, *why_most].into_iter().filter(|why| !why.is_empty()).collect();
        let (meaning, why) = (meaning(&source, name), why.join("; "));
        writeln!(page, "| `{name}` | {meaning} | {default} | {} | {most} | {why} |", values.start()).unwrap();
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &page).unwrap();
    }
    assert!(page == std::fs::read_to_string(FILE).unwrap(), "UPDATE_DOCS=1 writes it anew");
}

#[test]
fn every_limit_works_at_its_ends_and_is_refused_beyond() {
    for range in Limits::ranges() {
        for value in values(range) {
            let mut limits = Limits::default();
            let set = limits.set(range.name, value);
            if !range.values.contains(&value) {
                let said = set.unwrap_err();
                let parts = [range.name.to_owned(), format!("not {value}"), range.values.start().to_string()];
                assert!(parts.iter().all(|part| said.contains(part)), "{said}");
                continue;
            }
            assert_eq!((set, limits.get(range.name)), (Ok(()), Some(value)), "{}", range.name);
            let mock = MockServer::builder().limits(limits).users_json(USERS).start_blocking();
            let mock = mock.unwrap_or_else(|error| panic!("{}={value}: {error}", range.name));
            // No client is fast enough for a millisecond.
            if !(range.name.ends_with("_ms") && value == 1) {
                let answer = Client::connect(mock.url()).get(RESET);
                assert_eq!(answer.status, 200, "{}={value}", range.name);
            }
        }
    }
}

#[test]
fn command_refuses_out_of_range_limits() {
    for range in Limits::ranges() {
        for value in values(range).into_iter().filter(|value| !range.values.contains(value)) {
            let limit = format!("{}={value}", range.name);
            let output = run(&["serve", "--port", "0", "--limit", &limit]);
            assert_eq!(output.status.code(), Some(2), "{limit}");
            let expected = format!("{} must be ", range.name);
            let said = stderr(&output);
            assert!(said.contains(&expected) && said.contains(&format!(", not {value}")), "{said}");
        }
    }
}

#[test]
fn builder_refuses_out_of_range_limits() {
    let mut limits = Limits::default();
    limits.head_fields_max = usize::MAX;
    limits.idle = std::time::Duration::MAX;
    let refused = MockServer::builder().limits(limits).start_blocking().unwrap_err();
    assert!(matches!(&refused, StartError::Limits(_)), "{refused:?}");
    for part in ["head_fields_max must be between 2 and 24576, not 18446744073709551615: ", "idle_ms must be "] {
        assert!(refused.to_string().contains(part), "{refused}");
    }
}

#[test]
fn largest_header_count_limit_works() {
    let mock = limited(|limits| (limits.head_fields_max, limits.head_bytes_max) = (24_576, 1 << 20));
    let head = crate::raw_reset("");
    let own = head.matches(": ").count();
    let with = |fields: usize| {
        let more = (own..fields).fold(String::new(), |more, n| more + &format!("x{n}:\r\n"));
        format!("{}{more}\r\n", head.trim_end().to_owned() + "\r\n")
    };
    let mut client = Client::connect(mock.url());
    client.send(with(24_576));
    assert_eq!(client.answer(false).status, 200);
    client.send(with(24_577));
    assert_eq!(client.answer(false).status, 431);
}

#[test]
fn largest_target_limit_works() {
    let mock = limited(|limits| (limits.target_bytes_max, limits.head_bytes_max) = (65_534, 1 << 20));
    let path = crate::reset_path(&crate::user("0001"));
    let padded = |length: usize| format!("{path}?{}", "x".repeat(length - path.len() - 1));
    assert_eq!(Client::connect(mock.url()).get(&padded(65_534)).status, 200);
    assert_eq!(Client::connect(mock.url()).get(&padded(65_535)).status, 414);
}

#[test]
fn largest_nesting_limit_works() {
    let with = |depth: usize| {
        // An unknown field is read with all its content.
        let (open, close) = (r#"{"a":"#.repeat(depth - 2), "}".repeat(depth - 2));
        let users = format!(r#"{{"projects": [], "unknown": {{"a":{open}1{close}}}}}"#);
        let mut limits = Limits::default();
        limits.set("file_depth_max", 128).unwrap();
        MockServer::builder().limits(limits).users_json(users).start_blocking().unwrap_err().to_string()
    };
    assert!(with(128).contains("unknown") && !with(128).contains("deep"), "{}", with(128));
    assert!(with(129).contains("128"), "{}", with(129));
}
