//! Call numbers. A reset starts a new epoch, with counters at zero; what counted in the old one counts no more.

use super::coverage::{Meeting, Met};
use crate::fixture::{Directory, UserKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// What was counted since the last reset.
#[derive(Debug)]
pub(crate) struct Epoch {
    number: u64,
    projects: Vec<Arc<Counters>>,
    /// What was met by requests that name no loaded project.
    apart: Arc<Met>,
    /// Cancelled by a reset of everything.
    ended: CancellationToken,
}

/// The counters of one project, by index of the user.
#[derive(Debug)]
struct Counters {
    /// How often the project was reset, from 1: part of its request ids.
    life: u64,
    /// Cancelled by a reset of the project, or of everything.
    ended: CancellationToken,
    calls: Box<[AtomicU64]>,
    /// The highest successful call number: the current password is that call's.
    highest: Box<[AtomicU64]>,
    met: Met,
}

impl Epoch {
    pub(super) fn first(directory: &Directory) -> Self {
        let counters = directory.projects().iter().map(|project| Counters::new(1, project.users_count()));
        Self {
            number: 1,
            projects: counters.map(Arc::new).collect(),
            apart: Arc::new(Met::new(0)),
            ended: CancellationToken::new(),
        }
    }

    /// The epoch after a reset of one project or of all: their counters are at zero.
    pub(super) fn next(&self, project: Option<u32>) -> Self {
        let renewed = (0..).zip(&self.projects).map(|(index, counters)| match project {
            Some(only) if only != index => Arc::clone(counters),
            _ => Arc::new(Counters::new(counters.life + 1, counters.calls.len())),
        });
        let (apart, ended) = match project {
            Some(_) => (Arc::clone(&self.apart), self.ended.clone()),
            None => (Arc::new(self.apart.anew()), CancellationToken::new()),
        };
        Self { number: self.number + 1, projects: renewed.collect(), apart, ended }
    }

    /// Tells those who wait in this epoch. To be called before the next is in place: who then finds the next also
    /// finds that the end was told.
    pub(super) fn end(&self, project: Option<u32>) {
        if let Some(index) = project {
            self.ending(Some(index)).cancel();
        } else {
            self.ended.cancel();
            self.projects.iter().for_each(|counters| counters.ended.cancel());
        }
    }

    /// What is cancelled when the project is reset, or for a request of none when everything is.
    pub(crate) fn ending(&self, project: Option<u32>) -> &CancellationToken {
        let counters = project.and_then(|index| self.projects.get(index as usize));
        counters.map_or(&self.ended, |counters| &counters.ended)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How often the project was reset, from 1.
    pub(crate) fn life(&self, project: u32) -> u64 {
        self.projects.get(project as usize).map_or(1, |counters| counters.life)
    }

    /// Counts a call, and gives its number.
    pub(crate) fn count(&self, user: UserKey) -> u64 {
        let counter = self.counters(user).map(|(calls, _)| calls.fetch_add(1, Ordering::Relaxed));
        counter.map_or(1, |before| before + 1)
    }

    /// The side effect of a call: its password is the current one, unless a later call's is.
    pub(crate) fn succeed(&self, user: UserKey, call: u64) {
        if let Some((_, highest)) = self.counters(user) {
            highest.fetch_max(call, Ordering::Relaxed);
        }
    }

    /// How many calls were counted.
    pub(crate) fn calls(&self, user: UserKey) -> u64 {
        self.counters(user).map_or(0, |(calls, _)| calls.load(Ordering::Relaxed))
    }

    /// The highest successful call number, if there is one.
    pub(crate) fn highest(&self, user: UserKey) -> Option<u64> {
        let highest = self.counters(user)?.1.load(Ordering::Relaxed);
        (highest > 0).then_some(highest)
    }

    /// Counts an answer that left whole.
    pub(crate) fn meet(&self, meeting: &Meeting) {
        let Meeting { operation, row, project, user } = *meeting;
        let counters = project.and_then(|index| self.projects.get(index as usize));
        counters.map_or(&*self.apart, |counters| &counters.met).count(operation, row, user);
    }

    /// How often the documented status at a place was met, in a project or in all.
    pub(crate) fn times_met(&self, operation: usize, row: usize, project: Option<u32>) -> u64 {
        let apart = if project.is_none() { self.apart.times(operation, row) } else { 0 };
        self.of(project).map(|(_, counters)| counters.met.times(operation, row)).sum::<u64>() + apart
    }

    /// The users who met it.
    pub(crate) fn users_who_met(
        &self,
        operation: usize,
        row: usize,
        project: Option<u32>,
    ) -> impl Iterator<Item = UserKey> + '_ {
        self.of(project).flat_map(move |(project, counters)| {
            counters.met.users(operation, row).map(move |user| UserKey { project, user })
        })
    }

    /// Everyone who called, and how often.
    pub(crate) fn callers(&self, project: Option<u32>) -> impl Iterator<Item = (UserKey, u64)> + '_ {
        self.of(project).flat_map(|(project, counters)| {
            let called = (0_u32..)
                .zip(&counters.calls)
                .map(move |(user, calls)| (UserKey { project, user }, calls.load(Ordering::Relaxed)));
            called.filter(|(_, calls)| *calls > 0)
        })
    }

    /// The counters of a project, or of all.
    fn of(&self, only: Option<u32>) -> impl Iterator<Item = (u32, &Counters)> + '_ {
        let indexed = (0_u32..).zip(&self.projects).map(|(index, counters)| (index, &**counters));
        indexed.filter(move |(index, _)| only.is_none_or(|only| only == *index))
    }

    fn counters(&self, user: UserKey) -> Option<(&AtomicU64, &AtomicU64)> {
        let counters = self.projects.get(user.project as usize)?;
        let index = user.user as usize;
        Some((counters.calls.get(index)?, counters.highest.get(index)?))
    }
}

impl Counters {
    fn new(life: u64, users: usize) -> Self {
        let zeros = || (0..users).map(|_| AtomicU64::new(0)).collect();
        Self { life, ended: CancellationToken::new(), calls: zeros(), highest: zeros(), met: Met::new(users) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::loaded_of;

    const ALICE: UserKey = UserKey { project: 0, user: 0 };
    const BOB: UserKey = UserKey { project: 1, user: 0 };

    fn epoch() -> Epoch {
        let loaded =
            loaded_of(r#"{"projects": [{"id": "p", "users": [{"id": "a"}]}, {"id": "q", "users": [{"id": "b"}]}]}"#);
        Epoch::first(&loaded.directory)
    }

    #[test]
    fn calls_are_counted_from_one_for_each_user() {
        let epoch = epoch();
        assert_eq!([epoch.count(ALICE), epoch.count(ALICE), epoch.count(BOB)], [1, 2, 1]);
        assert_eq!(epoch.calls(ALICE), 2);
    }

    #[test]
    fn the_current_password_is_that_of_the_highest_successful_call() {
        let epoch = epoch();
        assert_eq!(epoch.highest(ALICE), None);
        epoch.succeed(ALICE, 3);
        epoch.succeed(ALICE, 2);
        assert_eq!(epoch.highest(ALICE), Some(3));
    }

    #[test]
    fn a_reset_of_a_project_leaves_others_alone() {
        let epoch = epoch();
        epoch.count(ALICE);
        epoch.count(BOB);
        for project in [Some(0), Some(1), None] {
            epoch.meet(&Meeting { operation: 0, row: 0, project, user: project.map(|_| 0) });
        }
        let next = epoch.next(Some(0));
        assert_eq!((next.number(), next.calls(ALICE), next.calls(BOB)), (2, 0, 1));
        assert_eq!((next.life(0), next.life(1)), (2, 1));
        let met = |epoch: &Epoch| {
            (epoch.times_met(0, 0, Some(0)), epoch.times_met(0, 0, Some(1)), epoch.times_met(0, 0, None))
        };
        assert_eq!([met(&epoch), met(&next)], [(1, 1, 3), (0, 1, 2)]);
        assert_eq!(next.users_who_met(0, 0, None).collect::<Vec<_>>(), [BOB]);
        assert_eq!(next.callers(None).collect::<Vec<_>>(), [(BOB, 1)]);
        let all = next.next(None);
        assert_eq!(met(&all), (0, 0, 0));
        assert_eq!((all.calls(BOB), all.life(0), all.life(1)), (0, 3, 2));
    }
}
