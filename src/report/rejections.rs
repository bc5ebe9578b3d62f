//! Requests that were rejected before they were counted.
//!
//! Expectations do not cover them, but they are the most common reason why one fails.

use crate::scenario::words::counted;
use crate::state::{Rejected, RejectedCause};
use std::cmp::Reverse;

impl RejectedCause {
    /// Arrival and request line of the first request.
    pub(super) fn shown_first(&self) -> String {
        let line = if self.first.request.is_empty() { String::new() } else { format!(": {}", self.first.request) };
        format!("at {} ms{line}", self.first.at_ms)
    }
}

impl Rejected {
    /// Number of requests with causes beyond the first `shown`.
    pub(super) fn further(&self, shown: usize) -> u64 {
        self.by.iter().skip(shown).map(|cause| cause.times).sum::<u64>() + self.other
    }

    /// The most frequent cause since the scenario took effect, as a clause that explains missing calls.
    pub(super) fn hint(&self) -> Option<String> {
        let judged = |one: &RejectedCause| one.times - one.before;
        let causes = self.by.iter().filter(|one| judged(one) > 0);
        let first = causes.max_by_key(|one| (judged(one), Reverse(one.first.index)))?;
        let count = self.by.iter().map(judged).sum::<u64>() + self.other;
        let were = if count == 1 { "was" } else { "were" };
        let of_them = if judged(first) == count { String::new() } else { format!(", {} of them", judged(first)) };
        let requests = counted(count, "request");
        Some(format!("{requests} {were} refused{of_them}: {}, {}", first.status, gist(&first.problem)))
    }
}

/// The first sentence of a problem, worded to follow a colon.
fn gist(problem: &str) -> String {
    let sentence = problem.split_once(". ").map_or(problem, |(first, _)| first).trim_end_matches('.');
    let mut characters = sentence.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(' ' | 'a'..='z')) => {
            let rest = part!(sentence, first.len_utf8()..);
            first.to_lowercase().chain(rest.chars()).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gist_is_the_first_sentence() {
        for (problem, expected) in [
            ("The header Content-Type is missing. Send it.", "the header Content-Type is missing"),
            ("X-Auth-Token is given twice.", "X-Auth-Token is given twice"),
            ("Unknown project p.q.", "unknown project p.q"),
            ("", ""),
        ] {
            assert_eq!(gist(problem), expected);
        }
    }
}
