//! Finds silent repeats: many HTTP clients retry a request when the connection ends before an answer, and the program
//! does not notice.

use super::evidence::Evidence;
use crate::contract::Operation;
use crate::scenario::whole_ms;
use crate::scenario::{Fault, Seen};
use serde::Serialize;

/// Longest gap after a lost answer that counts as a silent repeat.
const SOON_MS: u64 = 5;
/// Maximum number of repeats that are listed.
const NAMED_MAX: usize = 10;
/// Page of the documentation that explains silent repeats.
const SEE: &str = "\"Silent repeats\" in docs/sdks.md";

/// A call that came right after a lost answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SilentRepeat {
    /// The project.
    pub project: String,
    /// The user.
    pub user: String,
    /// Number of the repeated call.
    pub call: u64,
    /// Number of the call whose answer was lost.
    pub lost: u64,
    /// Milliseconds between them.
    pub gap_ms: u64,
    /// The finding as a sentence.
    pub note: String,
}

impl Evidence {
    /// The first silent repeats, and the number of further ones.
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

/// Pairs of successive resets of a user where the second came right after the answer to the first was cut off.
fn repeats(calls: &[Seen]) -> impl Iterator<Item = (&Seen, &Seen, u64)> {
    let is_reset = |call: &&Seen| call.operation == Operation::ResetRandomPassword.id;
    let is_cut_off = |call: &Seen| {
        call.fault.is_some_and(|fault| {
            [Fault::Reset, Fault::ResetConnection, Fault::EmptyResponse].iter().any(|one| one.name() == fault)
        })
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
    fn call_right_after_a_cut_connection_is_a_repeat() {
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
        // Too late, after a whole answer, after a hang, or not the next call.
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
