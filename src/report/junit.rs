//! The report as JUnit XML.
//!
//! There is a suite for expectations, and one each for `--require-coverage`, `--strict` and `--no-secrets-in-output` if
//! given. Everything else becomes a property, since it cannot fail.

use super::timeline::{DONE, LEGEND, has_done, timeline};
use super::{ExpectationVerdict, SeenCall, Summary};
use crate::scenario::words::{listed, times};
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::{ElementWriter, Writer};
use std::collections::HashMap;
use std::io;

/// Maximum number of rules, and of causes of rejections, listed as properties.
const LISTED_MAX: usize = 100;

/// A group of cases.
struct Suite {
    name: &'static str,
    cases: Vec<Case>,
}

/// A test case with its result.
struct Case {
    class: String,
    name: String,
    took_ms: u64,
    result: CaseResult,
}

enum CaseResult {
    Passed,
    /// Failed, with a one-line message and the details.
    Failed(String, String),
    /// Skipped, with the reason.
    Skipped(String),
}

pub(crate) fn junit(summary: &Summary) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    invariant!(suites(summary, &mut writer).ok(), (), "writing to memory cannot fail");
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    invariant!(String::from_utf8(bytes).ok(), String::new(), "the XML is made of strings")
}

fn suites(summary: &Summary, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let suites = all_suites(summary);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counted("wksmock", suites.iter().flat_map(|suite| &suite.cases), summary.took_ms);
    let inside = |writer: &mut Writer<_>| suites.iter().try_for_each(|suite| suite.write(summary, writer));
    element("testsuites", &counts, writer).write_inner_content(inside).map(drop)
}

/// Name of the suite that every report has.
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
    // CI systems take a report without a test for a broken one.
    if let [only] = suites.as_mut_slice()
        && only.cases.is_empty()
    {
        only.cases.push(Case::of("wksmock", "no expectations", summary.took_ms, CaseResult::Passed));
    }
    suites
}

/// Writes the properties.
fn properties(summary: &Summary, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let mut known = vec![("result".to_owned(), super::text::result(summary))];
    for one in summary.rules.iter().take(LISTED_MAX) {
        let struck = if one.struck == 0 { "never struck".to_owned() } else { format!("struck {}", times(one.struck)) };
        known.push((format!("rule {}", one.rule), format!("{struck} ({})", one.place)));
    }
    for one in summary.verdict.rejected.by.iter().take(LISTED_MAX) {
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
    writer
        .create_element("properties")
        .write_inner_content(|writer| {
            known.into_iter().try_for_each(|(name, value)| {
                element("property", &[("name", name), ("value", value)], writer).write_empty().map(drop)
            })
        })
        .map(drop)
}

/// An element with attributes.
fn element<'w>(
    tag: &'static str,
    attributes: &[(&str, String)],
    writer: &'w mut Writer<Vec<u8>>,
) -> ElementWriter<'w, Vec<u8>> {
    attributes.iter().fold(writer.create_element(tag), |element, (name, value)| {
        element.with_attribute((*name, shown(value).as_str()))
    })
}

/// The name of a suite, or of all, the counts of its cases, and its time.
fn counted<'c>(name: &str, cases: impl Iterator<Item = &'c Case>, took_ms: u64) -> [(&'static str, String); 6] {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        failures += i32::from(matches!(case.result, CaseResult::Failed(..)));
        skipped += i32::from(matches!(case.result, CaseResult::Skipped(_)));
    }
    let [tests, failures, errors, skipped] = [tests, failures, 0, skipped].map(|count: i32| count.to_string());
    [
        ("name", name.to_owned()),
        ("tests", tests),
        ("failures", failures),
        ("errors", errors),
        ("skipped", skipped),
        ("time", seconds(took_ms)),
    ]
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

impl Case {
    fn of(class: &str, name: &str, took_ms: u64, result: CaseResult) -> Self {
        Self { class: class.to_owned(), name: name.to_owned(), took_ms, result }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let attributes =
            [("classname", self.class.clone()), ("name", self.name.clone()), ("time", seconds(self.took_ms))];
        let case = element("testcase", &attributes, writer);
        let result = |tag, message: &String| (tag, [("message", message.clone())]);
        let ((tag, message), text) = match &self.result {
            CaseResult::Passed => return case.write_empty().map(drop),
            CaseResult::Failed(message, text) => (result("failure", message), Some(text)),
            CaseResult::Skipped(why) => (result("skipped", why), None),
        };
        case.write_inner_content(|writer| {
            let result = element(tag, &message, writer);
            match text {
                Some(text) => result.write_text_content(BytesText::new(&shown(text))),
                None => result.write_empty(),
            }
            .map(drop)
        })
        .map(drop)
    }
}

impl Suite {
    fn write(&self, summary: &Summary, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let counts = counted(self.name, self.cases.iter(), summary.took_ms);
        let suite = element("testsuite", &counts, writer).with_attribute(("timestamp", summary.began.as_str()));
        let notes = Some(summary.notes()).filter(|notes| self.name == EXPECTATIONS && !notes.is_empty());
        suite
            .write_inner_content(|writer| {
                if self.name == EXPECTATIONS {
                    properties(summary, writer)?;
                }
                self.cases.iter().try_for_each(|case| case.write(writer))?;
                if let Some(notes) = notes {
                    let text = shown(&notes.join("\n"));
                    writer.create_element("system-out").write_text_content(BytesText::new(&text))?;
                }
                Ok(())
            })
            .map(drop)
    }
}

fn expectations(summary: &Summary) -> Vec<Case> {
    let mut shown = HashMap::new();
    let case = |one: &ExpectationVerdict| {
        let result = match &one.judged_nothing {
            _ if !one.passed => failure(one, &mut shown),
            Some(why) => CaseResult::Skipped(format!("proves nothing: {why}")),
            None => CaseResult::Passed,
        };
        Case::of(file_of(&one.place), &one.name, span_ms(&one.seen), result)
    };
    summary.verdict.expectations.iter().map(case).collect()
}

/// The details of a failed expectation.
///
/// Calls are drawn once: `shown` maps lines that were drawn to the expectation that has them.
fn failure(one: &ExpectationVerdict, shown: &mut HashMap<Vec<String>, String>) -> CaseResult {
    let lines = |what: &str, lines: &[String]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("{what}: {line}\n")).collect();
        lines.concat()
    };
    let calls = timeline(&[one]);
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
    CaseResult::Failed(one.nearest.clone().unwrap_or_default(), text)
}

/// Milliseconds from the first judged call to the end of the last.
fn span_ms(seen: &[SeenCall]) -> u64 {
    let first = seen.iter().map(|call| call.at_ms).min().unwrap_or(0);
    let last = seen.iter().map(|call| call.at_ms + call.took_ms.unwrap_or(0)).max().unwrap_or(0);
    last.saturating_sub(first)
}

/// The file name of `file:line:column`.
fn file_of(place: &str) -> &str {
    let mut pieces = place.rsplitn(3, ':');
    let numbers = pieces.by_ref().take(2).all(|piece| piece.parse::<u32>().is_ok());
    pieces.next().filter(|_| numbers).unwrap_or(place)
}

/// The cases of `--require-coverage`.
fn coverage(summary: &Summary) -> Vec<Case> {
    let case = |operation: &str, status: u16, met: bool, all: &[u16]| {
        let result = if met {
            CaseResult::Passed
        } else {
            let all = if all.is_empty() { "nothing".to_owned() } else { listed(all) };
            CaseResult::Failed(format!("{status} was never met"), format!("met: {all}"))
        };
        Case::of(operation, &status.to_string(), 0, result)
    };
    let of = |operation: &str| {
        let found = summary.coverage.operations.iter().find(|one| one.operation == operation);
        let met = found.into_iter().flat_map(|one| &one.statuses).filter(|one| one.met);
        met.map(|one| one.status).collect::<Vec<_>>()
    };
    let required = summary.required.iter();
    required.map(|one| case(&one.operation, one.status, one.met, &of(&one.operation))).collect()
}

/// The cases of `--strict`.
fn strict(summary: &Summary) -> Vec<Case> {
    let took_ms = summary.took_ms;
    let wrong = summary.verdict.proves_nothing();
    let cases = wrong
        .map(|one| Case::of(file_of(one.place), one.name, took_ms, CaseResult::Failed(one.sentence, String::new())));
    let mut cases: Vec<_> = cases.collect();
    if cases.is_empty() {
        cases.push(Case::of(
            "wksmock",
            "every rule struck and every expectation judged calls",
            took_ms,
            CaseResult::Passed,
        ));
    }
    cases
}

fn secret(secrets: &[String], took_ms: u64) -> Case {
    let result = match secrets {
        [] => CaseResult::Passed,
        [first, ..] => CaseResult::Failed(first.clone(), secrets.join("\n")),
    };
    Case::of("output", "no secrets in the output", took_ms, result)
}

/// Replaces characters that XML cannot contain.
fn shown(text: &str) -> String {
    let allowed = |character: char| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) && character != '\u{7f}'
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Some readers treat these as line ends.
            '\u{85}' | '\u{2028}' | '\u{2029}' => shown.extend(character.escape_unicode()),
            allowed_one if allowed(allowed_one) => shown.push(allowed_one),
            _ => shown.push('\u{fffd}'),
        }
    }
    shown
}
