//! Which calls are judged by the scenario in force: those since it was put in place.

use super::setup::Running;
use super::since::Since;
use crate::contract::{Operation, Subject};
use crate::ids::{ProjectIndex, UserKey};
use crate::state::ledger::cloned::Begin;
use std::collections::HashSet;

impl Running {
    /// The current counts, as the start of judged calls.
    pub(super) fn since_now(&self, begin: Begin) -> Since {
        let mut since = self.since_without_gone();
        since.times += 1;
        since.begin = begin;
        self.count_users(&mut since, None);
        for (operation, index) in indexed() {
            let ledgers: Vec<_> = match operation.subject {
                Subject::Caller => vec![(None, &self.epoch.outside)],
                Subject::Project => self.places(None).map(|place| (Some(place.own_index()), place.ledger)).collect(),
                Subject::User | Subject::Person | Subject::Message => continue,
            };
            for (project, ledger) in ledgers {
                let callers = ledger.clients.calls.callers(operation).into_iter();
                let key = |name: Option<String>| (index, name.map(Into::into), project);
                since.accounts.extend(callers.map(|(name, calls)| (key(name), calls)));
            }
        }
        since
    }

    /// The counts of now for the users of one project, and the earlier ones for others.
    pub(super) fn since_now_in(&self, begin: Begin, project: ProjectIndex) -> Since {
        let mut since = self.since_without_gone();
        since.times += 1;
        since.messages.insert(project, begin.message);
        self.count_users(&mut since, Some(project));
        since
    }

    fn count_users(&self, since: &mut Since, project: Option<ProjectIndex>) {
        let of_users = |operation: Operation| matches!(operation.subject, Subject::User | Subject::Person);
        for (operation, index) in indexed().filter(|(operation, _)| of_users(*operation)) {
            let callers = self.all_callers(operation, project).into_iter();
            since.users.extend(callers.map(|(user, calls)| ((user, index), calls)));
        }
    }

    /// The earlier counts, without projects that are gone for good.
    fn since_without_gone(&self) -> Since {
        let known: HashSet<_> = self.places(None).map(|place| place.own_index()).collect();
        let mut since = Since::clone(&self.since);
        since.users.retain(|(user, _), _| known.contains(&user.project));
        since.messages.retain(|project, _| known.contains(project));
        since
    }

    /// The callers of an operation on users, with the number of calls that are judged, by ascending key.
    pub(crate) fn callers_of(&self, operation: Operation, project: Option<ProjectIndex>) -> Vec<(UserKey, u64)> {
        let mut callers = self.all_callers(operation, project);
        callers.retain_mut(|(user, calls)| {
            *calls = calls.saturating_sub(self.since.calls(operation, *user));
            *calls > 0
        });
        callers
    }
}

fn indexed() -> impl Iterator<Item = (Operation, usize)> {
    Operation::all().map(|operation| (operation, operation.index()))
}
