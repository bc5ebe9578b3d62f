//! Number of strikes of each rule, override and `down` window. Strikes are counted beside the journal, so that a rule that
//! never struck is known for certain.
//!
//! A rule strikes when a facet of it decides a call, when it loses a message, or when it refuses a use of a token. A `down`
//! window strikes when it begins while the server serves, and counts the connections that it resets; connections refused
//! while it lasts are not counted.

use crate::scenario::{Rule, RuleLabel};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Strikes in one project or clone since its last reset, by the name of the rule. Only rules that struck take room.
#[derive(Debug, Default)]
pub(crate) struct Strikes(Mutex<HashMap<ByName, u64>>);

/// A label that is found by its name: names are unique, and a rule keeps its strikes when its file is read again.
#[derive(Debug)]
struct ByName(Arc<RuleLabel>);

impl Borrow<str> for ByName {
    fn borrow(&self) -> &str {
        &self.0.name
    }
}

impl Hash for ByName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl PartialEq for ByName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for ByName {}

impl Strikes {
    #[cold]
    pub(crate) fn add(&self, label: &Arc<RuleLabel>, times: u64) {
        let mut strikes = self.0.lock();
        if let Some(struck) = strikes.get_mut(label.name.as_str()) {
            *struck += times;
        } else {
            strikes.insert(ByName(Arc::clone(label)), times);
        }
    }

    /// Counts a strike for each rule that decided something about a call; a rule that decided several facets struck once.
    pub(crate) fn add_each(&self, rules: [Option<&Arc<Rule>>; 3]) {
        for (at, rule) in rules.iter().enumerate() {
            let Some(rule) = rule else { continue };
            let is_new = rules.iter().take(at).flatten().all(|other| !Arc::ptr_eq(&other.label, &rule.label));
            if is_new {
                self.add(&rule.label, 1);
            }
        }
    }

    /// Adds the strikes of another project or clone.
    pub(in crate::state) fn inherit(&self, other: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        for (label, times) in other.0.lock().iter().filter(|(label, _)| !is_left(&label.0)) {
            self.add(&label.0, *times);
        }
    }

    /// Adds the strikes to a sum by name, but for rules that are left out.
    pub(in crate::state) fn add_to(
        &self,
        sum: &mut std::collections::HashMap<String, u64>,
        is_left: impl Fn(&RuleLabel) -> bool,
    ) {
        for (label, times) in self.0.lock().iter().filter(|(label, _)| !is_left(&label.0)) {
            *sum.entry(label.0.name.clone()).or_default() += times;
        }
    }

    /// Forgets rules that are not in force any more, so that removed overrides take no room.
    pub(in crate::state) fn keep(&self, is_in_force: impl Fn(&RuleLabel) -> bool) {
        self.0.lock().retain(|label, _| is_in_force(&label.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, place: &str) -> Arc<RuleLabel> {
        Arc::new(RuleLabel { name: name.to_owned(), place: place.to_owned() })
    }

    fn sum(of: &[&Strikes]) -> Vec<(String, u64)> {
        let mut sum = std::collections::HashMap::new();
        for strikes in of {
            strikes.add_to(&mut sum, |_| false);
        }
        let mut sum: Vec<_> = sum.into_iter().collect();
        sum.sort();
        sum
    }

    #[test]
    fn strikes_are_counted_by_name_of_the_rule() {
        let (one, other) = (Strikes::default(), Strikes::default());
        one.add(&label("a", "f:1:1"), 1);
        one.add(&label("a", "f:2:1"), 2);
        other.add(&label("b", "f:3:1"), 1);
        other.add(&label("a", "f:2:1"), 1);
        assert_eq!(sum(&[&one, &other]), [("a".to_owned(), 4), ("b".to_owned(), 1)]);
        one.inherit(&other, |label| label.name == "c");
        one.keep(|label| label.name == "b");
        assert_eq!(sum(&[&one]), [("b".to_owned(), 1)]);
    }
}
