//! The report that a person reads in a terminal: short where all is fine.

use super::Summary;
use super::wording::{counted, listed};
use crate::source::is_obeyed;
use std::fmt::Write as _;

/// Failed expectations that are told in full; the rest is counted.
pub(super) const FAILED_SHOWN: usize = 100;

pub(crate) fn text(summary: &Summary) -> String {
    let mut text = String::new();
    for failed in summary.failed().take(FAILED_SHOWN) {
        let _ = writeln!(text, "failed: {} ({})", failed.name, failed.place);
        for expected in &failed.expected {
            let _ = writeln!(text, "  expected: {expected}");
        }
        for line in failed.lines() {
            let _ = writeln!(text, "  seen:     {line}");
        }
        if let Some(nearest) = &failed.nearest {
            let _ = writeln!(text, "  nearest:  {nearest}");
        }
    }
    let more = summary.failed().skip(FAILED_SHOWN).count();
    if more > 0 {
        let _ = writeln!(text, "failed: {} more", counted(more as u64, "expectation"));
    }
    for (operation, unmet) in summary.unmet() {
        let _ = writeln!(text, "failed: {operation} never met {}, which must be met", listed(&unmet));
    }
    for secret in summary.secrets() {
        let _ = writeln!(text, "failed: {secret}");
    }
    for note in summary.notes() {
        let _ = writeln!(text, "note: {note}");
    }
    let held = match summary.expectations.len() {
        0 => "nothing expected".to_owned(),
        all => {
            let held = summary.expectations.iter().filter(|one| one.passed).count();
            format!("{held} of {} held", counted(all as u64, "expectation"))
        }
    };
    let (met, documented) = (summary.coverage.met, summary.coverage.documented);
    let _ = writeln!(text, "wksmock: {held}, {met} of {documented} documented statuses met");
    // It ends on a terminal, and has names of files in it.
    text.replace(|character| character != '\n' && is_obeyed(character), "\u{fffd}")
}
