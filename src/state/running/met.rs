//! Callers and coverage over loaded projects and clones.

use super::setup::Running;
use crate::contract::{Operation, Subject};
use crate::ids::{ProjectIndex, UserKey, UserPlace};
use crate::state::{Ledger, Whose};
use std::collections::HashMap;
use std::sync::Arc;

/// A documented answer that reaches a caller, by the indices of operation and status.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) operation: usize,
    pub(crate) row: usize,
    /// The ledger of the project, or of calls outside all projects.
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) who: Meets,
    /// Whether the console meets it.
    pub(crate) by_console: bool,
}

/// The user or account that a call is counted for.
#[derive(Clone, Debug)]
pub(crate) enum Meets {
    /// None: the call was refused before it was counted.
    Nobody,
    /// A user with a seat, by a reset.
    User(UserKey),
    /// Any other user, by a reset.
    UserById(Box<str>),
    /// The user or account of another operation's call, if known.
    Named(Option<Box<str>>),
}

impl Running {
    /// Counts an answer that left whole.
    pub(crate) fn meet(&self, meeting: &Meeting) {
        let Meeting { operation, row, ledger, who, by_console } = meeting;
        let (operation, row) = (*operation, *row);
        if *by_console {
            let console = ledger.of_console();
            return match who {
                Meets::Nobody | Meets::Named(None) => console.meet(operation, row, None),
                Meets::User(user) => console.meet(operation, row, Some(&self.ids_of(*user).1)),
                Meets::UserById(name) | Meets::Named(Some(name)) => console.meet(operation, row, Some(name)),
            };
        }
        ledger.met.count(operation, row);
        match who {
            Meets::Nobody => {}
            Meets::User(user) => {
                if let Some(counter) = self.epoch.counter(*user) {
                    counter.meet(row);
                }
            }
            Meets::UserById(id) => ledger.users.of(id).meet(row),
            Meets::Named(name) => ledger.calls.meet(operation, row, name.as_deref()),
        }
    }

    /// The ledger of a project, or all ledgers. Deleted clones are part of the last one, of calls outside all projects.
    pub(in crate::state) fn ledgers(&self, only: Option<ProjectIndex>) -> Box<dyn Iterator<Item = &Arc<Ledger>> + '_> {
        if let Some(index) = only {
            return Box::new(self.place_at(index).map(|place| place.ledger).into_iter());
        }
        let loaded = self.epoch.all().map(|(_, tenancy)| &tenancy.ledger);
        Box::new(loaded.chain(self.clones.iter().map(|clone| &clone.ledger)).chain([&self.epoch.outside]))
    }

    /// Number of times that a documented status was met, in a project or in all.
    pub(crate) fn times_met(&self, operation: usize, row: usize, project: Option<ProjectIndex>, whose: Whose) -> u64 {
        let times = |ledger: &Arc<Ledger>| {
            let console = ledger.console_if(whose).map_or(0, |console| console.times(operation, row));
            ledger.met.times(operation, row) + console
        };
        self.ledgers(project).map(times).sum()
    }

    /// The users and accounts that met a documented status as clients, each with the id of its project; "" for accounts.
    pub(crate) fn users_who_met(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> Box<dyn Iterator<Item = (&str, String)> + '_> {
        let is_of_users = Operation::ALL.get(operation).is_some_and(|operation| operation.subject == Subject::User);
        let by_resets = self.places(project).filter(move |_| is_of_users).flat_map(move |place| {
            let met = place.counters(|counter| counter.has_met(row).then_some(()));
            met.into_iter().filter_map(move |(user, ())| Some((place.id(), place.user_id(user)?)))
        });
        let by_others = self.places(project).flat_map(move |place| {
            place.ledger.calls.who_met(operation, row).into_iter().map(move |who| (place.id(), who))
        });
        let outside = project.is_none().then(|| self.epoch.outside.calls.who_met(operation, row));
        Box::new(by_resets.chain(by_others).chain(outside.into_iter().flatten().map(|account| ("", account))))
    }

    /// The callers of an operation on users, with their numbers of calls, by ascending key.
    pub(in crate::state) fn all_callers(
        &self,
        operation: Operation,
        project: Option<ProjectIndex>,
    ) -> Vec<(UserKey, u64)> {
        let is_reset = operation.subject == Subject::User;
        let callers = self.places(project).flat_map(|place| {
            let called = if is_reset {
                place.counters(|counter| Some(counter.calls()).filter(|calls| *calls > 0))
            } else {
                let called = place.ledger.calls.callers(operation).into_iter();
                called.filter_map(|(user, calls)| Some((place.user_place(&user?)?, calls))).collect()
            };
            called.into_iter().map(move |(user, calls)| (UserKey { project: place.own_index(), user }, calls))
        });
        let mut callers: Vec<_> = callers.collect();
        callers.sort_unstable_by_key(|(key, _)| *key);
        callers
    }

    /// The ids of created users, of a project or of all.
    pub(crate) fn created_users(&self, project: Option<ProjectIndex>) -> HashMap<UserKey, String> {
        let created = self.places(project).flat_map(|place| {
            let created = place.ledger.people.created().into_iter();
            let key = move |user| UserKey { project: place.own_index(), user: UserPlace::Created(user) };
            created.map(move |(user, id)| (key(user), id))
        });
        created.collect()
    }
}
