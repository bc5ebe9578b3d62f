//! Calls of operations that are counted of accounts. By the accounts' names, so that counts outlast a reload.

use crate::contract::{OPERATIONS, Operation};
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// What was counted since the last reset of everything, by account as `domain/name`; nobody has no name.
#[derive(Debug)]
pub(crate) struct AccountCalls {
    /// How often everything was reset, from 1: part of the ids of these calls.
    pub(in crate::state) life: u64,
    accounts: Mutex<BTreeMap<Box<str>, Tally>>,
}

#[derive(Debug)]
struct Tally {
    /// By operation.
    calls: [u64; OPERATIONS_MAX],
    /// By operation, a bit for each documented status that was met.
    met: [u16; OPERATIONS_MAX],
}

/// More than there are.
const OPERATIONS_MAX: usize = 32;

impl Default for Tally {
    fn default() -> Self {
        Self { calls: [0; OPERATIONS_MAX], met: [0; OPERATIONS_MAX] }
    }
}

impl AccountCalls {
    pub(in crate::state) fn new(life: u64) -> Self {
        Self { life, accounts: Mutex::default() }
    }

    /// Counts a call, and gives its number.
    pub(crate) fn count(&self, operation: &Operation, account: &str) -> u64 {
        self.change(operation, account, |calls, _| {
            *calls += 1;
            *calls
        })
    }

    pub(crate) fn calls(&self, operation: &Operation, account: &str) -> u64 {
        let accounts = self.accounts.lock();
        let calls = operation.index().and_then(|index| accounts.get(account)?.calls.get(index).copied());
        calls.unwrap_or(0)
    }

    /// Notes that an account has met the documented status at a place.
    pub(in crate::state) fn meet(&self, operation: usize, row: usize, account: &str) {
        if let Some(operation) = OPERATIONS.get(operation) {
            self.change(operation, account, |_, met| *met |= 1 << row);
        }
    }

    /// The accounts that met it.
    pub(in crate::state) fn who_met(&self, operation: usize, row: usize) -> Vec<String> {
        let has_met = |tally: &Tally| tally.met.get(operation).is_some_and(|met| met & (1 << row) != 0);
        let accounts = self.accounts.lock();
        accounts.iter().filter(|(_, tally)| has_met(tally)).map(|(name, _)| name.to_string()).collect()
    }

    /// Everyone who called an operation, and how often.
    pub(crate) fn callers(&self, operation: &Operation) -> Vec<(String, u64)> {
        let Some(index) = operation.index() else {
            return Vec::new();
        };
        let accounts = self.accounts.lock();
        let calls = |tally: &Tally| tally.calls.get(index).copied().unwrap_or(0);
        let called = accounts.iter().filter(|(_, tally)| calls(tally) > 0);
        called.map(|(name, tally)| (name.to_string(), calls(tally))).collect()
    }

    fn change<T: Default>(
        &self,
        operation: &Operation,
        account: &str,
        change: impl FnOnce(&mut u64, &mut u16) -> T,
    ) -> T {
        let mut accounts = self.accounts.lock();
        if !accounts.contains_key(account) {
            accounts.insert(account.into(), Tally::default());
        }
        let tally = accounts.get_mut(account).zip(operation.index());
        let places = tally.and_then(|(tally, index)| Some((tally.calls.get_mut(index)?, tally.met.get_mut(index)?)));
        places.map_or_else(T::default, |(calls, met)| change(calls, met))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{CREATE_TOKEN, LIST_PROJECTS};

    #[test]
    fn calls_are_counted_by_operation_and_account() {
        let calls = AccountCalls::new(1);
        let counted = ["a", "a", "b", ""].map(|account| calls.count(&CREATE_TOKEN, account));
        assert_eq!((counted, calls.count(&LIST_PROJECTS, "a")), ([1, 2, 1, 1], 1));
        assert_eq!((calls.calls(&CREATE_TOKEN, "a"), calls.calls(&CREATE_TOKEN, "c")), (2, 0));
        assert_eq!(calls.callers(&LIST_PROJECTS), [("a".to_owned(), 1)]);
        calls.meet(1, 0, "b");
        assert_eq!((calls.who_met(1, 0), calls.who_met(1, 1)), (vec!["b".to_owned()], vec![]));
    }

    #[test]
    fn there_is_a_place_for_every_operation() {
        assert!(OPERATIONS.len() <= OPERATIONS_MAX);
    }
}
