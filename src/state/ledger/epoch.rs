//! Call numbers. A reset starts a new epoch, with counters at zero; what counted in the old one counts no more.
//!
//! Where users files were read again, counters go on in those of the new users. Whoever still has the old ones finds
//! that they have moved, and counts again: so no number is lost, and none is given twice.

use super::coverage::{Meeting, Met, Place};
use crate::fixture::{Directory, Project};
use crate::ids::{ProjectIndex, UserIndex, UserKey};
use crate::state::Cloned;
use crate::state::running::own_scenario::is_of_a_clone;
use crate::state::{AccountCalls, Noted, People};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// What was counted since the last reset.
#[derive(Debug)]
pub(crate) struct Epoch {
    number: u64,
    projects: Vec<Arc<Counters>>,
    /// What was met by requests that name no loaded project.
    apart: Arc<Met>,
    noted: Arc<Noted>,
    pub(crate) accounts: Arc<AccountCalls>,
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
    met: Met,
    people: Arc<People>,
    noted: Arc<Noted>,
    /// Whether users went to other places, and with them what they have met.
    moved: AtomicBool,
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
pub(in crate::state) struct Move(Vec<ProjectMove>);

struct ProjectMove {
    from: Arc<Counters>,
    to: Arc<Counters>,
    /// Old and new index of each user who stays.
    users: Vec<(UserIndex, UserIndex)>,
}

impl Epoch {
    pub(in crate::state) fn first(directory: &Directory) -> Self {
        let counters = directory.projects().iter().map(|project| Counters::new(1, project.users_count()));
        Self {
            number: 1,
            projects: counters.map(Arc::new).collect(),
            apart: Arc::new(Met::new(0)),
            noted: Arc::default(),
            accounts: Arc::new(AccountCalls::new(1)),
            ended: CancellationToken::new(),
        }
    }

    /// The epoch after a reset of one project or of all: their counters are at zero.
    pub(in crate::state) fn next(&self, project: Option<ProjectIndex>) -> Self {
        let renewed = ProjectIndex::all().zip(&self.projects).map(|(index, counters)| match project {
            Some(only) if only != index => Arc::clone(counters),
            _ => Arc::new(Counters::new(counters.life + 1, counters.users.len())),
        });
        let next = Self { number: self.number + 1, ..self.shared(renewed.collect()) };
        match project {
            Some(_) => next,
            None => Self {
                apart: Arc::new(self.apart.anew()),
                noted: Arc::default(),
                accounts: Arc::new(AccountCalls::new(self.accounts.life + 1)),
                ended: CancellationToken::new(),
                ..next
            },
        }
    }

    /// The epoch after a reset of what has no counters here.
    pub(in crate::state) fn next_without(&self) -> Self {
        Self { number: self.number + 1, ..self.shared(self.projects.clone()) }
    }

    /// The same epoch for other users, and what is left to do for it: to move the counters of projects whose users
    /// are not as they were. Those of the others are the same. `life` begins that of a project that was not there.
    pub(in crate::state) fn of_others(
        &self,
        from: &Directory,
        to: &Directory,
        life: impl Fn(&str) -> u64,
    ) -> (Self, Move) {
        let mut moves = Vec::new();
        let counters = |project: &Project| {
            let before = from.project(project.id());
            let before = before.and_then(|(index, old)| Some((self.projects.get(index.at())?, old)));
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
        (self.shared(projects), Move(moves))
    }

    fn shared(&self, projects: Vec<Arc<Counters>>) -> Self {
        Self {
            number: self.number,
            projects,
            apart: Arc::clone(&self.apart),
            noted: Arc::clone(&self.noted),
            accounts: Arc::clone(&self.accounts),
            ended: self.ended.clone(),
        }
    }

    /// Tells those who wait in this epoch. To be called before the next is in place: who then finds the next also
    /// finds that the end was told.
    pub(in crate::state) fn end(&self, project: Option<ProjectIndex>) {
        if let Some(index) = project {
            self.ending(Some(index)).cancel();
        } else {
            self.ended.cancel();
            self.projects.iter().for_each(|counters| counters.ended.cancel());
        }
    }

    /// What is cancelled when the project is reset, or for a request of none when everything is.
    pub(in crate::state) fn ending(&self, project: Option<ProjectIndex>) -> &CancellationToken {
        let counters = project.and_then(|index| self.projects.get(index.at()));
        counters.map_or(&self.ended, |counters| &counters.ended)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How often the project was reset, from 1.
    pub(in crate::state) fn life(&self, project: ProjectIndex) -> u64 {
        self.projects.get(project.at()).map_or(1, |counters| counters.life)
    }

    /// Who of a project is not as he was loaded.
    #[inline]
    pub(in crate::state) fn people(&self, project: ProjectIndex) -> Option<&Arc<People>> {
        self.projects.get(project.at()).map(|counters| &counters.people)
    }

    /// Counts a call, and gives its number.
    #[inline]
    pub(in crate::state) fn count(&self, user: UserKey) -> Result<u64, Moved> {
        let number = self.tally(user).map_or(1, |tally| tally.calls.fetch_add(1, Ordering::Relaxed) + 1);
        if number & MOVED == 0 { Ok(number) } else { Err(Moved(number & !MOVED)) }
    }

    /// The side effect of a call: its password is the current one, unless a later call's is. False if it is to be
    /// told elsewhere.
    #[inline]
    pub(in crate::state) fn succeed(&self, user: UserKey, call: u64) -> bool {
        let before = self.tally(user).map_or(0, |tally| tally.highest.fetch_max(call, Ordering::Relaxed));
        before & MOVED == 0
    }

    /// How many calls were counted.
    pub(in crate::state) fn calls(&self, user: UserKey) -> u64 {
        self.tally(user).map_or(0, |tally| tally.calls.load(Ordering::Relaxed) & !MOVED)
    }

    /// The highest successful call number, or 0.
    pub(in crate::state) fn highest(&self, user: UserKey) -> u64 {
        self.tally(user).map_or(0, |tally| tally.highest.load(Ordering::Relaxed) & !MOVED)
    }

    /// Counts an answer that left whole and met a user of a loaded project, by the places of operation and status. False
    /// if users have moved, and who has met it is to be noted elsewhere.
    #[inline]
    pub(crate) fn meet_user(&self, operation: usize, row: usize, user: UserKey) -> bool {
        let Some(counters) = self.projects.get(user.project.at()) else {
            return true;
        };
        counters.met.count(operation, row, Some(user.user));
        // Who moves says so before he looks at what was met, so one of both sees the other.
        !counters.moved.load(Ordering::SeqCst)
    }

    /// Notes that a user has met what was counted before.
    pub(in crate::state) fn note_user(&self, operation: usize, row: usize, user: UserKey) {
        if let Some(counters) = self.projects.get(user.project.at()) {
            counters.met.note(operation, row, user.user);
        }
    }

    /// A project goes: its calls in flight are cut, and what was met in it is kept.
    pub(in crate::state) fn leave(&self, project: ProjectIndex) {
        if let Some(counters) = self.projects.get(project.at()) {
            counters.ended.cancel();
            self.apart.add(&counters.met);
            self.noted.inherit(&counters.noted, |_| false);
        }
    }

    /// Counts any answer that left whole, of no clone.
    pub(in crate::state) fn meet(&self, meeting: &Meeting) {
        let (met, user) = match &meeting.place {
            Place::Project(project, user) => (self.projects.get(project.at()).map(|counters| &counters.met), *user),
            Place::Account(account) => {
                self.accounts.meet(meeting.operation, meeting.row, account);
                (None, None)
            }
            Place::Apart | Place::Clone(..) | Place::People(..) => (None, None),
        };
        met.unwrap_or(&self.apart).count(meeting.operation, meeting.row, user);
    }

    /// Keeps what was met and noted in a clone that goes.
    pub(in crate::state) fn inherit(&self, clone: &Cloned) {
        self.apart.add(&clone.met);
        self.noted.inherit(&clone.noted, is_of_a_clone);
    }

    /// What is noted of a project, or apart from all.
    pub(in crate::state) fn noted(&self, project: Option<ProjectIndex>) -> &Noted {
        let counters = project.and_then(|index| self.projects.get(index.at()));
        counters.map_or(&self.noted, |counters| &counters.noted)
    }

    /// What is noted of a project, or of each.
    pub(in crate::state) fn all_noted(&self, project: Option<ProjectIndex>) -> impl Iterator<Item = &Noted> {
        self.of(project).map(|(_, counters)| &*counters.noted)
    }

    /// How often the documented status at a place was met, in a project or in all.
    pub(in crate::state) fn times_met(&self, operation: usize, row: usize, project: Option<ProjectIndex>) -> u64 {
        let apart = if project.is_none() { self.apart.times(operation, row) } else { 0 };
        self.of(project).map(|(_, counters)| counters.met.times(operation, row)).sum::<u64>() + apart
    }

    /// The users who met it.
    pub(in crate::state) fn users_who_met(
        &self,
        operation: usize,
        row: usize,
        project: Option<ProjectIndex>,
    ) -> impl Iterator<Item = UserKey> + '_ {
        self.of(project).flat_map(move |(project, counters)| {
            counters.met.users(operation, row).map(move |user| UserKey { project, user })
        })
    }

    /// Everyone who called, and how often.
    pub(in crate::state) fn callers(&self, project: Option<ProjectIndex>) -> impl Iterator<Item = (UserKey, u64)> + '_ {
        self.of(project).flat_map(|(project, counters)| {
            let called = UserIndex::all().zip(&counters.users).map(move |(user, tally)| {
                let calls = tally.calls.load(Ordering::Relaxed) & !MOVED;
                (UserKey { project, user }, calls)
            });
            called.filter(|(_, calls)| *calls > 0)
        })
    }

    /// The counters of a project, or of all.
    fn of(&self, only: Option<ProjectIndex>) -> impl Iterator<Item = (ProjectIndex, &Counters)> + '_ {
        let indexed = ProjectIndex::all().zip(&self.projects).map(|(index, counters)| (index, &**counters));
        indexed.filter(move |(index, _)| only.is_none_or(|only| only == *index))
    }

    fn tally(&self, user: UserKey) -> Option<&Tally> {
        self.projects.get(user.project.at())?.users.get(user.user.at())
    }
}

impl Counters {
    fn new(life: u64, users: usize) -> Self {
        let tallies = (0..users).map(|_| Tally::default()).collect();
        Self {
            life,
            ended: CancellationToken::new(),
            users: tallies,
            met: Met::new(users),
            people: Arc::new(People::new(life)),
            noted: Arc::default(),
            moved: AtomicBool::new(false),
        }
    }

    /// Of the same life, for so many users.
    fn like(other: &Self, users: usize) -> Self {
        let (people, noted) = (Arc::clone(&other.people), Arc::clone(&other.noted));
        Self { ended: other.ended.clone(), met: other.met.like(users), people, noted, ..Self::new(other.life, users) }
    }
}

impl Move {
    /// Moves what was counted. To be called where nobody can take the new epoch yet.
    pub(in crate::state) fn carry_out(&self) {
        for project in &self.0 {
            project.from.moved.store(true, Ordering::SeqCst);
            for (from, to) in &project.users {
                let ends = (project.from.users.get(from.at()), project.to.users.get(to.at()));
                if let (Some(from), Some(to)) = ends {
                    from.move_to(to);
                }
                project.from.met.move_user(*from, &project.to.met, *to);
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

    const ALICE: UserKey = UserKey::at(0, 0);
    const BOB: UserKey = UserKey::at(1, 0);

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
        for place in
            [Place::Project(ALICE.project, Some(ALICE.user)), Place::Project(BOB.project, Some(BOB.user)), Place::Apart]
        {
            epoch.meet(&Meeting { operation: 0, row: 0, place, by_console: false });
        }
        let next = epoch.next(Some(ALICE.project));
        assert_eq!((next.number(), next.calls(ALICE), next.calls(BOB)), (2, 0, 1));
        assert_eq!((next.life(ALICE.project), next.life(BOB.project)), (2, 1));
        let met = |epoch: &Epoch| {
            (
                epoch.times_met(0, 0, Some(ALICE.project)),
                epoch.times_met(0, 0, Some(BOB.project)),
                epoch.times_met(0, 0, None),
            )
        };
        assert_eq!([met(&epoch), met(&next)], [(1, 1, 3), (0, 1, 2)]);
        assert_eq!(next.users_who_met(0, 0, None).collect::<Vec<_>>(), [BOB]);
        assert_eq!(next.callers(None).collect::<Vec<_>>(), [(BOB, 1)]);
        let all = next.next(None);
        assert_eq!(met(&all), (0, 0, 0));
        assert_eq!((all.calls(BOB), all.life(ALICE.project), all.life(BOB.project)), (0, 3, 2));
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
        let before = Epoch::first(old).next(Some(ALICE.project));
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
