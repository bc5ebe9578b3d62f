//! The report as JUnit's XML: a suite for expectations; one each for what must be covered, for what must not prove nothing,
//! and for secrets, where that was asked for. Everything else that is known is a property: it is not a test that could fail.

use super::timeline::{DONE, LEGEND, has_done, timeline};
use super::{ExpectationVerdict, SeenCall, Summary};
use crate::scenario::words::{listed, times};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::collections::HashMap;
use std::io;

/// Rules, and causes of refusals, that are properties.
const LISTED_MAX: usize = 100;

/// A group of cases.
struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

/// A test case: what it is about, how long that took, and how it went.
struct Case {
    class: String,
    name: String,
    took_ms: u64,
    went: Went,
}

enum Went {
    Well,
    /// In one line, and in full.
    Wrong(String, String),
    /// Nothing was tested, and why.
    Empty(String),
}

type Written = io::Result<()>;

pub(crate) fn junit(summary: &Summary) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = suites(summary, &mut writer);
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

fn suites(summary: &Summary, writer: &mut Writer<Vec<u8>>) -> Written {
    let suites = all_suites(summary);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    writer.write_event(Event::Start(counted("testsuites", "wksmock", cases, summary.took_ms)))?;
    for suite in &suites {
        let mut start = counted("testsuite", suite.name, suite.cases.iter(), summary.took_ms);
        start.push_attribute(("timestamp", summary.began.as_str()));
        writer.write_event(Event::Start(start))?;
        let is_first = suite.name == EXPECTATIONS;
        if is_first {
            properties(summary, writer)?;
        }
        for case in &suite.cases {
            case.write(writer)?;
        }
        let notes = summary.notes();
        if is_first && !notes.is_empty() {
            element("system-out", &notes.join("\n"), writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

/// The suite that is always there.
const EXPECTATIONS: &str = "expectations";

fn all_suites(summary: &Summary) -> Vec<Suite> {
    let mut suites = vec![Suite { name: EXPECTATIONS, cases: expectations(summary) }];
    if !summary.required.is_empty() {
        suites.push(Suite { name: "coverage", cases: coverage(summary) });
    }
    if summary.strict {
        suites.push(Suite { name: "strict", cases: strict(summary) });
    }
    if let Some(secrets) = &summary.secrets_in_output {
        suites.push(Suite { name: "secrets", cases: vec![secret(secrets, summary.took_ms)] });
    }
    // A report without a test is taken for a broken one.
    if let [only] = suites.as_mut_slice()
        && only.cases.is_empty()
    {
        only.cases.push(Case::of("wksmock", "no expectations", summary.took_ms, Went::Well));
    }
    suites
}

/// What is known beside the cases.
fn properties(summary: &Summary, writer: &mut Writer<Vec<u8>>) -> Written {
    let mut known = vec![("result".to_owned(), super::text::result(summary))];
    for one in summary.rules.iter().take(LISTED_MAX) {
        let struck = if one.struck == 0 { "never struck".to_owned() } else { format!("struck {}", times(one.struck)) };
        known.push((format!("rule {}", one.rule), format!("{struck} ({})", one.place)));
    }
    for one in summary.rejected.by.iter().take(LISTED_MAX) {
        let first = format!("first {}", one.shown_first());
        known
            .push((format!("refused with {}", one.status), format!("{}: {} ({first})", times(one.times), one.problem)));
    }
    for operation in summary.coverage.operations.iter().filter(|operation| operation.counts) {
        let aside = |status: u16| !summary.is_required(&operation.operation, status);
        for one in operation.statuses.iter().filter(|one| aside(one.status)) {
            let met = if one.met { format!("met {}", times(one.count)) } else { "not met".to_owned() };
            known.push((format!("coverage {} {}", operation.operation, one.status), met));
        }
    }
    writer.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in &known {
        let mut property = BytesStart::new("property");
        property.push_attribute(("name", shown(name).as_str()));
        property.push_attribute(("value", shown(value).as_str()));
        writer.write_event(Event::Empty(property))?;
    }
    writer.write_event(Event::End(BytesEnd::new("properties")))
}

fn element(name: &str, text: &str, writer: &mut Writer<Vec<u8>>) -> Written {
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    writer.write_event(Event::Text(BytesText::new(&shown(text))))?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

/// An opening tag with the numbers of its cases.
fn counted<'c>(
    tag: &'static str,
    name: &str,
    cases: impl Iterator<Item = &'c Case>,
    took_ms: u64,
) -> BytesStart<'static> {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        failures += i32::from(matches!(case.went, Went::Wrong(..)));
        skipped += i32::from(matches!(case.went, Went::Empty(_)));
    }
    let mut start = BytesStart::new(tag);
    start.push_attribute(("name", name));
    for (name, count) in [("tests", tests), ("failures", failures), ("errors", 0), ("skipped", skipped)] {
        start.push_attribute((name, count.to_string().as_str()));
    }
    start.push_attribute(("time", seconds(took_ms).as_str()));
    start
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

impl Case {
    fn of(class: &str, name: &str, took_ms: u64, went: Went) -> Self {
        Self { class: class.to_owned(), name: name.to_owned(), took_ms, went }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> Written {
        let mut start = BytesStart::new("testcase");
        start.push_attribute(("classname", shown(&self.class).as_str()));
        start.push_attribute(("name", shown(&self.name).as_str()));
        start.push_attribute(("time", seconds(self.took_ms).as_str()));
        let (tag, message) = match &self.went {
            Went::Well => return writer.write_event(Event::Empty(start)),
            Went::Wrong(message, _) => ("failure", message),
            Went::Empty(why) => ("skipped", why),
        };
        writer.write_event(Event::Start(start))?;
        let mut result = BytesStart::new(tag);
        result.push_attribute(("message", shown(message).as_str()));
        if let Went::Wrong(_, text) = &self.went {
            writer.write_event(Event::Start(result))?;
            writer.write_event(Event::Text(BytesText::new(&shown(text))))?;
            writer.write_event(Event::End(BytesEnd::new(tag)))?;
        } else {
            writer.write_event(Event::Empty(result))?;
        }
        writer.write_event(Event::End(BytesEnd::new("testcase")))
    }
}

fn expectations(summary: &Summary) -> Vec<Case> {
    let mut shown = HashMap::new();
    let case = |one: &ExpectationVerdict| {
        let went = match &one.judged_nothing {
            _ if !one.passed => failure(one, &mut shown),
            Some(why) => Went::Empty(format!("proves nothing: {why}")),
            None => Went::Well,
        };
        Case::of(file_of(&one.place), &one.name, span_ms(&one.seen), went)
    };
    summary.expectations.iter().map(case).collect()
}

/// Why an expectation failed. Calls that an earlier one shows are not shown again; `shown` has whose those are.
fn failure(one: &ExpectationVerdict, shown: &mut HashMap<Vec<String>, String>) -> Went {
    let lines = |what: &str, lines: &[String]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("{what}: {line}\n")).collect();
        lines.concat()
    };
    let calls = timeline(std::iter::once(one));
    let done = if has_done(&calls) { format!("{DONE}\n") } else { String::new() };
    let seen = match shown.get(&calls) {
        _ if calls.is_empty() => "seen: no calls\n".to_owned(),
        Some(earlier) => format!("seen: the same calls as {earlier:?} above\n"),
        None => {
            format!("seen, {LEGEND}:\n  {}\n{done}", calls.join("\n  "))
        }
    };
    shown.entry(calls).or_insert_with(|| one.name.clone());
    let text = format!("{}\n{}{}{seen}", one.place, lines("expected", &one.expected), lines("but", &one.missed()));
    Went::Wrong(one.nearest.clone().unwrap_or_default(), text)
}

/// From the first call that was judged to the end of the last.
fn span_ms(seen: &[SeenCall]) -> u64 {
    let first = seen.iter().map(|call| call.at_ms).min().unwrap_or(0);
    let last = seen.iter().map(|call| call.at_ms + call.took_ms.unwrap_or(0)).max().unwrap_or(0);
    last.saturating_sub(first)
}

/// The file of `file:line:column`.
fn file_of(place: &str) -> &str {
    let mut pieces = place.rsplitn(3, ':');
    let numbers = pieces.by_ref().take(2).all(|piece| piece.parse::<u32>().is_ok());
    pieces.next().filter(|_| numbers).unwrap_or(place)
}

/// What must be covered.
fn coverage(summary: &Summary) -> Vec<Case> {
    let case = |operation: &str, status: u16, met: bool, all: &[u16]| {
        let went = if met {
            Went::Well
        } else {
            let all = if all.is_empty() { "nothing".to_owned() } else { listed(all) };
            Went::Wrong(format!("{status} was never met"), format!("met: {all}"))
        };
        Case::of(operation, &status.to_string(), 0, went)
    };
    let of = |operation: &str| {
        let found = summary.coverage.operations.iter().find(|one| one.operation == operation);
        let met = found.into_iter().flat_map(|one| &one.statuses).filter(|one| one.met);
        met.map(|one| one.status).collect::<Vec<_>>()
    };
    let required = summary.required.iter();
    required.map(|one| case(&one.operation, one.status, one.met, &of(&one.operation))).collect()
}

/// What proves nothing, and must not.
fn strict(summary: &Summary) -> Vec<Case> {
    let took_ms = summary.took_ms;
    let wrong = summary.proves_nothing();
    let cases = wrong.map(|one| Case::of(file_of(one.place), one.name, took_ms, Went::Wrong(one.said, String::new())));
    let mut cases: Vec<_> = cases.collect();
    if cases.is_empty() {
        cases.push(Case::of("wksmock", "every rule struck and every expectation judged calls", took_ms, Went::Well));
    }
    cases
}

fn secret(secrets: &[String], took_ms: u64) -> Case {
    let went = match secrets {
        [] => Went::Well,
        [first, ..] => Went::Wrong(first.clone(), secrets.join("\n")),
    };
    Case::of("output", "no secrets in the output", took_ms, went)
}

/// XML has no way to write some characters.
fn shown(text: &str) -> String {
    let allowed = |character: char| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) && character != '\u{7f}'
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Some readers end a line there.
            '\u{85}' | '\u{2028}' | '\u{2029}' => shown.extend(character.escape_unicode()),
            allowed_one if allowed(allowed_one) => shown.push(allowed_one),
            _ => shown.push('\u{fffd}'),
        }
    }
    shown
}
