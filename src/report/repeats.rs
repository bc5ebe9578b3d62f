//! Calls that look as if the program had not made them: many HTTP clients repeat a request by themselves when the
//! connection ends before an answer, and tell nobody.

use super::evidence::Evidence;
use crate::contract::Operation;
use crate::scenario::whole_ms;
use crate::scenario::{Fault, Seen};
use serde::Serialize;

/// A call that comes so soon after a lost answer was hardly waited for by a program.
const SOON_MS: u64 = 5;
/// Repeats that are named; the rest is counted.
const NAMED_MAX: usize = 10;
/// Where the documentation says who does it.
const SEE: &str = "\"Silent repeats\" in docs/sdks.md";

/// A call that came at once after an answer was lost.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SilentRepeat {
    /// The project.
    pub project: String,
    /// The user.
    pub user: String,
    /// The call that came at once.
    pub call: u64,
    /// The call whose answer was lost.
    pub lost: u64,
    /// Milliseconds in between.
    pub gap_ms: u64,
    /// The same as a sentence.
    pub note: String,
}

impl Evidence {
    /// Calls that look like repeats by an HTTP client: the first of them, and how many more there are.
    pub(super) fn silent_repeats(&self) -> (Vec<SilentRepeat>, usize) {
        let mut users: Vec<_> = self.seen.iter().collect();
        users.sort_unstable_by_key(|(user, _)| **user);
        let (mut named, mut more) = (Vec::new(), 0);
        for (user, calls) in users {
            for (before, next, gap_ms) in repeats(calls) {
                if named.len() == NAMED_MAX {
                    more += 1;
                    continue;
                }
                let (project, id) = self.ids(*user);
                let note = format!(
                    "{}'s call {} came {gap_ms} ms after the answer to call {} was lost: many HTTP clients retry a GET \
                     automatically, see {SEE}",
                    self.name(*user),
                    next.call,
                    before.call,
                );
                named.push(SilentRepeat { project, user: id, call: next.call, lost: before.call, gap_ms, note });
            }
        }
        (named, more)
    }
}

/// Two resets of a user in a row, of which the answer to the first was cut off, and the second came at once.
fn repeats(calls: &[Seen]) -> impl Iterator<Item = (&Seen, &Seen, u64)> {
    let is_reset = |call: &&Seen| call.operation == Operation::ResetRandomPassword.id;
    let is_cut_off = |call: &Seen| {
        call.fault.is_some_and(|fault| [Fault::Reset, Fault::EmptyResponse].iter().any(|one| one.name() == fault))
    };
    let pairs = calls.iter().filter(is_reset).zip(calls.iter().filter(is_reset).skip(1));
    pairs.filter_map(move |(before, next)| {
        let gap_ms = whole_ms(next.gap_after(before)?);
        let is_repeat = is_cut_off(before) && next.call == before.call + 1 && gap_ms <= SOON_MS;
        is_repeat.then_some((before, next, gap_ms))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_comes_at_once_after_a_connection_was_cut_is_a_repeat() {
        let call = |call: u64, at_ms: u64, fault| Seen {
            call,
            operation: Operation::ResetRandomPassword.id.to_owned(),
            arrived: Duration::from_millis(at_ms),
            ended: Some(Duration::from_millis(at_ms + 1)),
            fault,
            ..Seen::default()
        };
        let found = |calls: &[Seen]| {
            repeats(calls).map(|(before, next, gap)| (before.call, next.call, gap)).collect::<Vec<_>>()
        };
        let reset = Some("reset");
        assert_eq!(found(&[call(1, 0, reset), call(2, 6, None)]), [(1, 2, 5)]);
        assert_eq!(found(&[call(1, 0, Some("empty_response")), call(2, 1, None)]), [(1, 2, 0)]);
        // Later, after an answer that was whole or ran into the client's own time, or not the next one.
        for calls in [
            [call(1, 0, reset), call(2, 7, None)],
            [call(1, 0, None), call(2, 1, None)],
            [call(1, 0, Some("hang")), call(2, 1, None)],
            [call(1, 0, reset), call(3, 1, None)],
        ] {
            assert_eq!(found(&calls), [], "{calls:?}");
        }
    }
}
