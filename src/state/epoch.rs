//! Call numbers. A reset starts a new epoch, with counters at zero; what counted in the old one counts no more.
//!
//! Where users files were read again, counters go on in those of the new users. Whoever still has the old ones finds
//! that they have moved, and counts again: so no number is lost, and none is given twice.

use crate::fixture::{Directory, Project, UserKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// What was counted since the last reset.
#[derive(Debug)]
pub(crate) struct Epoch {
    number: u64,
    projects: Vec<Arc<Counters>>,
    /// Cancelled by a reset of everything.
    ended: CancellationToken,
}

/// The counters of one project.
#[derive(Debug)]
struct Counters {
    /// How often the project was reset, from 1: part of its request ids.
    life: u64,
    /// Cancelled by a reset of the project, or of everything.
    ended: CancellationToken,
    /// By index of the user.
    users: Box<[Tally]>,
}

/// What was counted of one user.
#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    /// The highest successful call number: the current password is that call's.
    highest: AtomicU64,
}

/// Set in both numbers of a user whose counting goes on elsewhere.
const MOVED: u64 = 1 << 63;

/// The counting goes on elsewhere; the number that the call has here, where nobody else sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved(pub(crate) u64);

/// Counters that move from an epoch to one of other users, once they are told to.
pub(super) struct Move(Vec<ProjectMove>);

struct ProjectMove {
    from: Arc<Counters>,
    to: Arc<Counters>,
    /// Old and new index of each user who stays.
    users: Vec<(u32, u32)>,
}

impl Epoch {
    pub(super) fn first(directory: &Directory) -> Self {
        let counters = directory.projects().iter().map(|project| Counters::new(1, project.users_count()));
        Self { number: 1, projects: counters.map(Arc::new).collect(), ended: CancellationToken::new() }
    }

    /// The epoch after a reset of one project or of all: their counters are at zero.
    pub(super) fn next(&self, project: Option<u32>) -> Self {
        let renewed = (0..).zip(&self.projects).map(|(index, counters)| match project {
            Some(only) if only != index => Arc::clone(counters),
            _ => Arc::new(Counters::new(counters.life + 1, counters.users.len())),
        });
        let renewed = renewed.collect();
        let ended = if project.is_some() { self.ended.clone() } else { CancellationToken::new() };
        Self { number: self.number + 1, projects: renewed, ended }
    }

    /// The epoch after a reset of what has no counters here.
    pub(super) fn next_without(&self) -> Self {
        Self { number: self.number + 1, projects: self.projects.clone(), ended: self.ended.clone() }
    }

    /// The same epoch for other users, and what is left to do for it: to move the counters of projects whose users
    /// are not as they were. Those of the others are the same. `life` begins that of a project that was not there.
    pub(super) fn of_others(&self, from: &Directory, to: &Directory, life: impl Fn(&str) -> u64) -> (Self, Move) {
        let mut moves = Vec::new();
        let counters = |project: &Project| {
            let before = from.project(project.id());
            let before = before.and_then(|(index, old)| Some((self.projects.get(index as usize)?, old)));
            let Some((counters, old)) = before else {
                return Arc::new(Counters::new(life(project.id()), project.users_count()));
            };
            if old.has_users_of(project) {
                return Arc::clone(counters);
            }
            let new = Arc::new(Counters::like(counters, project.users_count()));
            let users = old.indices_in(project);
            moves.push(ProjectMove { from: Arc::clone(counters), to: Arc::clone(&new), users });
            new
        };
        let projects = to.projects().iter().map(counters).collect();
        (Self { number: self.number, projects, ended: self.ended.clone() }, Move(moves))
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
    pub(super) fn ending(&self, project: Option<u32>) -> &CancellationToken {
        let counters = project.and_then(|index| self.projects.get(index as usize));
        counters.map_or(&self.ended, |counters| &counters.ended)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How often the project was reset, from 1.
    pub(super) fn life(&self, project: u32) -> u64 {
        self.projects.get(project as usize).map_or(1, |counters| counters.life)
    }

    /// Counts a call, and gives its number.
    pub(super) fn count(&self, user: UserKey) -> Result<u64, Moved> {
        let number = self.tally(user).map_or(1, |tally| tally.calls.fetch_add(1, Ordering::Relaxed) + 1);
        if number & MOVED == 0 { Ok(number) } else { Err(Moved(number & !MOVED)) }
    }

    /// The side effect of a call: its password is the current one, unless a later call's is. False if it is to be
    /// told elsewhere.
    pub(super) fn succeed(&self, user: UserKey, call: u64) -> bool {
        let before = self.tally(user).map_or(0, |tally| tally.highest.fetch_max(call, Ordering::Relaxed));
        before & MOVED == 0
    }

    /// How many calls were counted.
    pub(super) fn calls(&self, user: UserKey) -> u64 {
        self.tally(user).map_or(0, |tally| tally.calls.load(Ordering::Relaxed) & !MOVED)
    }

    /// The highest successful call number, or 0.
    pub(super) fn highest(&self, user: UserKey) -> u64 {
        self.tally(user).map_or(0, |tally| tally.highest.load(Ordering::Relaxed) & !MOVED)
    }

    fn tally(&self, user: UserKey) -> Option<&Tally> {
        self.projects.get(user.project as usize)?.users.get(user.user as usize)
    }
}

impl Counters {
    fn new(life: u64, users: usize) -> Self {
        Self { life, ended: CancellationToken::new(), users: (0..users).map(|_| Tally::default()).collect() }
    }

    /// Of the same life, for so many users.
    fn like(other: &Self, users: usize) -> Self {
        Self { ended: other.ended.clone(), ..Self::new(other.life, users) }
    }
}

impl Move {
    /// Moves what was counted. To be called where nobody can take the new epoch yet.
    pub(super) fn carry_out(&self) {
        for project in &self.0 {
            for (from, to) in &project.users {
                let ends = (project.from.users.get(*from as usize), project.to.users.get(*to as usize));
                if let (Some(from), Some(to)) = ends {
                    from.move_to(to);
                }
            }
        }
    }
}

impl Tally {
    fn move_to(&self, other: &Self) {
        other.calls.store(self.calls.fetch_or(MOVED, Ordering::Relaxed), Ordering::Relaxed);
        other.highest.store(self.highest.fetch_or(MOVED, Ordering::Relaxed), Ordering::Relaxed);
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
        assert_eq!([epoch.count(ALICE), epoch.count(ALICE), epoch.count(BOB)], [Ok(1), Ok(2), Ok(1)]);
        assert_eq!(epoch.calls(ALICE), 2);
    }

    #[test]
    fn the_current_password_is_that_of_the_highest_successful_call() {
        let epoch = epoch();
        assert_eq!(epoch.highest(ALICE), 0);
        epoch.succeed(ALICE, 3);
        epoch.succeed(ALICE, 2);
        assert_eq!(epoch.highest(ALICE), 3);
    }

    #[test]
    fn a_reset_of_a_project_leaves_others_alone() {
        let epoch = epoch();
        epoch.count(ALICE).unwrap();
        epoch.count(BOB).unwrap();
        let next = epoch.next(Some(0));
        assert_eq!((next.number(), next.calls(ALICE), next.calls(BOB)), (2, 0, 1));
        assert_eq!((next.life(0), next.life(1)), (2, 1));
        let all = next.next(None);
        assert_eq!((all.calls(BOB), all.life(0), all.life(1)), (0, 3, 2));
    }
    #[test]
    fn counters_go_on_with_other_users_and_whoever_has_the_old_ones_is_told() {
        let old = loaded_of(
            r#"{"projects": [{"id": "p", "users": [{"id": "a"}, {"id": "z"}]},
            {"id": "q", "users": [{"id": "b"}]}, {"id": "gone", "users": [{"id": "c"}]}]}"#,
        );
        let new = loaded_of(
            r#"{"projects": [{"id": "q", "users": [{"id": "b"}]},
            {"id": "p", "users": [{"id": "new"}, {"id": "a"}]}, {"id": "other", "users": [{"id": "a"}]}]}"#,
        );
        let (old, new) = (&old.directory, &new.directory);
        let key = |directory: &Directory, project: &str, user: &str| directory.user(project, user).unwrap().0;
        let before = Epoch::first(old).next(Some(0));
        let [a, z, b] = [key(old, "p", "a"), key(old, "p", "z"), key(old, "q", "b")];
        for user in [a, a, z, b] {
            before.count(user).unwrap();
        }
        before.succeed(a, 2);
        let (after, moving) = before.of_others(old, new, |_| 5);
        // One more who counts before the counters move, and one who comes after.
        assert_eq!(before.count(a), Ok(3));
        moving.carry_out();
        assert_eq!((before.count(a), before.succeed(a, 4)), (Err(Moved(4)), false));
        let [a, added, q, other] =
            [key(new, "p", "a"), key(new, "p", "new"), key(new, "q", "b"), key(new, "other", "a")];
        assert_eq!([a, added, q, other].map(|user| after.calls(user)), [3, 0, 1, 0]);
        assert_eq!((after.highest(a), after.count(a), after.succeed(a, 4), after.highest(a)), (2, Ok(4), true, 4));
        assert_eq!((after.number(), after.life(a.project), after.life(other.project)), (2, 2, 5));
        // Whose users are as they were has the same counters.
        assert_eq!((before.count(b), after.count(q)), (Ok(2), Ok(3)));
        before.end(None);
        assert!(after.ending(Some(a.project)).is_cancelled());
    }
}
