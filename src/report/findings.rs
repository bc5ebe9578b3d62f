//! The findings of a verdict in words, for every report.

use super::{ExpectationVerdict, Recovery, Verdict};
use crate::scenario::words::counted;

/// Maximum number of listed rules and expectations that prove nothing.
const EMPTY_SHOWN: usize = 50;

/// A rule or an expectation that proves nothing about the program.
pub(super) struct EmptyProof<'s> {
    pub(super) name: &'s str,
    pub(super) place: &'s str,
    pub(super) sentence: String,
}

impl Verdict {
    pub(super) fn failed(&self) -> impl Iterator<Item = &ExpectationVerdict> {
        self.expectations.iter().filter(|one| !one.passed)
    }

    /// Rules that never struck, and expectations that judged nothing.
    pub(super) fn proves_nothing(&self) -> impl Iterator<Item = EmptyProof<'_>> {
        let rules = self.never_struck.iter().map(|one| {
            let why = one.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            let is_window = one.rule.starts_with("down [");
            let what = if is_window { one.rule.clone() } else { format!("rule {:?}", one.rule) };
            EmptyProof {
                name: &one.rule,
                place: &one.place,
                sentence: format!("{what} ({}) never struck{why}", one.place),
            }
        });
        let expectations = self.expectations.iter().filter_map(|one| {
            let why = one.judged_nothing.as_ref()?;
            let sentence = format!("expectation {:?} ({}) proves nothing: {why}", one.name, one.place);
            Some(EmptyProof { name: &one.name, place: &one.place, sentence })
        });
        rules.chain(expectations)
    }

    /// The sentences of [`Self::proves_nothing`], at most [`EMPTY_SHOWN`].
    pub(super) fn proves_nothing_shown(&self) -> Vec<String> {
        let mut shown: Vec<_> = self.proves_nothing().map(|one| one.sentence).collect();
        let more = shown.len().saturating_sub(EMPTY_SHOWN) + self.more_never_struck;
        shown.truncate(EMPTY_SHOWN);
        if more > 0 {
            shown.push(format!("{more} more rules or expectations prove nothing"));
        }
        shown
    }

    /// Calls that look like retries by an HTTP client, a sentence each.
    pub(super) fn repeats(&self) -> Vec<String> {
        let more = self.more_silent_repeats;
        let more = (more > 0).then(|| format!("{} also came right after a lost answer", counted(more, "more call")));
        self.silent_repeats.iter().map(|one| one.note.clone()).chain(more).collect()
    }

    /// `37 of 40 users recovered`, if an expectation failed and a user met a failure.
    ///
    /// If all expectations hold, not recovering may be correct.
    pub(super) fn recovered(&self) -> Option<String> {
        let Recovery { users, recovered } = self.recovery;
        (users > 0 && self.failed().next().is_some())
            .then(|| format!("{recovered} of {} recovered", counted(users, "user")))
    }
}
