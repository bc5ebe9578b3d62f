//! Counts users that recovered from a failure.

use super::evidence::Evidence;
use super::parties::calls_by;
use crate::contract::Operation;
use crate::ids::{Party, UserKey};
use crate::scenario::Seen;
use serde::Serialize;

/// Users whose resets met failures, and how many of them recovered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Recovery {
    /// Users with a reset that got a status of 400 or above, or whose answer was lost, as far as the journal reaches.
    pub users: u64,
    /// Number of them whose last call succeeded.
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

    /// The number of the user's last call.
    fn calls_counted(&self, user: UserKey) -> u64 {
        let callers = self.callers.get(&Operation::ResetRandomPassword);
        let calls = callers.and_then(|callers| calls_by(callers, Party::User(user)));
        self.since.calls(Operation::ResetRandomPassword, user) + calls.unwrap_or(0)
    }
}

fn has_failed(call: &Seen) -> bool {
    call.status.is_none_or(|status| status >= 400)
}
