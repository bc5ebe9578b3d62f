//! Which documented answers were met: counted when they leave, not read from the journal, which forgets.

use crate::contract::{OPERATIONS, USER_OPERATIONS};
use crate::ids::{ProjectIndex, UserIndex};
use crate::state::{Cloned, People};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

/// Documented statuses of an operation at most: one bit each.
const STATUSES_MAX: usize = 16;

/// A documented answer that somebody gets, by places in the tables of operations and of their statuses.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) operation: usize,
    pub(crate) row: usize,
    pub(crate) place: Place,
    /// Whether the console meets it.
    pub(crate) by_console: bool,
}

/// Where something is met; the user is none where the call was refused before it was counted.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In no project that is there.
    Apart,
    Project(ProjectIndex, Option<UserIndex>),
    Clone(Arc<Cloned>, Option<Box<str>>),
    /// By a call that is counted of an account, as `domain/name`.
    Account(Box<str>),
    /// By a call in a project that is no reset: where, and of whom it is counted.
    People(Box<Place>, Arc<People>, Box<str>),
}

/// What was met in one project since its last reset.
#[derive(Debug)]
pub(in crate::state) struct Met {
    /// By operation and place of the documented status.
    counts: Arc<[AtomicU64]>,
    /// By operation of users and index of the user, a bit for each documented status that the user has met: cheaper on the way of
    /// a request than a list, and found again by looking at all.
    users: Box<[AtomicU16]>,
    users_count: usize,
}

impl Met {
    pub(in crate::state) fn new(users_count: usize) -> Self {
        let users = (0..USER_OPERATIONS * users_count).map(|_| AtomicU16::new(0)).collect();
        let counts = (0..OPERATIONS.len() * STATUSES_MAX).map(|_| AtomicU64::new(0)).collect();
        Self { counts, users, users_count }
    }

    pub(in crate::state) fn anew(&self) -> Self {
        Self::new(self.users_count)
    }

    /// The same counts, for other users.
    pub(in crate::state) fn like(&self, users_count: usize) -> Self {
        Self { counts: Arc::clone(&self.counts), ..Self::new(users_count) }
    }

    /// Adds the counts of another.
    pub(in crate::state) fn add(&self, other: &Self) {
        for (count, more) in self.counts.iter().zip(other.counts.iter()) {
            count.fetch_add(more.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Notes what a user has met where he has another index.
    pub(in crate::state) fn move_user(&self, from: UserIndex, other: &Self, to: UserIndex) {
        for operation in 0..USER_OPERATIONS {
            let bits = self.bits(operation, from).map_or(0, |met| met.load(Ordering::SeqCst));
            if let Some(met) = other.bits(operation, to) {
                met.fetch_or(bits, Ordering::Relaxed);
            }
        }
    }

    fn bits(&self, operation: usize, user: UserIndex) -> Option<&AtomicU16> {
        self.users.get(operation * self.users_count + user.at())
    }

    /// Counts an answer by the places of its operation and status. `user` is none where the call was refused before it
    /// was counted.
    pub(in crate::state) fn count(&self, operation: usize, row: usize, user: Option<UserIndex>) {
        if let Some(count) = self.counts.get(operation * STATUSES_MAX + row) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(user) = user {
            self.note(operation, row, user);
        }
    }

    /// Notes that a user has met what was counted.
    pub(in crate::state) fn note(&self, operation: usize, row: usize, user: UserIndex) {
        if let Some(met) = self.bits(operation, user) {
            met.fetch_or(1 << row, Ordering::SeqCst);
        }
    }

    /// How often the documented status at a place was met.
    pub(in crate::state) fn times(&self, operation: usize, row: usize) -> u64 {
        self.counts.get(operation * STATUSES_MAX + row).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The users who met it, by index.
    pub(in crate::state) fn users(&self, operation: usize, row: usize) -> impl Iterator<Item = UserIndex> + '_ {
        let of_operation = self.users.iter().skip(operation * self.users_count).take(self.users_count);
        let indexed = UserIndex::all().zip(of_operation);
        indexed.filter(move |(_, met)| met.load(Ordering::Relaxed) & (1 << row) != 0).map(|(user, _)| user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::RESET_RANDOM_PASSWORD;

    #[test]
    fn documented_answers_are_counted_with_their_users() {
        let met = Met::new(3);
        for (status, user) in [(200, Some(2)), (200, Some(2)), (503, Some(0)), (401, None)] {
            let row = RESET_RANDOM_PASSWORD.statuses.iter().position(|row| row.status == status).unwrap();
            met.count(0, row, user.map(UserIndex::new));
        }
        let rows = RESET_RANDOM_PASSWORD.statuses.iter().enumerate();
        let seen: Vec<_> = rows
            .map(|(row, status)| {
                (status.status, met.times(0, row), met.users(0, row).map(UserIndex::get).collect::<Vec<_>>())
            })
            .filter(|(_, times, _)| *times > 0)
            .collect();
        assert_eq!(seen, [(200, 2, vec![2]), (401, 1, vec![]), (503, 1, vec![0])]);
    }

    #[test]
    fn every_documented_status_has_a_bit() {
        assert!(OPERATIONS.iter().all(|operation| operation.statuses.len() <= STATUSES_MAX));
    }
}
