//! The counts when another scenario was put in force: its expectations are judged by later calls.

use crate::contract::Operation;
use crate::ids::{ProjectIndex, UserKey};
use crate::state::ledger::by_name::Name;
use crate::state::ledger::cloned::Begin;
use std::collections::HashMap;

/// The counts at that time. They are empty after a reset: all calls are judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Since {
    /// Number of times that a scenario was set or removed.
    pub(crate) times: u64,
    pub(super) begin: Begin,
    /// The outbox's last message of projects with a time of their own.
    pub(super) messages: HashMap<ProjectIndex, u64>,
    /// By user and operation.
    pub(super) users: HashMap<(UserKey, usize), u64>,
    /// Calls of accounts by operation, name, and project if the operation is of one.
    pub(super) accounts: HashMap<(usize, Name, Option<ProjectIndex>), u64>,
}

impl Since {
    /// The earlier calls of a user.
    pub(crate) fn calls(&self, operation: Operation, user: UserKey) -> u64 {
        let calls = || self.users.get(&(user, operation.index())).copied();
        if self.users.is_empty() { 0 } else { calls().unwrap_or(0) }
    }

    /// The earlier calls of an account.
    pub(crate) fn account_calls(&self, operation: Operation, name: Option<&str>, project: Option<ProjectIndex>) -> u64 {
        let calls = || self.accounts.get(&(operation.index(), name.map(Into::into), project)).copied();
        if self.accounts.is_empty() { 0 } else { calls().unwrap_or(0) }
    }

    /// Whether a request is earlier.
    pub(crate) fn has_request(&self, index: u64) -> bool {
        index <= self.begin.request
    }

    /// Whether a message to a user of a project is earlier.
    pub(crate) fn has_message(&self, project: ProjectIndex, index: u64) -> bool {
        index <= self.messages.get(&project).copied().unwrap_or(0).max(self.begin.message)
    }

    /// The counts after a reset of everything, or of one project.
    pub(in crate::state) fn after_reset(&self, project: Option<ProjectIndex>) -> Self {
        let Some(project) = project else { return Self { times: self.times, ..Self::default() } };
        let mut since = self.clone();
        since.users.retain(|(user, _), _| user.project != project);
        since.accounts.retain(|(_, _, of), _| *of != Some(project));
        since
    }
}
