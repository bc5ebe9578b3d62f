//! The report as Markdown, which also suits the summary of a step in GitHub Actions.

use super::text::FAILED_SHOWN;
use super::{ExpectationVerdict, Summary};
use crate::source::is_obeyed;
use std::fmt::Write as _;

/// Users that are named in a table's cell.
const USERS_SHOWN: usize = 5;
/// Expectations in the table at most; GitHub takes 1 MiB.
const ROWS_SHOWN: usize = 1_000;

pub(crate) fn markdown(summary: &Summary) -> String {
    let verdict = if summary.passed { "passed" } else { "failed" };
    let mut text = format!("## wksmock: {verdict}\n");
    for note in summary.notes() {
        let _ = writeln!(text, "\nNote: {}.", escaped(&note));
    }
    expectations(summary, &mut text);
    for failed in summary.failed().take(FAILED_SHOWN) {
        details(failed, &mut text);
    }
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
    if summary.expectations.is_empty() {
        text.push_str("\nNothing was expected.\n");
        return;
    }
    text.push_str("\n| expectation | verdict | expected |\n| --- | --- | --- |\n");
    for one in summary.expectations.iter().take(ROWS_SHOWN) {
        let verdict = if one.passed { "passed" } else { "**failed**" };
        let _ = writeln!(text, "| {} | {verdict} | {} |", escaped(&one.name), escaped(&one.expected.join("; ")));
    }
    let more = summary.expectations.len().saturating_sub(ROWS_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "\nAnd {more} more.");
    }
}

fn details(failed: &ExpectationVerdict, text: &mut String) {
    let _ = write!(text, "\n### {}\n\n{}\n\n", escaped(&failed.name), escaped(&failed.place));
    for expected in &failed.expected {
        let _ = writeln!(text, "- expected: {}", escaped(expected));
    }
    if let Some(nearest) = &failed.nearest {
        let _ = writeln!(text, "- nearest: {}", escaped(nearest));
    }
    text.push_str("- seen:\n");
    for line in failed.lines() {
        let _ = writeln!(text, "  - {}", escaped(&line));
    }
}

fn coverage(summary: &Summary, text: &mut String) {
    let coverage = &summary.coverage;
    let _ = writeln!(text, "\n### Coverage\n\n{} of {} documented statuses met.", coverage.met, coverage.documented);
    text.push_str("\n| operation | status | met | times | by |\n| --- | --- | --- | --- | --- |\n");
    for operation in coverage.operations.iter().filter(|operation| operation.counts) {
        for one in &operation.statuses {
            let met = match (one.met, summary.is_required(&operation.operation, one.status)) {
                (true, _) => "yes",
                (false, false) => "no",
                (false, true) => "**no, but it must be**",
            };
            let by = escaped(&one.by_whom(USERS_SHOWN));
            let _ = writeln!(text, "| {} | {} | {met} | {} | {by} |", operation.operation, one.status, one.count);
        }
    }
}

/// A text that Markdown shows as it is, on one line.
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
