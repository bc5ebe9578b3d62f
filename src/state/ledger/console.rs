//! Notes on the console's calls, kept apart from clients': verdicts and coverage leave them out unless asked to count them
//! too. A person who looks at a server is not the program under test.

use super::by_name::Name;
use super::notes::Notes;
use crate::state::journal::entry::By;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Whose calls count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Whose {
    #[default]
    Clients,
    /// The console's too.
    Everyone,
}

impl Whose {
    /// Whether calls of this origin count.
    pub(crate) fn counts(self, by: Option<By>) -> bool {
        by.is_none() || self == Self::Everyone
    }
}

/// Of one project or clone, from one reset to the next.
#[derive(Debug, Default)]
pub(crate) struct OfConsole {
    /// Its calls are counted in `counted`, and only what they met stands here.
    pub(in crate::state) notes: Notes,
    /// By index of the operation, and by user or account. `users_created_max` bounds it: deleted users stay, so that each call
    /// is known to be the console's.
    counted: Mutex<HashMap<(usize, Name), Counted>>,
}

/// Calls of one operation and one user or account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    calls: u64,
    /// Calls before the scenario in force.
    before: u64,
    /// The first and last call number of the latest uninterrupted run.
    first: u64,
    last: u64,
}

impl OfConsole {
    /// Notes a counted call by its number, for at most `most` users.
    pub(crate) fn count(&self, operation: usize, who: Option<&str>, call: u64, most: usize) {
        let mut counted = self.counted.lock();
        let is_full = counted.len() >= most;
        match counted.entry((operation, who.map(Into::into))) {
            Entry::Occupied(mut known) => known.get_mut().add(call),
            Entry::Vacant(new) if !is_full => new.insert(Counted::default()).add(call),
            Entry::Vacant(_) => {}
        }
    }

    /// Whether a call of a user can be noted, with at most `most` users.
    pub(crate) fn has_room(&self, operation: usize, who: Option<&str>, most: usize) -> bool {
        let counted = self.counted.lock();
        counted.len() < most || counted.contains_key(&(operation, who.map(Into::into)))
    }

    /// The counted calls by operation and by user or account.
    pub(in crate::state) fn counted(&self) -> Vec<((usize, Name), Counted)> {
        self.counted.lock().iter().map(|(key, counted)| (key.clone(), *counted)).collect()
    }

    /// Notes that another scenario is in force from now on.
    pub(in crate::state) fn begin_scenario(&self) {
        self.notes.rejections.begin_scenario();
        self.counted.lock().values_mut().for_each(|counted| counted.before = counted.calls);
    }
}

impl Counted {
    fn add(&mut self, call: u64) {
        self.calls += 1;
        if self.calls > 1 && call + 1 == self.first {
            self.first = call;
        } else if self.calls > 1 && call == self.last + 1 {
            self.last = call;
        } else if call > self.last {
            (self.first, self.last) = (call, call);
        }
    }

    /// The number of calls that the scenario in force judges.
    pub(crate) fn judged(self) -> u64 {
        self.calls - self.before
    }

    /// The number of the last call by a client, if `total` calls were counted.
    pub(crate) fn last_of_clients(self, total: u64) -> u64 {
        if self.last == total && total > 0 { self.first.saturating_sub(1) } else { total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(calls: &[u64]) -> Counted {
        let mut counted = Counted::default();
        for call in calls {
            counted.add(*call);
        }
        counted
    }

    #[test]
    fn last_client_call_is_before_the_consoles_run() {
        for (calls, total, last) in [
            (&[][..], 0, 0),
            (&[], 3, 3),
            (&[2], 3, 3),
            (&[3], 3, 2),
            (&[1, 2, 3], 3, 0),
            (&[1, 3], 3, 2),
            (&[2, 4, 5], 5, 3),
            (&[5, 4], 5, 3),
            (&[2, 5, 4], 5, 3),
        ] {
            let counted = counted(calls);
            assert_eq!((counted.judged(), counted.last_of_clients(total)), (calls.len() as u64, last), "{calls:?}");
        }
    }

    #[test]
    fn calls_before_a_scenario_are_not_judged() {
        let console = OfConsole::default();
        (1..=3).for_each(|call| console.count(0, Some("u"), call, 9));
        console.begin_scenario();
        console.count(0, Some("u"), 5, 9);
        let counted = console.counted.lock()[&(0, Some("u".into()))];
        assert_eq!((counted.judged(), counted.last_of_clients(5)), (1, 4));
    }

    #[test]
    fn users_are_noted_up_to_the_bound() {
        let console = OfConsole::default();
        for (who, has_room, noted) in [("a", true, 1), ("b", true, 2), ("a", true, 2), ("c", false, 2), ("b", true, 2)]
        {
            assert_eq!(console.has_room(0, Some(who), 2), has_room, "{who}");
            console.count(0, Some(who), 1, 2);
            assert_eq!(console.counted.lock().len(), noted, "{who}");
        }
        // Each operation of a user is one.
        assert!(!console.has_room(1, Some("a"), 2));
    }
}
