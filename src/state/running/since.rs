//! What had been counted when another scenario was put in place: what it expects is judged by the calls after that.

use crate::contract::{OPERATIONS, Operation, RESET_RANDOM_PASSWORD, Subject};
use crate::ids::{ProjectIndex, UserKey};
use crate::state::Running;
use std::collections::HashMap;

/// The counts at that time. Those of one reset are empty: everything after it is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Since {
    /// How often a scenario was put in place, or taken back.
    pub(crate) times: u64,
    /// The journal's last entry.
    request: u64,
    /// The outbox's last message, and that of projects with a time of their own.
    message: u64,
    messages: HashMap<ProjectIndex, u64>,
    /// By user and operation.
    users: HashMap<(UserKey, usize), u64>,
    /// Calls of accounts by operation, name, and project if the operation is of one.
    accounts: HashMap<(usize, Box<str>, Option<ProjectIndex>), u64>,
}

/// The last entry of the journal and the last message of the outbox.
#[derive(Clone, Copy, Debug)]
pub(in crate::state) struct Marks {
    pub(in crate::state) request: u64,
    pub(in crate::state) message: u64,
}

impl Since {
    /// The calls of a user that came before.
    pub(crate) fn calls(&self, operation: &Operation, user: UserKey) -> u64 {
        let calls = || self.users.get(&(user, operation.index()?)).copied();
        if self.users.is_empty() { 0 } else { calls().unwrap_or(0) }
    }

    /// The calls of an account that came before.
    pub(crate) fn account_calls(&self, operation: &Operation, name: &str, project: Option<ProjectIndex>) -> u64 {
        let calls = || self.accounts.get(&(operation.index()?, name.into(), project)).copied();
        if self.accounts.is_empty() { 0 } else { calls().unwrap_or(0) }
    }

    /// Whether a request came before.
    pub(crate) fn has_request(&self, index: u64) -> bool {
        index <= self.request
    }

    /// Whether a message to a user of a project came before.
    pub(crate) fn has_message(&self, project: ProjectIndex, index: u64) -> bool {
        index <= self.messages.get(&project).copied().unwrap_or(0).max(self.message)
    }

    /// After a reset of everything, or of one project.
    pub(in crate::state) fn after_reset(&self, project: Option<ProjectIndex>) -> Self {
        let Some(project) = project else { return Self { times: self.times, ..Self::default() } };
        let mut since = self.clone();
        since.users.retain(|(user, _), _| user.project != project);
        since.accounts.retain(|(_, _, of), _| *of != Some(project));
        since
    }

    /// The time is now, for everything.
    pub(in crate::state) fn taken(running: &Running, marks: Marks) -> Self {
        let mut since = Self {
            times: running.since.times + 1,
            request: marks.request,
            message: marks.message,
            ..running.since.only_of(running)
        };
        since.count(running, None);
        for (operation, index) in indexed() {
            if operation.subject == Subject::Caller {
                let callers = running.epoch.accounts.callers(operation);
                since.accounts.extend(callers.into_iter().map(|(name, calls)| ((index, name.into(), None), calls)));
            }
            if operation.subject == Subject::Project {
                for (project, _, people) in running.peoples(None) {
                    let callers = people.calls.callers(operation).into_iter();
                    let key = |name: String| (index, name.into(), Some(project));
                    since.accounts.extend(callers.map(|(name, calls)| (key(name), calls)));
                }
            }
        }
        since
    }

    /// The time is now, for the users of one project.
    pub(in crate::state) fn taken_of(running: &Running, marks: Marks, project: ProjectIndex) -> Self {
        let mut since = running.since.only_of(running);
        since.times += 1;
        since.messages.insert(project, marks.message);
        since.count(running, Some(project));
        since
    }

    fn count(&mut self, running: &Running, project: Option<ProjectIndex>) {
        for (operation, index) in indexed() {
            let callers = match operation.subject {
                Subject::User => running.all_callers(project),
                Subject::Person => running.all_callers_of(operation, project),
                Subject::Caller | Subject::Project | Subject::Message => continue,
            };
            self.users.extend(callers.into_iter().map(|(user, calls)| ((user, index), calls)));
        }
    }

    /// Without what is gone for good.
    fn only_of(&self, running: &Running) -> Self {
        let known: std::collections::HashSet<_> = running.peoples(None).map(|(index, ..)| index).collect();
        let mut since = self.clone();
        since.users.retain(|(user, _), _| known.contains(&user.project));
        since.messages.retain(|project, _| known.contains(project));
        since
    }
}

fn indexed() -> impl Iterator<Item = (&'static Operation, usize)> {
    OPERATIONS.iter().filter_map(|operation| Some((*operation, operation.index()?)))
}

impl Running {
    /// Everyone who called after that, and how often, by ascending key.
    pub(crate) fn callers(&self, project: Option<ProjectIndex>) -> Vec<(UserKey, u64)> {
        self.after_that(&RESET_RANDOM_PASSWORD, self.all_callers(project))
    }

    /// Everyone of whom calls of an operation are counted that is no reset, and how often after that, by ascending key.
    pub(crate) fn callers_of(&self, operation: &Operation, project: Option<ProjectIndex>) -> Vec<(UserKey, u64)> {
        self.after_that(operation, self.all_callers_of(operation, project))
    }

    fn after_that(&self, operation: &Operation, mut callers: Vec<(UserKey, u64)>) -> Vec<(UserKey, u64)> {
        callers.retain_mut(|(user, calls)| {
            *calls = calls.saturating_sub(self.since.calls(operation, *user));
            *calls > 0
        });
        callers
    }
}
