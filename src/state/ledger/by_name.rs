//! Counters that are found by a name, and created by the first call.

use super::counter::Counter;
use crate::contract::Operation;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Counters of users by id.
#[derive(Debug, Default)]
pub(in crate::state) struct ById(Mutex<HashMap<Box<str>, Arc<Counter>>>);

impl ById {
    /// The counter of a user, unless nothing was counted.
    pub(in crate::state) fn get(&self, id: &str) -> Option<Arc<Counter>> {
        self.0.lock().get(id).cloned()
    }

    pub(in crate::state) fn of(&self, id: &str) -> Arc<Counter> {
        let mut users = self.0.lock();
        if let Some(counter) = users.get(id) {
            return Arc::clone(counter);
        }
        Arc::clone(users.entry(id.into()).or_default())
    }

    /// All counters, sorted by id.
    pub(in crate::state) fn all(&self) -> Vec<(Box<str>, Arc<Counter>)> {
        let mut all: Vec<_> = self.0.lock().iter().map(|(id, counter)| (id.clone(), Arc::clone(counter))).collect();
        all.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// Forgets all but these users.
    pub(in crate::state) fn keep(&self, is_kept: impl Fn(&str) -> bool) {
        self.0.lock().retain(|id, _| is_kept(id));
    }
}

/// The id of the user, or the account as `domain/name`, that a call is counted for; `None` without credentials.
pub(in crate::state) type Name = Option<Box<str>>;

/// Counters of calls of all operations but resets, by operation and name.
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
    /// Counts a call of an operation, and gives its number.
    pub(crate) fn count(&self, operation: Operation, who: Option<&str>) -> u64 {
        self.0.lock().entry(operation.index()).or_default().counter(who).count()
    }

    pub(crate) fn calls(&self, operation: Operation, who: Option<&str>) -> u64 {
        self.0.lock().get(&operation.index()).and_then(|callers| callers.known(who)).map_or(0, Counter::calls)
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
    fn a_user_is_counted_by_id_until_forgotten() {
        let users = ById::default();
        assert!(users.get("a").is_none());
        assert_eq!([users.of("a").count(), users.of("a").count(), users.of("b").count()], [1, 2, 1]);
        users.keep(|id| id == "b");
        assert_eq!((users.get("a").is_none(), users.get("b").unwrap().calls()), (true, 1));
    }
}
