//! Callers and coverage over loaded projects and clones.

use super::setup::Running;
use crate::contract::{Operation, Subject};
use crate::ids::{ProjectIndex, UserKey, UserPlace};
use crate::state::ledger::seats::Seats;
use crate::state::{Ledger, Notes, Whose};
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
    /// Any other user or account, if known.
    Named(Option<Box<str>>),
}

impl Running {
    /// Counts an answer that left whole.
    pub(crate) fn meet(&self, meeting: &Meeting) {
        let Meeting { operation, row, ledger, who, by_console } = meeting;
        let (operation, row) = (*operation, *row);
        if *by_console {
            let id = if let Meets::User(user) = who { Some(self.ids_of(*user).1) } else { None };
            let who = match who {
                Meets::Nobody | Meets::Named(None) | Meets::User(_) => id.as_deref(),
                Meets::Named(Some(name)) => Some(&**name),
            };
            let notes = ledger.notes_by(true);
            notes.met.count(operation, row);
            notes.calls.meet(operation, row, who);
            return;
        }
        ledger.clients.met.count(operation, row);
        match who {
            Meets::Nobody => {}
            Meets::User(user) => {
                if let Some(counter) = self.epoch.counter(*user) {
                    counter.meet(row);
                }
            }
            Meets::Named(name) => ledger.clients.calls.meet(operation, row, name.as_deref()),
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
        let notes = self.ledgers(project).flat_map(|ledger| ledger.notes_of(whose));
        notes.map(|notes| notes.met.times(operation, row)).sum()
    }

    /// The users and accounts that met a documented status as clients, each with the id of its project; "" for accounts.
    pub(crate) fn users_who_met(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> Box<dyn Iterator<Item = (&str, String)> + '_> {
        let is_of_users = Operation::ALL.get(operation).is_some_and(|operation| operation.subject == Subject::User);
        let by_place = self.places(project).filter(move |_| is_of_users).flat_map(move |place| {
            let met = place.seats.into_iter().flat_map(Seats::all).filter(move |(_, counter)| counter.has_met(row));
            met.filter_map(move |(user, _)| Some((place.id(), place.user_id(UserPlace::Loaded(user))?)))
        });
        Box::new(by_place.chain(self.named_who_met(operation, row, project, |ledger| Some(&ledger.clients))))
    }

    /// The users and accounts that met a documented status by the console.
    pub(crate) fn who_met_by_console(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> Vec<(&str, String)> {
        self.named_who_met(operation, row, project, |ledger| Some(&ledger.console()?.notes)).collect()
    }

    fn named_who_met<'r>(
        &'r self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
        notes: impl Fn(&'r Ledger) -> Option<&'r Notes>,
    ) -> impl Iterator<Item = (&'r str, String)> {
        let places = self.places(project).map(|place| (place.id(), &**place.ledger));
        let all = places.chain(project.is_none().then_some(("", &*self.epoch.outside)));
        let found = all.filter_map(move |(id, ledger)| Some((id, notes(ledger)?)));
        found.flat_map(move |(id, notes)| notes.calls.who_met(operation, row).into_iter().map(move |who| (id, who)))
    }

    /// The callers of an operation on users, with their numbers of calls, by ascending key.
    pub(in crate::state) fn all_callers(
        &self,
        operation: Operation,
        project: Option<ProjectIndex>,
    ) -> Vec<(UserKey, u64)> {
        let is_reset = operation.subject == Subject::User;
        let callers = self.places(project).flat_map(|place| {
            let by_place = place.seats.into_iter().filter(|_| is_reset).flat_map(Seats::all);
            let by_place = by_place.map(|(user, counter)| (UserPlace::Loaded(user), counter.calls()));
            let by_name = place.ledger.clients.calls.callers(operation).into_iter();
            let by_name = by_name.filter_map(move |(user, calls)| Some((place.user_place(&user?)?, calls)));
            let called = by_place.filter(|(_, calls)| *calls > 0).chain(by_name);
            called.map(move |(user, calls)| (UserKey { project: place.own_index(), user }, calls))
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
