//! Epochs: the ledgers and counters from one reset to the next. A call that is counted in an old epoch counts no more.

use super::book::Ledger;
use super::counter::Counter;
use super::seats::Seats;
use crate::fixture::{Directory, Project};
use crate::ids::{ProjectIndex, UserKey};
use std::sync::Arc;

/// The counts since the last reset.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    number: u64,
    /// As they are loaded.
    projects: Vec<Tenancy>,
    /// The ledger of calls outside all projects, and of projects and clones that are gone.
    pub(crate) outside: Arc<Ledger>,
}

/// The counts of a loaded project.
#[derive(Clone, Debug)]
pub(crate) struct Tenancy {
    pub(crate) ledger: Arc<Ledger>,
    /// The counters of its loaded users.
    pub(in crate::state) seats: Seats,
}

impl Epoch {
    pub(in crate::state) fn first(directory: &Directory) -> Self {
        let projects = directory.projects().iter().map(|project| Tenancy::new(1, project)).collect();
        Self { number: 1, projects, outside: Arc::new(Ledger::new(1, 1)) }
    }

    /// The epoch after a reset of one project or of all: their counters are at zero.
    pub(in crate::state) fn next(&self, project: Option<ProjectIndex>) -> Self {
        let mut next = self.next_without();
        for (_, tenancy) in
            ProjectIndex::all().zip(&mut next.projects).filter(|(index, _)| project.is_none_or(|only| only == *index))
        {
            let life = tenancy.ledger.life + 1;
            *tenancy = Tenancy { ledger: Arc::new(Ledger::new(life, life)), seats: tenancy.seats.anew() };
        }
        if project.is_none() {
            let life = self.outside.life + 1;
            next.outside = Arc::new(Ledger::new(life, life));
        }
        next
    }

    /// The epoch after a reset of a clone, which has its own ledger.
    pub(in crate::state) fn next_without(&self) -> Self {
        Self { number: self.number + 1, ..self.clone() }
    }

    /// The same epoch after a reload: users that stay keep their counters. `life` gives the first life of a new project.
    pub(in crate::state) fn after_reload(&self, from: &Directory, to: &Directory, life: impl Fn(&str) -> u64) -> Self {
        let tenancy = |project: &Project| {
            let before = from.project(project.id()).and_then(|(index, old)| Some((self.of(index)?, old)));
            let Some((tenancy, old)) = before else { return Tenancy::new(life(project.id()), project) };
            Tenancy { ledger: Arc::clone(&tenancy.ledger), seats: tenancy.seats.after_reload(old, project) }
        };
        Self { projects: to.projects().iter().map(tenancy).collect(), ..self.clone() }
    }

    /// Cancels everything that waits in this epoch. Call it before the next epoch is in place, so that no request of the next
    /// one is cut.
    pub(in crate::state) fn end(&self, project: Option<ProjectIndex>) {
        if project.is_none() {
            self.outside.ended.cancel();
        }
        for (_, tenancy) in self.all().filter(|(index, _)| project.is_none_or(|only| only == *index)) {
            tenancy.ledger.ended.cancel();
        }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The counts of a loaded project.
    #[inline]
    pub(crate) fn of(&self, project: ProjectIndex) -> Option<&Tenancy> {
        self.projects.get(project.at()?)
    }

    /// The counter of a user with a seat.
    #[inline]
    pub(in crate::state) fn counter(&self, user: UserKey) -> Option<&Counter> {
        self.of(user.project)?.seats.counter(user.user.loaded()?)
    }

    /// Whether a user has a seat.
    pub(crate) fn has(&self, user: UserKey) -> bool {
        self.counter(user).is_some()
    }

    /// Counts an answer that reached a user whole, by the indices of operation and status. False if the user has no seat.
    #[inline]
    pub(crate) fn meet(&self, operation: usize, row: usize, user: UserKey) -> bool {
        let Some(tenancy) = self.of(user.project) else { return false };
        let Some(counter) = user.user.loaded().and_then(|user| tenancy.seats.counter(user)) else { return false };
        counter.meet(row);
        tenancy.ledger.clients.met.count(operation, row);
        true
    }

    pub(in crate::state) fn all(&self) -> impl Iterator<Item = (ProjectIndex, &Tenancy)> {
        ProjectIndex::all().zip(&self.projects)
    }
}

impl Tenancy {
    fn new(life: u64, project: &Project) -> Self {
        Self { ledger: Arc::new(Ledger::new(life, life)), seats: Seats::new(project.users_count()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;

    fn key(directory: &Directory, project: &str, user: &str) -> UserKey {
        directory.user(project, user).unwrap().0
    }

    fn calls(epoch: &Epoch, user: UserKey) -> u64 {
        epoch.counter(user).unwrap().calls()
    }

    #[test]
    fn reset_of_a_project_leaves_others_alone() {
        let loaded =
            loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "a"}]}, {"id": "q", "users": [{"id": "b"}]}]}"#);
        let epoch = Epoch::first(&loaded.directory);
        let [a, b] = [key(&loaded.directory, "p", "a"), key(&loaded.directory, "q", "b")];
        for user in [a, b] {
            epoch.counter(user).unwrap().count();
            assert!(epoch.meet(0, 0, user));
        }
        let next = epoch.next(Some(a.project));
        assert_eq!((next.number(), calls(&next, a), calls(&next, b)), (2, 0, 1));
        let met = |epoch: &Epoch| [a, b].map(|user| epoch.of(user.project).unwrap().ledger.clients.met.times(0, 0));
        let lives = |epoch: &Epoch| [a, b].map(|user| epoch.of(user.project).unwrap().ledger.life);
        assert_eq!((met(&epoch), met(&next), lives(&next)), ([1, 1], [0, 1], [2, 1]));
        assert!(next.counter(b).unwrap().has_met(0) && !next.counter(a).unwrap().has_met(0));
        let all = next.next(None);
        assert_eq!((met(&all), lives(&all), calls(&all, b)), ([0, 0], [3, 2], 0));
        epoch.end(Some(a.project));
        assert!(epoch.of(a.project).unwrap().ledger.ended.is_cancelled() && !next.outside.ended.is_cancelled());
    }

    #[test]
    fn counters_stay_in_place_through_a_reload() {
        let old = loaded_of(
            r#"{"projects": [{"id": "p", "users": [{"id": "a"}, {"id": "z"}]},
            {"id": "q", "users": [{"id": "b"}]}, {"id": "gone", "users": [{"id": "c"}]}]}"#,
        );
        let new = loaded_of(
            r#"{"projects": [{"id": "q", "users": [{"id": "b"}]},
            {"id": "p", "users": [{"id": "new"}, {"id": "a"}]}, {"id": "other", "users": [{"id": "a"}]}]}"#,
        );
        let (old, new) = (&old.directory, &new.directory);
        let before = Epoch::first(old).next(Some(key(old, "p", "a").project));
        let [a, z, b] = [key(old, "p", "a"), key(old, "p", "z"), key(old, "q", "b")];
        for user in [a, a, z, b] {
            before.counter(user).unwrap().count();
        }
        let after = before.after_reload(old, new, |_| 5);
        // A call that took the epoch before the reload counts on.
        assert_eq!(before.counter(a).unwrap().count(), 3);
        before.counter(a).unwrap().succeed(3);
        let [a, added, q, other] =
            [key(new, "p", "a"), key(new, "p", "new"), key(new, "q", "b"), key(new, "other", "a")];
        assert_eq!([a, added, q, other].map(|user| calls(&after, user)), [3, 0, 1, 0]);
        assert_eq!(after.counter(a).unwrap().highest(), Some(3));
        let life = |user: UserKey| after.of(user.project).unwrap().ledger.life;
        assert_eq!((after.number(), life(a), life(other)), (2, 2, 5));
        before.end(None);
        assert!(after.of(a.project).unwrap().ledger.ended.is_cancelled());
    }
}
