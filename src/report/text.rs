//! The report for the terminal, short if everything passed; and a verdict as the same text.

use super::timeline::{DONE, LEGEND, has_done, timeline};
#[cfg(feature = "cli")]
use super::{Coverage, Summary};
use super::{ExpectationVerdict, Verdict};
use crate::diagnostics::is_obeyed;
#[cfg(feature = "cli")]
use crate::scenario::words::listed;
use crate::scenario::words::{counted, times};
use crate::state::Rejected;
#[cfg(feature = "cli")]
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

/// Maximum number of failed expectations shown in full.
pub(super) const FAILED_SHOWN: usize = 100;
/// Maximum number of misses shown for one expectation.
const MISSES_SHOWN: usize = 10;
/// Maximum number of causes of rejections shown.
const CAUSES_SHOWN: usize = 5;

#[cfg(feature = "cli")]
pub(crate) fn text_report(summary: &Summary) -> String {
    let mut text = String::new();
    failed(&summary.verdict, &mut text);
    for (operation, unmet) in summary.unmet() {
        let _ = writeln!(text, "failed: {operation}: required statuses not met: {}", listed(&unmet));
    }
    for secret in summary.secrets() {
        let _ = writeln!(text, "failed: {secret}");
    }
    for empty in summary.strict_failures() {
        let _ = writeln!(text, "failed: {empty}");
    }
    end(&summary.notes(), &summary.verdict.rejected, &result(summary), text)
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        failed(self, &mut text);
        let notes = [self.repeats(), self.proves_nothing_shown()].concat();
        out.write_str(end(&notes, &self.rejected, &totals(self, None), text).trim_end())
    }
}

/// The failed expectations, and the calls behind them.
fn failed(verdict: &Verdict, text: &mut String) {
    for failed in verdict.failed().take(FAILED_SHOWN) {
        let _ = writeln!(text, "failed: {} ({})", failed.name, failed.place);
        for expected in &failed.expected {
            let _ = writeln!(text, "  expected: {expected}");
        }
        for miss in failed.missed() {
            let _ = writeln!(text, "  but:      {miss}");
        }
    }
    let more = verdict.failed().skip(FAILED_SHOWN).count();
    if more > 0 {
        let _ = writeln!(text, "failed: {}", counted(more, "more expectation"));
    }
    calls(verdict, text);
}

/// The text of a report, with its last part.
fn end(notes: &[String], rejected: &Rejected, totals: &str, mut text: String) -> String {
    for note in notes {
        let _ = writeln!(text, "note: {note}");
    }
    refused(rejected, &mut text);
    let _ = writeln!(text, "wksmock: {totals}");
    // File names may contain control sequences of terminals.
    text.replace(|character| character != '\n' && is_obeyed(character), "\u{fffd}")
}

/// The timeline of the calls behind failed expectations.
fn calls(verdict: &Verdict, text: &mut String) {
    let lines = timeline(&verdict.failed().take(FAILED_SHOWN).collect::<Vec<_>>());
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "seen, {LEGEND}:");
    for line in &lines {
        let _ = writeln!(text, "  {line}");
    }
    if has_done(&lines) {
        let _ = writeln!(text, "  {DONE}");
    }
}

fn refused(rejected: &Rejected, text: &mut String) {
    for cause in rejected.by.iter().take(CAUSES_SHOWN) {
        let _ = writeln!(text, "refused {} with {}: {}", times(cause.times), cause.status, cause.problem);
        let first = if cause.times == 1 { "" } else { "first " };
        let _ = writeln!(text, "  {first}{}", cause.shown_first());
    }
    let more = rejected.further(CAUSES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "refused {} for other causes", counted(more, "more time"));
    }
}

/// The totals on one line.
#[cfg(feature = "cli")]
pub(super) fn result(summary: &Summary) -> String {
    totals(&summary.verdict, Some(covered(&summary.coverage)))
}

fn totals(verdict: &Verdict, covered: Option<String>) -> String {
    let held = match verdict.expectations.len() {
        0 => "no expectations".to_owned(),
        all => {
            let held = verdict.expectations.iter().filter(|one| one.passed).count();
            format!("{held} of {} held", counted(all, "expectation"))
        }
    };
    let refused = verdict.rejected.count;
    let refused = (refused > 0).then(|| format!("{} refused", counted(refused, "request")));
    let all = [Some(held), verdict.recovered(), covered, refused];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The number of documented statuses that were met, and which.
#[cfg(feature = "cli")]
fn covered(coverage: &Coverage) -> String {
    let statuses = coverage.operations.iter().flat_map(|operation| &operation.statuses);
    let met: BTreeSet<_> = statuses.filter(|one| one.met).map(|one| one.status).collect();
    let met = met.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let which = if met.is_empty() { met } else { format!(" ({met})") };
    format!("{} of {} documented statuses met{which}", coverage.met, coverage.documented)
}

impl ExpectationVerdict {
    /// The first misses, and the number of further ones.
    pub(super) fn missed(&self) -> Vec<String> {
        let mut shown: Vec<_> = self.misses.iter().take(MISSES_SHOWN).cloned().collect();
        let more = self.misses.len() - shown.len() + self.more_misses;
        if more > 0 {
            shown.push(format!("{more} more did not hold"));
        }
        shown
    }
}
