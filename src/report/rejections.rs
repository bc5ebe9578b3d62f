//! Requests that were rejected before they were counted.
//!
//! Expectations do not cover them, but they are the most common reason why one fails.

use crate::scenario::words::counted;
use crate::state::{Refusals, Rejection};
use serde::Serialize;
use std::cmp::Reverse;

/// Requests that were rejected before they were counted, since the last reset.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Rejected {
    /// Number of requests.
    pub count: u64,
    /// Causes, the most frequent first.
    pub by: Vec<RejectedCause>,
    /// Number of requests with further causes, for which there was no space.
    ///
    /// See [`Limits::rejections_max`](crate::Limits::rejections_max).
    pub other: u64,
}

/// Requests that were rejected for one cause.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RejectedCause {
    /// The status of the answers.
    pub status: u16,
    /// The problem, with advice. Ids in which the requests differ are left out.
    pub problem: String,
    /// Number of requests.
    pub times: u64,
    /// The first request.
    pub first: FirstRequest,
    /// Number of requests since the scenario took effect.
    #[serde(skip)]
    pub(super) judged: u64,
}

/// A rejected request.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FirstRequest {
    /// Index in the journal.
    pub index: u64,
    /// Method and target, with secrets redacted.
    pub request: String,
    /// Arrival, in milliseconds of virtual time.
    pub at_ms: u64,
}

impl From<Refusals> for Rejected {
    fn from(refusals: Refusals) -> Self {
        let cause = |one: Rejection| RejectedCause {
            status: one.status,
            problem: one.problem,
            times: one.times,
            judged: one.times - one.before,
            first: FirstRequest { index: one.first.index, request: one.first.request, at_ms: one.first.at_ms },
        };
        Self { count: refusals.count(), other: refusals.other, by: refusals.causes.into_iter().map(cause).collect() }
    }
}

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
        let first =
            self.by.iter().filter(|one| one.judged > 0).max_by_key(|one| (one.judged, Reverse(one.first.index)))?;
        let count = self.by.iter().map(|one| one.judged).sum::<u64>() + self.other;
        let were = if count == 1 { "was" } else { "were" };
        let of_them = if first.judged == count { String::new() } else { format!(", {} of them", first.judged) };
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
