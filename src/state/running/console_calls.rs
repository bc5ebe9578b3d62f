//! The console's calls over loaded projects and clones.

use super::setup::Running;
use crate::contract::{Operation, Subject};
use crate::ids::{ProjectIndex, UserKey};
use crate::state::ledger::by_name::Name;
use crate::state::ledger::console::{Counted, OfConsole};
use std::collections::HashMap;

/// The console's calls in all projects.
#[derive(Debug, Default)]
pub(crate) struct CallsByConsole {
    /// By user and index of the operation.
    users: HashMap<(UserKey, usize), Counted>,
    /// By index of the operation, account, and project if the operation is of one.
    accounts: HashMap<(usize, Name, Option<ProjectIndex>), Counted>,
}

impl CallsByConsole {
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.accounts.is_empty()
    }

    pub(crate) fn of_user(&self, user: UserKey, operation: usize) -> Counted {
        self.users.get(&(user, operation)).copied().unwrap_or_default()
    }

    pub(crate) fn of_account(&self, operation: usize, name: Option<&str>, project: Option<ProjectIndex>) -> Counted {
        self.accounts.get(&(operation, name.map(Into::into), project)).copied().unwrap_or_default()
    }
}

impl Running {
    /// The counted calls of the console.
    pub(crate) fn calls_by_console(&self, project: Option<ProjectIndex>) -> CallsByConsole {
        let mut all = CallsByConsole::default();
        for place in self.places(project) {
            for ((operation, name), counted) in place.ledger.console().map_or_else(Vec::new, OfConsole::counted) {
                let subject = Operation::ALL.get(operation).map(|operation| operation.subject);
                if matches!(subject, Some(Subject::User | Subject::Person)) {
                    let user = name.and_then(|name| place.user_place(&name));
                    let key = user.map(|user| UserKey { project: place.own_index(), user });
                    all.users.extend(key.map(|key| ((key, operation), counted)));
                } else {
                    all.accounts.insert((operation, name, Some(place.own_index())), counted);
                }
            }
        }
        let outside = self.epoch.outside.console().map_or_else(Vec::new, OfConsole::counted);
        all.accounts.extend(outside.into_iter().map(|((operation, name), counted)| ((operation, name, None), counted)));
        all
    }
}
