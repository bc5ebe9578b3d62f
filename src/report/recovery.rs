//! How many users of those who met a failure came through.

use super::evidence::Evidence;
use crate::contract::Operation;
use crate::ids::UserKey;
use crate::scenario::Seen;
use serde::Serialize;

/// Users whose resets met failures, and how many of them recovered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recovery {
    /// Users of whose resets one or more met a status from 400, or had its answer lost, as far as the journal has them.
    pub users: u64,
    /// How many of them met success by their last call.
    pub recovered: u64,
}

impl Evidence {
    pub(super) fn recovery(&self) -> Recovery {
        let mut recovery = Recovery::default();
        for (party, calls) in &self.seen {
            let Some(user) = party.user() else { continue };
            let resets = || calls.iter().filter(|call| call.operation == Operation::ResetRandomPassword.id);
            if !resets().any(has_failed) {
                continue;
            }
            recovery.users += 1;
            let is_last = |last: &&Seen| last.call == self.calls_counted(user);
            recovery.recovered += u64::from(resets().next_back().filter(is_last).is_some_and(|last| !has_failed(last)));
        }
        recovery
    }

    /// The number of a user's last call.
    fn calls_counted(&self, user: UserKey) -> u64 {
        let found = self.callers.binary_search_by_key(&user, |(caller, _)| *caller).ok();
        let calls = found.and_then(|at| self.callers.get(at)).map_or(0, |(_, calls)| *calls);
        self.since.calls(Operation::ResetRandomPassword, user) + calls
    }
}

fn has_failed(call: &Seen) -> bool {
    call.status.is_none_or(|status| status >= 400)
}
