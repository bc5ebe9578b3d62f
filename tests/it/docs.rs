//! The pages about files are true: every block of `docs/scenario-file.md` is played, and every error of
//! `docs/scenario-errors.md` and `docs/users-file.md` provoked.
//!
//! The word behind `json` is the kind of the block: `scenario`, `rule`, `override`, `expectation` or `users`; the `text`
//! block behind it has the expected calls, in the few forms of [`Played`]. `text fault` is a `--fault`. `json beside` is
//! a rule that accompanies the expectations that follow. `wrong` is refused with the `text` behind it (UPDATE_DOCS=1
//! writes that), and `mended` is taken. Pages are read at run time, so that editing them compiles nothing.

use crate::binary::{run, stderr};
use crate::client::{Answer, Client};
use crate::pages::matches_pattern;
use crate::pages::{Block, blocks};
use crate::written::{change, is_updating};
use crate::{PROJECT, reset_path, user};
use serde_json::json;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;
use wksmock::{ClockMode, Decision, EntryState, MessageState, MockServer, MockServerBuilder};

/// The grammar of scenario files.
const GRAMMAR: &str = "docs/scenario-file.md";
/// The errors in them.
const MISTAKES: &str = "docs/scenario-errors.md";
/// Format and errors of users files.
const USERS: &str = "docs/users-file.md";

/// Kinds of blocks that are followed by the expected calls.
const PLAYED: [&str; 5] = ["json scenario", "json rule", "json override", "json override after 3 calls", "text fault"];

fn read(page: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap()
}

fn blocks_of(page: &str) -> Vec<Block> {
    blocks(&read(page))
}

/// Returns the blocks of a kind, each with the next block.
fn of_kind(wanted: &[&str]) -> Vec<(Block, Option<Block>)> {
    let mut blocks = blocks_of(GRAMMAR).into_iter().peekable();
    let mut found = Vec::new();
    while let Some(block) = blocks.next() {
        if wanted.contains(&block.info.as_str()) {
            let told = blocks.next_if(|next| next.info == "text");
            found.push((block, told));
        }
    }
    found
}

/// Builds the text of a scenario file around a block.
fn scenario(what: &str, text: &str) -> String {
    match what {
        "rule" => format!("{{\"rules\": [{text}]}}"),
        "expectation" => format!("{{\"expect\": [{text}]}}"),
        "down" => format!("{{\"rules\": [], \"down\": {text}}}"),
        "scenario" | "users" => text.to_owned(),
        other => panic!("a block {other:?}"),
    }
}

/// Starts a server whose time stands still and whose delays are only recorded.
fn still() -> MockServerBuilder {
    MockServer::builder().clock(ClockMode::Manual).instant_delays(true)
}

#[test]
fn documented_rules_and_scenarios_have_the_stated_outcomes() {
    let mut played = 0;
    for (block, told) in of_kind(&PLAYED) {
        let mock = match block.info.as_str() {
            "text fault" => still().fault(block.text.trim()).start_blocking(),
            info if info.starts_with("json override") => still().start_blocking(),
            info => still().scenario_json(scenario(info.trim_start_matches("json "), &block.text)).start_blocking(),
        };
        let mock = mock.unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        if block.info.starts_with("json override") {
            if block.info.ends_with("after 3 calls") {
                Played::at(&mock, block.line).play("user 0001 meets 200, 200, 200");
            }
            let added = Client::connect(mock.url()).request("POST", "/__admin/overrides", &[], &block.text);
            assert_eq!(added.status, 201, "line {}: {added:?}", block.line);
        }
        let told = told.unwrap_or_else(|| panic!("line {}: nothing says what calls meet", block.line));
        for (line, text) in (told.line + 1..).zip(told.text.lines()) {
            Played::at(&mock, line).play(text);
            played += 1;
        }
    }
    assert!(played > 45, "only {played} lines are played");
}

#[test]
fn documented_expectations_hold_and_fail_as_stated() {
    let mut beside = String::new();
    let mut played = 0;
    for (block, told) in of_kind(&["json beside", "json expectation"]) {
        if block.info == "json beside" {
            beside = block.text;
            continue;
        }
        let file = format!("{{\"rules\": [{beside}], \"expect\": [{}]}}", block.text);
        let mock =
            still().scenario_json(file).start_blocking().unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        let told = told.unwrap_or_else(|| panic!("line {}: nothing says when it holds", block.line));
        for (line, text) in (told.line + 1..).zip(told.text.lines()) {
            Played::at(&mock, line).play(text);
            mock.reset();
            played += 1;
        }
    }
    assert!(played >= 17, "only {played} lines are played");
}

/// A line with the expected calls. One of
///
/// - `[at 1000 ms, ]user 0001[ with X-Canary: yes] meets 503 (retry-after: 1), 200 after 80 ms[: nothing was done]`
/// - `user 0001 with a token meets 200, 200, 401`, all with one token of the embedded account
/// - `a login meets 503, 201`, by that account
/// - `of 1000 calls user 0001 meets 503 × 100, 200 × 900`
/// - `at 1000 ms, connections are refused`
struct Played<'m> {
    mock: &'m MockServer,
    line: usize,
    token: OnceCell<String>,
}

impl<'m> Played<'m> {
    fn at(mock: &'m MockServer, line: usize) -> Self {
        Self { mock, line, token: OnceCell::new() }
    }

    fn play(&self, line: &str) {
        let line = match line.strip_prefix("at ").and_then(|rest| rest.split_once(" ms, ")) {
            Some((ms, rest)) => {
                let ms = Duration::from_millis(self.number(ms));
                self.mock.advance(ms.checked_sub(self.mock.now()).unwrap());
                rest
            }
            None => line,
        };
        if line == "connections are refused" {
            self.until_connected(false);
        } else if let Some(statuses) = line.strip_prefix("a login meets ") {
            for expected in statuses.split(", ") {
                assert_eq!(self.login().status.to_string(), expected, "line {}", self.line);
            }
        } else if let Some((count, rest)) = line.strip_prefix("of ").and_then(|rest| rest.split_once(" calls user ")) {
            let (end, counts) = rest.split_once(" meets ").unwrap();
            assert_eq!(self.counted(self.number(count), end), counts, "line {}", self.line);
        } else {
            let rest = line.strip_prefix("user ").unwrap_or_else(|| panic!("line {}: {line}", self.line));
            let (who, met) = rest.split_once(" meets ").unwrap();
            self.meet(who, met);
        }
    }

    fn number(&self, digits: &str) -> u64 {
        digits.parse().unwrap_or_else(|_| panic!("line {}: {digits:?} is no number", self.line))
    }

    fn meet(&self, who: &str, met: &str) {
        let (mut met, after) = outside(met, ": ").map_or((met, None), |(met, after)| (met, Some(after)));
        loop {
            let (expected, rest) = outside(met, ", ").unwrap_or((met, ""));
            match expected.strip_prefix("waits ").and_then(|rest| rest.strip_suffix(" ms")) {
                // Expectations about gaps use real time.
                Some(ms) => std::thread::sleep(Duration::from_millis(self.number(ms))),
                None => self.call(who, expected),
            }
            if rest.is_empty() {
                break;
            }
            met = rest;
        }
        match after {
            None => {}
            Some("nothing was done") => assert!(self.decision().password.is_none(), "line {}", self.line),
            Some("the password was reset") => {
                let password = self.decision().password;
                let end = who.split(' ').next().unwrap();
                let current = self.mock.current_password(PROJECT, &user(end));
                assert!(password.is_some() && current == password, "line {}", self.line);
            }
            Some(mail @ ("the e-mail is lost" | "the e-mail is sent")) => {
                let is_lost = self.mock.outbox().pop().unwrap().state == MessageState::Failed;
                assert_eq!(is_lost, mail.ends_with("lost"), "line {}", self.line);
            }
            Some(verdict) => self.verify(verdict),
        }
    }

    fn login(&self) -> Answer {
        let user = json!({ "domain": { "name": "wksmock" }, "name": "developer", "password": "wksmock-password" });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let body = json!({ "auth": { "identity": identity, "scope": { "project": { "id": PROJECT } } } });
        Client::connect(self.mock.url()).request("POST", "/v3/auth/tokens", &[], &body.to_string())
    }

    fn verify(&self, announced: &str) {
        let verdict = self.mock.verify();
        let told = match &verdict.expectations[0].nearest {
            None => "it holds".to_owned(),
            // The page names users by the ends of their ids alone.
            Some(nearest) => match nearest.split_once(" (…") {
                Some((_, from_end)) => format!("it fails, as {}", from_end.replacen(')', "", 1)),
                None => format!("it fails, as {nearest}"),
            },
        };
        assert_eq!(verdict.passed, announced == "it holds", "line {}: {told}", self.line);
        assert!(matches_pattern(&told, announced), "line {}: {told}", self.line);
    }

    /// Makes one call and compares its result.
    fn call(&self, who: &str, expected: &str) {
        let (end, with) = who.split_once(" with ").unwrap_or((who, ""));
        let (mut query, mut lines) = ("", String::new());
        for spec in with.split(" and ").filter(|spec| !spec.is_empty()) {
            if spec.starts_with('?') {
                query = spec;
            } else if spec == "a token" {
                let token = || self.login().header("x-subject-token").unwrap().to_owned();
                lines.extend(["X-Auth-Token: ", self.token.get_or_init(token), "\r\n"]);
            } else {
                lines.extend([spec, "\r\n"]);
            }
        }
        if !lines.to_ascii_lowercase().contains("content-type:") {
            lines.push_str("Content-Type: application/json\r\n");
        }
        let path = reset_path(&user(end));
        self.until_connected(true);
        let mut client = Client::connect(self.mock.url());
        let before = self.mock.requests().len();
        client.send(format!("GET {path}{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n"));
        let met = Met::read(&mut client, self.mock, before);
        self.compare(&met, expected);
    }

    fn compare(&self, met: &Met, expected: &str) {
        let (expected, bracket) = match expected.split_once(" (") {
            Some((expected, bracket)) => (expected, bracket.strip_suffix(')')),
            None => (expected, None),
        };
        let (expected, delay) = match expected.split_once(" after ") {
            Some((expected, delay)) => (expected, delay.strip_suffix(" ms")),
            None => (expected, None),
        };
        assert_eq!(met.told, expected, "line {}: {met:?}", self.line);
        if let Some(delay) = delay {
            assert_eq!(self.decision().delay_ms, self.number(delay), "line {}", self.line);
        }
        if let Some((name, value)) = bracket.and_then(|bracket| bracket.split_once(": ")) {
            assert_eq!(met.part(name), value, "line {}: {met:?}", self.line);
        }
    }

    fn decision(&self) -> Decision {
        self.mock.requests().pop().unwrap().decision.unwrap_or_else(|| panic!("line {}: not counted", self.line))
    }

    /// Counts the calls by status.
    fn counted(&self, count: u64, end: &str) -> String {
        let mut client = Client::connect(self.mock.url());
        let mut counts = BTreeMap::<_, u64>::new();
        for _ in 0..count {
            *counts.entry(std::cmp::Reverse(client.get(&reset_path(&user(end))).status)).or_default() += 1;
        }
        counts.iter().map(|(status, count)| format!("{} × {count}", status.0)).collect::<Vec<_>>().join(", ")
    }

    /// Waits until connections are accepted, or refused.
    fn until_connected(&self, wanted: bool) {
        loop {
            // A client that waits for acceptance when a window begins is reset.
            match TcpStream::connect(self.mock.url().strip_prefix("http://").unwrap()) {
                Ok(_) if wanted => return,
                Err(error) if !wanted && error.kind() == ErrorKind::ConnectionRefused => return,
                _ => std::thread::yield_now(),
            }
        }
    }
}

/// Splits at the first separator outside brackets.
fn outside<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    let is_outside = |at: usize| text[..at].matches('(').count() == text[..at].matches(')').count();
    let (at, _) = text.match_indices(separator).find(|(at, _)| is_outside(*at))?;
    Some((&text[..at], &text[at + separator.len()..]))
}

/// The bytes received.
#[derive(Debug)]
struct Met {
    told: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Met {
    fn read(client: &mut Client, mock: &MockServer, before: usize) -> Self {
        let entry = loop {
            let entry = mock.requests().into_iter().nth(before);
            match entry {
                Some(entry) if entry.state != EntryState::InFlight || entry.decision.is_some() => break entry,
                _ => std::thread::yield_now(),
            }
        };
        let nothing = |told: &str| Self { told: told.to_owned(), headers: BTreeMap::new(), body: String::new() };
        if entry.decision.and_then(|decision| decision.fault) == Some("hang") {
            assert!(!client.has_answer_within(Duration::from_millis(50)));
            return nothing("silence");
        }
        let (bytes, reset) = client.rest();
        while mock.requests()[before].state == EntryState::InFlight {
            std::thread::yield_now();
        }
        match (bytes.is_empty(), reset) {
            (true, true) => nothing("a reset"),
            (true, false) => nothing("an end without a byte"),
            _ => Self::parse(&bytes).unwrap_or_else(|| nothing("bytes that are not HTTP")),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = response.parse(bytes) else { return None };
        let shown = |field: &httparse::Header<'_>| {
            (field.name.to_ascii_lowercase(), String::from_utf8(field.value.to_vec()).unwrap())
        };
        let headers: BTreeMap<_, _> = response.headers.iter().map(shown).collect();
        let body = String::from_utf8(bytes[head..].to_vec()).unwrap();
        let length = headers.get("content-length").map(|length| length.parse::<usize>().unwrap());
        let is_json = serde_json::from_str::<serde_json::Value>(&body).is_ok();
        let what = match length {
            None => " with a chunk whose size is not a number",
            Some(length) if body.len() == length / 2 => " with half of its body",
            Some(length) if body.len() > length => " with more than its length",
            Some(_) if headers["content-type"] == "application/json" && !is_json => " with a body that is not JSON",
            Some(length) => {
                assert_eq!(length, body.len());
                ""
            }
        };
        Some(Self { told: format!("{}{what}", response.code?), headers, body })
    }

    /// Returns a header, the body, or a field of the body.
    fn part(&self, name: &str) -> String {
        if name == "body" {
            return self.body.clone();
        }
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let field = json[name].as_str().map(str::to_owned);
        field.or_else(|| self.headers.get(name).cloned()).unwrap_or_else(|| "none".to_owned())
    }
}

/// One error of a file: the message, the expectation, the help.
fn error_of(drawn: &str) -> String {
    let errors = drawn.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{drawn}");
    let mut told = String::new();
    for line in drawn.lines() {
        if line.starts_with("error: ") {
            told.extend([line, "\n"]);
        } else if let Some((_, expected)) = line.rsplit_once("^ ") {
            told.extend(["  ", expected, "\n"]);
        } else if let Some(help) = line.trim_start().strip_prefix("= ") {
            told.extend(["  ", help, "\n"]);
        }
    }
    told
}

/// Checks a text as a file or a flag; returns `None` if it is valid.
fn refused(what: &str, text: &str, folder: &Path) -> Option<String> {
    if what == "override" {
        let refused = MockServer::builder().start_blocking().unwrap().override_json(text).err()?;
        return Some(error_of(&refused.to_string()));
    }
    let (what, flags) = what.split_once(' ').unwrap_or((what, ""));
    let file = folder.join("flaky.json");
    let file = file.to_str().unwrap();
    let output = if what == "fault" {
        run(&["check", "fixtures/users.json", "--fault", text.trim()])
    } else {
        std::fs::write(file, scenario(what, text)).unwrap();
        match flags.split_once(' ').unwrap_or((flags, "")) {
            ("serve", flags) => {
                let flags: Vec<_> = flags.split_whitespace().collect();
                run(&[&["serve", "--port", "0", "--scenario", file], &flags[..]].concat())
            }
            ("with", users) => run(&["check", users, file]),
            _ => run(&["check", file]),
        }
    };
    (output.status.code() != Some(0)).then(|| error_of(&stderr(&output)))
}

#[test]
fn documented_errors_follow_from_wrong_blocks_only() {
    assert!(provoke_errors(MISTAKES) > 100);
    assert!(provoke_errors(USERS) > 20);
}

/// Provokes each error of a page and returns their number.
fn provoke_errors(page: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks_of(page);
    let mut all_found = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let Some((_, what)) = block.info.split_once(" wrong ") else { continue };
        let [told, mended] = [1, 2].map(|ahead| &blocks[at + ahead]);
        let place = format!("{page}:{}", block.line);
        assert!(told.info == "text" && mended.info.ends_with(" mended"), "{place}");
        let found = refused(what, &block.text, folder.path()).unwrap_or_else(|| panic!("{place} is fine"));
        assert!(is_updating() || found == told.text, "{place}: found\n{found}");
        // A valid server would not exit.
        let what = what.split(" serve").next().unwrap();
        assert_eq!(refused(what, &mended.text, folder.path()), None, "{page}:{}", mended.line);
        all_found.push(found);
    }
    if is_updating() {
        change(page, |text| with_errors(text, &all_found));
    }
    all_found.len()
}

/// Writes the resulting error behind each wrong document of a page.
fn with_errors(text: &str, found: &[String]) -> String {
    let blocks = blocks(text);
    let is_wrong = |block: &Block| block.info.contains(" wrong ");
    let told = blocks.windows(2).filter(|pair| is_wrong(&pair[0])).map(|pair| pair[1].span.clone());
    let mut made = text.to_owned();
    for (span, found) in told.zip(found).collect::<Vec<_>>().into_iter().rev() {
        made.replace_range(span, found);
    }
    made
}

/// Removes quotations and numbers from an error.
fn form(error: &str) -> String {
    let mut quoting = None;
    let mut form = String::new();
    for letter in error.chars() {
        match quoting {
            Some(quote) if letter == quote => quoting = None,
            Some(_) => {}
            None if matches!(letter, '`' | '"') => {
                quoting = Some(letter);
                form.push('_');
            }
            None if letter.is_ascii_digit() || letter == '-' || letter == '.' => {
                if !form.ends_with('#') {
                    form.push('#');
                }
            }
            None => form.push(letter),
        }
    }
    form
}

/// Returns the errors in snapshots that no page has, of files that `is_covered` knows by the line behind the error.
/// Errors that no block can show are in the first column of a table.
fn missing_errors(pages: &[&str], is_covered: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let pages: String = pages.iter().map(|page| read(page)).collect();
    let told =
        |line: &str| line.strip_prefix("error: ").or_else(|| line.strip_prefix("| `")?.split("` |").next()).map(form);
    let told: BTreeSet<_> = pages.lines().filter_map(told).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let (mut missing, mut count) = (BTreeSet::new(), 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if !name.starts_with("it__file_errors__") && !name.starts_with("it__down__") {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2) {
            let Some(error) = pair[0].strip_prefix("error: ") else { continue };
            if is_covered(pair[1]) {
                count += 1;
                if !told.contains(&form(error)) {
                    missing.insert(error.to_owned());
                }
            }
        }
    }
    assert!(count > 30, "only {count} errors were found");
    missing
}

#[test]
fn every_file_error_in_snapshots_is_documented() {
    let of_scenarios = ["flaky.json", "drill.json", "down.json", "--fault"];
    let missing = missing_errors(&[MISTAKES], |line| of_scenarios.iter().any(|file| line.contains(file)));
    assert!(missing.is_empty(), "not in {MISTAKES}: {missing:#?}");
    let missing = missing_errors(&[USERS, MISTAKES], |line| line.contains("users.json") || line.contains("b.json:"));
    assert!(missing.is_empty(), "not in {USERS}: {missing:#?}");
}

/// Returns the field names of an object of the schema.
fn fields(schema: &serde_json::Value, object: &str) -> Vec<String> {
    let object = if object.is_empty() { schema } else { &schema["$defs"][object] };
    object["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_field_is_in_an_example() {
    for (page, schema) in [(GRAMMAR, "scenarios/scenario.schema.json"), (USERS, "fixtures/users.schema.json")] {
        let schema: serde_json::Value = serde_json::from_str(&read(schema)).unwrap();
        let shown: String = blocks_of(page)
            .iter()
            .filter(|block| block.info.starts_with("json ") && !block.info.contains("wrong"))
            .map(|block| block.text.as_str())
            .collect();
        let objects: Vec<_> = schema["$defs"].as_object().unwrap().keys().map(String::as_str).chain([""]).collect();
        let mut count = 0;
        for object in objects {
            if object.is_empty() || schema["$defs"][object]["properties"].is_object() {
                for field in fields(&schema, object) {
                    count += 1;
                    assert!(shown.contains(&format!("\"{field}\":")), "{page}: {field} of {object:?} is in no example");
                }
            }
        }
        assert!(count > 20, "only {count} fields were found");
    }
}

/// Returns the name of the file that a block shows whole.
fn file_of(block: &Block) -> Option<&str> {
    let name = block.info.strip_prefix("json ")?;
    let is_name = !name.contains(' ') && Path::new(name).extension().is_some_and(|end| end == "json");
    is_name.then_some(name)
}

#[test]
fn every_block_is_of_a_tested_kind() {
    let others = ["json beside", "json expectation", "text", "console", "json mended", "text mended"];
    for page in [GRAMMAR, MISTAKES, USERS] {
        for block in blocks_of(page) {
            let is_known = PLAYED.contains(&block.info.as_str())
                || others.contains(&block.info.as_str())
                || block.info.contains(" wrong ")
                || file_of(&block).is_some();
            assert!(is_known, "{page}:{}: {:?}", block.line, block.info);
        }
    }
}

#[test]
fn grammar_fits_into_900_lines() {
    assert!(read(GRAMMAR).lines().count() <= 900);
}
