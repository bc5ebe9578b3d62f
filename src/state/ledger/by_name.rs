//! Counters that are found by a name, and created by the first call.

use super::counter::Counter;
use crate::contract::Operation;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};

/// The id of the user, or the account as `domain/name`, that a call is counted for; `None` without credentials.
pub(in crate::state) type Name = Option<Box<str>>;

/// Counters of calls by operation and name: of all operations, but for resets of users with a seat.
#[derive(Debug, Default)]
pub(crate) struct CallsByName(Mutex<HashMap<usize, Callers>>);

#[derive(Debug, Default)]
struct Callers {
    /// Of calls without credentials.
    unknown: Counter,
    named: BTreeMap<Box<str>, Counter>,
}

impl Callers {
    fn known(&self, who: Option<&str>) -> Option<&Counter> {
        who.map_or(Some(&self.unknown), |name| self.named.get(name))
    }

    fn all(&self) -> impl Iterator<Item = (Option<&str>, &Counter)> {
        let named = self.named.iter().map(|(name, counter)| (Some(&**name), counter));
        std::iter::once((None, &self.unknown)).chain(named)
    }

    fn counter(&mut self, who: Option<&str>) -> &Counter {
        let Some(name) = who else { return &self.unknown };
        if !self.named.contains_key(name) {
            self.named.insert(name.into(), Counter::default());
        }
        invariant!(self.named.get(name), &self.unknown, "it was added if it was missing")
    }
}

impl CallsByName {
    /// Changes a counter, which is created if need be.
    pub(in crate::state) fn change<T>(
        &self,
        operation: Operation,
        who: Option<&str>,
        change: impl FnOnce(&Counter) -> T,
    ) -> T {
        change(self.0.lock().entry(operation.index()).or_default().counter(who))
    }

    /// Reads a counter, unless nothing was counted.
    pub(in crate::state) fn read<T>(
        &self,
        operation: Operation,
        who: Option<&str>,
        read: impl FnOnce(&Counter) -> T,
    ) -> Option<T> {
        self.0.lock().get(&operation.index())?.known(who).map(read)
    }

    /// Counts a call of an operation, and gives its number.
    pub(crate) fn count(&self, operation: Operation, who: Option<&str>) -> u64 {
        self.change(operation, who, Counter::count)
    }

    pub(crate) fn calls(&self, operation: Operation, who: Option<&str>) -> u64 {
        self.read(operation, who, Counter::calls).unwrap_or(0)
    }

    /// Notes that a documented status was met, by its row.
    pub(in crate::state) fn meet(&self, operation: usize, row: usize, who: Option<&str>) {
        self.0.lock().entry(operation).or_default().counter(who).meet(row);
    }

    /// The names that have met a documented status, by its row.
    pub(in crate::state) fn who_met(&self, operation: usize, row: usize) -> Vec<String> {
        let calls = self.0.lock();
        let named = calls.get(&operation).into_iter().flat_map(|callers| &callers.named);
        named.filter(|(_, counter)| counter.has_met(row)).map(|(name, _)| name.to_string()).collect()
    }

    /// The callers of an operation with their numbers of calls.
    pub(crate) fn callers(&self, operation: Operation) -> Vec<(Option<String>, u64)> {
        let calls = self.0.lock();
        let all = calls.get(&operation.index()).into_iter().flat_map(Callers::all);
        all.map(|(name, counter)| (name.map(str::to_owned), counter.calls())).filter(|(_, calls)| *calls > 0).collect()
    }

    /// Forgets the callers of an operation but for these.
    pub(in crate::state) fn keep(&self, operation: Operation, is_kept: impl Fn(&str) -> bool) {
        if let Some(callers) = self.0.lock().get_mut(&operation.index()) {
            callers.named.retain(|name, _| is_kept(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Operation;

    #[test]
    fn calls_are_counted_by_operation_and_name() {
        let calls = CallsByName::default();
        let counted = [Some("a"), Some("a"), Some("b"), None]
            .map(|who| calls.count(Operation::KeystoneCreateUserTokenByPassword, who));
        assert_eq!((counted, calls.count(Operation::KeystoneListProjects, Some("a"))), ([1, 2, 1, 1], 1));
        assert_eq!(
            (
                calls.calls(Operation::KeystoneCreateUserTokenByPassword, Some("a")),
                calls.calls(Operation::KeystoneCreateUserTokenByPassword, Some("c")),
                calls.calls(Operation::KeystoneListRegions, None)
            ),
            (2, 0, 0)
        );
        assert_eq!(calls.callers(Operation::KeystoneListProjects), [(Some("a".to_owned()), 1)]);
        assert_eq!(calls.callers(Operation::KeystoneCreateUserTokenByPassword).first(), Some(&(None, 1)));
        calls.meet(Operation::KeystoneListProjects.index(), 0, Some("b"));
        assert_eq!(
            (
                calls.who_met(Operation::KeystoneListProjects.index(), 0),
                calls.who_met(Operation::KeystoneListProjects.index(), 1)
            ),
            (vec!["b".to_owned()], vec![])
        );
        assert_eq!(calls.callers(Operation::KeystoneListProjects).len(), 1, "b has called nothing");
    }

    #[test]
    fn a_caller_is_counted_until_forgotten() {
        let (calls, reset) = (CallsByName::default(), Operation::ResetRandomPassword);
        assert_eq!(calls.read(reset, Some("a"), Counter::calls), None);
        assert_eq!(["a", "a", "b"].map(|user| calls.count(reset, Some(user))), [1, 2, 1]);
        calls.count(Operation::KeystoneListProjects, Some("a"));
        calls.keep(reset, |user| user == "b");
        assert_eq!(["a", "b"].map(|user| calls.read(reset, Some(user), Counter::calls)), [None, Some(1)]);
        assert_eq!(calls.calls(Operation::KeystoneListProjects, Some("a")), 1);
    }
}
