//! Rules in the order in which they are read, found by user.

use super::{Rule, Targets};
use crate::fixture::UserKey;
use hashbrown::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rules, the first of which that matches wins.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    all: Vec<Arc<Rule>>,
    everyone: Vec<u32>,
    by_project: HashMap<u32, Vec<u32>>,
    /// Where in `of_users` the rules of a user stand.
    by_user: HashMap<UserKey, Range<u32>>,
    of_users: Vec<u32>,
}

impl Rules {
    pub(crate) fn new(all: Vec<Arc<Rule>>) -> Self {
        let mut rules = Self::default();
        let mut pairs = Vec::new();
        for (index, rule) in (0_u32..).zip(&all) {
            match &rule.targets {
                Targets::Everyone => rules.everyone.push(index),
                Targets::Projects(projects) => {
                    for project in projects {
                        rules.by_project.entry(*project).or_default().push(index);
                    }
                }
                Targets::Users(users) => pairs.extend(users.iter().map(|user| (*user, index))),
            }
        }
        pairs.sort_unstable();
        for (at, (user, index)) in (0_u32..).zip(pairs) {
            rules.of_users.push(index);
            rules.by_user.entry(user).or_insert(at..at).end = at + 1;
        }
        rules.all = all;
        rules
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn all(&self) -> &[Arc<Rule>] {
        &self.all
    }

    /// What the first of this user's rules says that says something.
    pub(crate) fn first<T>(&self, user: UserKey, says: impl FnMut(&Rule) -> Option<T>) -> Option<(&Arc<Rule>, T)> {
        if self.all.is_empty() {
            return None;
        }
        self.first_of([self.of_user(user), self.of_project(user.project), &self.everyone], says)
    }

    /// The same for a user of a clone, if there is one: the template's rules hold for it, and those that name it.
    pub(crate) fn first_of_clone<T>(
        &self,
        user: UserKey,
        clone: Option<u32>,
        says: impl FnMut(&Rule) -> Option<T>,
    ) -> Option<(&Arc<Rule>, T)> {
        // Mostly there are no overrides, and then nobody should pay for them.
        if self.all.is_empty() { None } else { self.first_of_some(user, clone, says) }
    }

    #[inline(never)]
    fn first_of_some<T>(
        &self,
        user: UserKey,
        clone: Option<u32>,
        says: impl FnMut(&Rule) -> Option<T>,
    ) -> Option<(&Arc<Rule>, T)> {
        let Some(clone) = clone else {
            return self.first(user, says);
        };
        let own = UserKey { project: clone, ..user };
        let [by_user, by_project] = [self.of_user(user), self.of_project(user.project)];
        self.first_of([by_user, by_project, &self.everyone, self.of_user(own), self.of_project(clone)], says)
    }

    fn first_of<const N: usize, T>(
        &self,
        mut lists: [&[u32]; N],
        mut says: impl FnMut(&Rule) -> Option<T>,
    ) -> Option<(&Arc<Rule>, T)> {
        if lists.iter().all(|list| list.is_empty()) {
            return None;
        }
        loop {
            let nearest = lists.into_iter().filter_map(<[u32]>::first).min()?;
            for list in &mut lists {
                if list.first() == Some(nearest) {
                    *list = list.get(1..).unwrap_or(&[]);
                }
            }
            let rule = self.all.get(*nearest as usize)?;
            if let Some(said) = says(rule) {
                return Some((rule, said));
            }
        }
    }

    fn of_project(&self, project: u32) -> &[u32] {
        self.by_project.get(&project).map_or(&[], Vec::as_slice)
    }

    fn of_user(&self, user: UserKey) -> &[u32] {
        if self.by_user.is_empty() {
            return &[];
        }
        let range = self.by_user.get(&user).cloned().unwrap_or(0..0);
        self.of_users.get(range.start as usize..range.end as usize).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Calls, Phase, RuleLabel, StatusFacet};
    use proptest::prelude::*;

    fn rule(targets: Targets, calls: &str) -> Rule {
        let calls = Calls::parse(calls).unwrap_or_default();
        let label = RuleLabel { name: String::new(), place: String::new() };
        Rule {
            label: Arc::new(label),
            targets,
            calls,
            conditions: None,
            status: StatusFacet::plain(503),
            phase: Phase::Before,
        }
    }

    fn matches(rule: &Rule, user: UserKey, call: u64) -> bool {
        let targeted = match &rule.targets {
            Targets::Everyone => true,
            Targets::Projects(projects) => projects.contains(&user.project),
            Targets::Users(users) => users.contains(&user),
        };
        targeted && rule.calls.allow(call)
    }

    fn targets() -> impl Strategy<Value = Targets> {
        let user = (0..2_u32, 0..3_u32).prop_map(|(project, user)| UserKey { project, user });
        prop_oneof![
            Just(Targets::Everyone),
            prop::collection::btree_set(0..2_u32, 1..2).prop_map(|set| Targets::Projects(set.into_iter().collect())),
            prop::collection::btree_set(user, 1..4).prop_map(|set| Targets::Users(set.into_iter().collect())),
        ]
    }

    proptest! {
        #[test]
        fn the_index_finds_what_reading_all_in_order_finds(
            rules in prop::collection::vec((targets(), "[1-4]|[1-2]-[3-4]|\\*/2"), 0..12),
        ) {
            let rules: Vec<_> = rules.into_iter().map(|(targets, calls)| Arc::new(rule(targets, &calls))).collect();
            let indexed = Rules::new(rules.clone());
            for (project, user, call) in (0..2).flat_map(|p| (0..3).flat_map(move |u| (1..6).map(move |c| (p, u, c)))) {
                let user = UserKey { project, user };
                let read = rules.iter().find(|rule| matches(rule, user, call));
                let found = indexed.first(user, |rule| rule.calls.allow(call).then_some(()));
                prop_assert_eq!(found.map(|(rule, ())| Arc::as_ptr(rule)), read.map(Arc::as_ptr));
                // As if one project were a clone of the other.
                let clone = 1 - user.project;
                let own = UserKey { project: clone, ..user };
                let read = rules.iter().find(|rule| matches(rule, user, call) || matches(rule, own, call));
                let says = |rule: &Rule| rule.calls.allow(call).then_some(());
                let found = indexed.first_of_clone(user, Some(clone), says);
                prop_assert_eq!(found.map(|(rule, ())| Arc::as_ptr(rule)), read.map(Arc::as_ptr));
                let alone = indexed.first_of_clone(user, None, says).map(|(rule, ())| Arc::as_ptr(rule));
                prop_assert_eq!(alone, indexed.first(user, says).map(|(rule, ())| Arc::as_ptr(rule)));
            }
        }
    }
}
