//! The report as JUnit's XML: a suite for expectations, one for coverage, and one for secrets where they were looked for.

use super::{ExpectationVerdict, Summary};
use crate::report::wording::listed;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// A test case: what it is about, and how it went.
struct Case {
    class: String,
    name: String,
    went: Went,
}

enum Went {
    Well,
    /// It need not be.
    Aside(String),
    /// In one line, and in full.
    Wrong(String, String),
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
    let mut suites =
        vec![("expectations", summary.expectations.iter().map(expectation).collect()), ("coverage", coverage(summary))];
    if let Some(secrets) = &summary.secrets_in_output {
        suites.push(("secrets", vec![secret(secrets)]));
    }
    let all = || suites.iter().flat_map(|(_, cases): &(_, Vec<Case>)| cases);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.write_event(Event::Start(counted("testsuites", "wksmock", all())))?;
    for (name, cases) in &suites {
        writer.write_event(Event::Start(counted("testsuite", name, cases.iter())))?;
        for case in cases {
            case.write(writer)?;
        }
        let notes = summary.notes();
        if *name == "expectations" && !notes.is_empty() {
            writer.write_event(Event::Start(BytesStart::new("system-out")))?;
            writer.write_event(Event::Text(BytesText::new(&notes.join("\n"))))?;
            writer.write_event(Event::End(BytesEnd::new("system-out")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

/// An opening tag with the numbers of its cases.
fn counted<'c>(tag: &'static str, name: &str, cases: impl Iterator<Item = &'c Case>) -> BytesStart<'static> {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.went {
            Went::Well => {}
            Went::Aside(_) => skipped += 1,
            Went::Wrong(..) => failures += 1,
        }
    }
    let mut start = BytesStart::new(tag);
    start.push_attribute(("name", name));
    for (name, count) in [("tests", tests), ("failures", failures), ("errors", 0), ("skipped", skipped)] {
        start.push_attribute((name, count.to_string().as_str()));
    }
    start
}

impl Case {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> Written {
        let mut start = BytesStart::new("testcase");
        start.push_attribute(("classname", shown(&self.class).as_str()));
        start.push_attribute(("name", shown(&self.name).as_str()));
        let (tag, message, text) = match &self.went {
            Went::Well => return writer.write_event(Event::Empty(start)),
            Went::Aside(message) => ("skipped", message, None),
            Went::Wrong(message, text) => ("failure", message, Some(text)),
        };
        writer.write_event(Event::Start(start))?;
        let mut inner = BytesStart::new(tag);
        inner.push_attribute(("message", shown(message).as_str()));
        match text {
            None => writer.write_event(Event::Empty(inner))?,
            Some(text) => {
                writer.write_event(Event::Start(inner))?;
                writer.write_event(Event::Text(BytesText::new(&shown(text))))?;
                writer.write_event(Event::End(BytesEnd::new(tag)))?;
            }
        }
        writer.write_event(Event::End(BytesEnd::new("testcase")))
    }
}

fn expectation(one: &ExpectationVerdict) -> Case {
    let went = if one.passed {
        Went::Well
    } else {
        let lines = |what: &str, lines: &[String]| {
            let lines: Vec<_> = lines.iter().map(|line| format!("{what}: {line}\n")).collect();
            lines.concat()
        };
        let text = format!("{}\n{}{}", one.place, lines("expected", &one.expected), lines("seen", &one.lines()));
        Went::Wrong(one.nearest.clone().unwrap_or_default(), text)
    };
    Case { class: file_of(&one.place).to_owned(), name: one.name.clone(), went }
}

/// The file of `file:line:column`.
fn file_of(place: &str) -> &str {
    let mut pieces = place.rsplitn(3, ':');
    let numbers = pieces.by_ref().take(2).all(|piece| piece.parse::<u32>().is_ok());
    pieces.next().filter(|_| numbers).unwrap_or(place)
}

fn coverage(summary: &Summary) -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in summary.coverage.operations.iter().filter(|operation| operation.counts) {
        for one in &operation.statuses {
            let went = if one.met {
                Went::Well
            } else if summary.is_required(&operation.operation, one.status) {
                let met: Vec<_> = operation.statuses.iter().filter(|one| one.met).map(|one| one.status).collect();
                let met = if met.is_empty() { "nothing".to_owned() } else { listed(&met) };
                Went::Wrong(format!("{} was never met", one.status), format!("met: {met}"))
            } else {
                Went::Aside("not met, and need not be".to_owned())
            };
            cases.push(Case { class: operation.operation.clone(), name: one.status.to_string(), went });
        }
    }
    cases
}

fn secret(secrets: &[String]) -> Case {
    let went = match secrets {
        [] => Went::Well,
        [first, ..] => Went::Wrong(first.clone(), secrets.join("\n")),
    };
    Case { class: "output".to_owned(), name: "no secrets in the output".to_owned(), went }
}

/// XML has no way to write some characters.
fn shown(text: &str) -> String {
    let allowed = |character: char| {
        matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) && character != '\u{7f}'
    };
    text.chars().map(|character| if allowed(character) { character } else { '\u{fffd}' }).collect()
}
