//! The report as Markdown, also used for the step summary of GitHub Actions.

use super::text::{FAILED_SHOWN, result};
use super::timeline::{DONE, LEGEND, has_done, timeline};
use super::{ExpectationVerdict, Summary};
use crate::diagnostics::is_obeyed;
use crate::scenario::words::{counted, times};
use std::fmt::Write as _;

/// Maximum number of users in a table cell.
const USERS_SHOWN: usize = 5;
/// Maximum number of expectations in the table; GitHub accepts 1 MiB.
const ROWS_SHOWN: usize = 1_000;
/// Maximum number of causes of rejections in the table.
const CAUSES_SHOWN: usize = 20;
/// Maximum number of rules in the table.
const RULES_SHOWN: usize = 100;

pub(crate) fn markdown(summary: &Summary) -> String {
    let verdict = if summary.verdict.passed { "passed" } else { "failed" };
    let mut text = format!("## wksmock: {verdict}\n\n{}.\n", escaped(&result(summary)));
    for empty in summary.strict_failures() {
        let _ = writeln!(text, "\n**Failed**: {}.", escaped(&empty));
    }
    for note in summary.notes() {
        let _ = writeln!(text, "\nNote: {}.", escaped(&note));
    }
    expectations(summary, &mut text);
    for failed in summary.verdict.failed().take(FAILED_SHOWN) {
        details(failed, &mut text);
    }
    calls(summary, &mut text);
    refused(summary, &mut text);
    rules(summary, &mut text);
    coverage(summary, &mut text);
    if let Some(secrets) = &summary.secrets_in_output {
        text.push_str("\n### Secrets in the output\n\n");
        if secrets.is_empty() {
            text.push_str("None.\n");
        }
        for secret in secrets {
            let _ = writeln!(text, "- {}", escaped(secret));
        }
    }
    text
}

fn expectations(summary: &Summary, text: &mut String) {
    if summary.verdict.expectations.is_empty() {
        text.push_str("\nNo expectations.\n");
        return;
    }
    text.push_str("\n| expectation | verdict | expected |\n| --- | --- | --- |\n");
    for one in summary.verdict.expectations.iter().take(ROWS_SHOWN) {
        let verdict = if one.passed { "passed" } else { "**failed**" };
        let _ = writeln!(text, "| {} | {verdict} | {} |", escaped(&one.name), escaped(&one.expected.join("; ")));
    }
    let more = summary.verdict.expectations.len().saturating_sub(ROWS_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "\nAnd {more} more.");
    }
}

fn details(failed: &ExpectationVerdict, text: &mut String) {
    let _ = write!(text, "\n### {}\n\n{}\n\n", escaped(&failed.name), escaped(&failed.place));
    for expected in &failed.expected {
        let _ = writeln!(text, "- expected: {}", escaped(expected));
    }
    for miss in failed.missed() {
        let _ = writeln!(text, "- but: {}", escaped(&miss));
    }
}

/// The timeline of the calls behind failed expectations.
fn calls(summary: &Summary, text: &mut String) {
    let lines = timeline(&summary.verdict.failed().take(FAILED_SHOWN).collect::<Vec<_>>());
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n### Calls\n\nSeen, {}:\n", escaped(LEGEND));
    for line in &lines {
        let _ = writeln!(text, "- {}", escaped(line));
    }
    if has_done(&lines) {
        let _ = writeln!(text, "\n{}.", escaped(DONE));
    }
}

fn refused(summary: &Summary, text: &mut String) {
    let rejected = &summary.verdict.rejected;
    if rejected.count == 0 {
        return;
    }
    let requests = counted(rejected.count, "request");
    let _ = writeln!(
        text,
        "\n### Refused requests\n\n{requests} refused before they were counted. Expectations do not cover them.\n"
    );
    text.push_str("| status | times | why | first |\n| --- | --- | --- | --- |\n");
    for one in rejected.by.iter().take(CAUSES_SHOWN) {
        let (why, first) = (escaped(&one.problem), escaped(&one.shown_first()));
        let _ = writeln!(text, "| {} | {} | {why} | {first} |", one.status, one.times);
    }
    let more = rejected.further(CAUSES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "\nAnd {more} for other causes.");
    }
}

fn rules(summary: &Summary, text: &mut String) {
    if summary.rules.is_empty() {
        return;
    }
    text.push_str("\n### Rules\n\n| rule | place | struck |\n| --- | --- | --- |\n");
    for one in summary.rules.iter().take(RULES_SHOWN) {
        let struck = if one.struck == 0 { "**never**".to_owned() } else { times(one.struck) };
        let _ = writeln!(text, "| {} | {} | {struck} |", escaped(&one.rule), escaped(&one.place));
    }
    let more = summary.rules.len().saturating_sub(RULES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "\nAnd {more} more.");
    }
}

fn coverage(summary: &Summary, text: &mut String) {
    let coverage = &summary.coverage;
    let _ = writeln!(text, "\n### Coverage\n\n{} of {} documented statuses met.", coverage.met, coverage.documented);
    text.push_str("\n| operation | status | met | times | by |\n| --- | --- | --- | --- | --- |\n");
    let projects = coverage.is_of_several_projects();
    for operation in coverage.operations.iter().filter(|operation| operation.counts) {
        for one in &operation.statuses {
            let met = match (one.met, summary.is_required(&operation.operation, one.status)) {
                (true, _) => "yes",
                (false, false) => "no",
                (false, true) => "**no (required)**",
            };
            let by = escaped(&one.users_shown(USERS_SHOWN, projects));
            let _ = writeln!(text, "| {} | {} | {met} | {} | {by} |", operation.operation, one.status, one.count);
        }
    }
}

/// `text` on one line, escaped so that Markdown shows it literally.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' => {
                escaped.extend(['\\', character]);
            }
            obeyed if is_obeyed(obeyed) => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
