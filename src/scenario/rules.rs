//! Rules in the order in which they are read, found by user.

use super::{Facets, Rule, Targets};
use crate::contract::{Operation, Scripted, Subject};
use crate::ids::{CallTarget, ProjectIndex, UserIndex, UserKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rules, the first of which that matches wins.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    all: Vec<Arc<Rule>>,
    everyone: Vec<u32>,
    /// By ascending project.
    projects: Vec<OfProject>,
    /// In place of those, of a clone's own scenario: room for all users of a large project would be too much for each.
    sparse: Option<Box<Sparse>>,
    /// Those of operations whose calls are counted of accounts, and of messages.
    of_others: Vec<u32>,
    /// Those about uses of tokens.
    of_tokens: Vec<u32>,
    /// Facets that some rule sets; the search ends once they are found.
    facets: Facets,
}

/// The rules of one project, as indices.
#[derive(Debug)]
struct OfProject {
    project: ProjectIndex,
    whole: Vec<u32>,
    /// Those of user `n` are from `starts[n]` to `starts[n + 1]` in `of_users`. A look is cheaper than a hash, and most
    /// users have none.
    starts: Vec<u32>,
    of_users: Vec<u32>,
}

/// Rules of users and projects as pairs in order, which take no more room than there are rules.
#[derive(Debug, Default)]
struct Sparse {
    users: Vec<UserKey>,
    of_users: Vec<u32>,
    projects: Vec<ProjectIndex>,
    of_projects: Vec<u32>,
}

/// The rules for a call, in order.
pub(crate) enum RulesOfCall<'r> {
    None,
    Indexed(OfUser<'r>),
    /// The places of rules among which those for the call are.
    Listed {
        rules: &'r Rules,
        places: std::slice::Iter<'r, u32>,
        what: Scripted,
        target: Option<CallTarget>,
    },
}

/// The rules of a user, in order.
pub(crate) struct OfUser<'r> {
    all: &'r [Arc<Rule>],
    /// Indices, each ascending: of the user's own rules, of the project's, of everyone's, and in a clone of those for it
    /// alone.
    lists: [&'r [u32]; 5],
}

impl Rules {
    pub(crate) fn new(all: Vec<Arc<Rule>>) -> Self {
        Self::indexed(all, |targets| *targets != Targets::Everyone)
    }

    /// The index of those of users and projects that are `kept` here.
    fn indexed(all: Vec<Arc<Rule>>, kept: impl Fn(&Targets) -> bool) -> Self {
        let (mut everyone, mut of_others, mut of_tokens) = (Vec::new(), Vec::new(), Vec::new());
        let mut projects: BTreeMap<_, (Vec<_>, Vec<_>)> = BTreeMap::new();
        for (index, rule) in (0_u32..).zip(&all) {
            match &rule.targets {
                _ if rule.token_calls.is_some() => of_tokens.push(index),
                _ if rule.operation.subject != Subject::User => of_others.push(index),
                Targets::Everyone => everyone.push(index),
                targets if !kept(targets) => {}
                Targets::Projects(named) => {
                    for project in named {
                        projects.entry(*project).or_default().0.push(index);
                    }
                }
                Targets::Users(users) => {
                    for user in users {
                        let own = user.user.loaded().map(|user| (user, index));
                        projects.entry(user.project).or_default().1.extend(own);
                    }
                }
            }
        }
        let projects = projects.into_iter().map(|(project, (whole, pairs))| OfProject::new(project, whole, pairs));
        let facets = all.iter().fold(Facets::default(), |facets, rule| facets.or(rule.facets()));
        Self { everyone, projects: projects.collect(), sparse: None, of_others, of_tokens, facets, all }
    }

    /// The same in little room. They are found for calls in clones alone.
    pub(crate) fn sparse(all: Vec<Arc<Rule>>) -> Self {
        let (mut users, mut projects) = (Vec::<(UserKey, u32)>::new(), Vec::<(ProjectIndex, u32)>::new());
        for (index, rule) in (0_u32..).zip(&all) {
            match &rule.targets {
                _ if rule.token_calls.is_some() || rule.operation.subject != Subject::User => {}
                Targets::Everyone => {}
                Targets::Projects(named) => projects.extend(named.iter().map(|project| (*project, index))),
                Targets::Users(named) => users.extend(named.iter().map(|user| (*user, index))),
            }
        }
        users.sort_unstable();
        projects.sort_unstable();
        let (users, of_users) = users.into_iter().unzip();
        let (projects, of_projects) = projects.into_iter().unzip();
        let sparse = Some(Box::new(Sparse { users, of_users, projects, of_projects }));
        Self { sparse, ..Self::indexed(all, |_| false) }
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn all(&self) -> &[Arc<Rule>] {
        &self.all
    }

    /// The rules for a call or a message, in order. Most calls have none.
    #[inline]
    pub(crate) fn of_call(&self, what: Scripted, target: Option<CallTarget>) -> RulesOfCall<'_> {
        // Most setups have no overrides.
        if self.all.is_empty() { RulesOfCall::None } else { self.some_of_call(what, target) }
    }

    fn some_of_call(&self, what: Scripted, target: Option<CallTarget>) -> RulesOfCall<'_> {
        match (what, target) {
            (Scripted::Operation(Operation::ResetRandomPassword), Some(target)) => self.of_reset(target),
            _ => RulesOfCall::Listed { rules: self, places: self.of_others.iter(), what, target },
        }
    }

    /// The rules about uses of tokens, in order.
    pub(crate) fn of_tokens(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.of_tokens.iter().filter_map(|index| self.all.get(*index as usize))
    }

    /// Facets that some rule sets.
    pub(crate) fn facets(&self) -> Facets {
        self.facets
    }

    /// The rules for a reset. In a clone the rules for the template hold, and those that name the clone.
    #[inline]
    fn of_reset(&self, CallTarget { project, user, clone }: CallTarget) -> RulesOfCall<'_> {
        let of_user = |project| match &self.sparse {
            None => self.of_user(project, user),
            Some(sparse) => sparse.of_user(project, user),
        };
        let [own, whole] = of_user(project);
        let [own_there, whole_there] = clone.map_or([&[][..]; 2], |clone| of_user(clone.project()));
        let lists = [own, whole, &self.everyone, own_there, whole_there];
        if lists.iter().all(|list| list.is_empty()) {
            return RulesOfCall::None;
        }
        RulesOfCall::Indexed(OfUser { all: &self.all, lists })
    }

    /// The rules of a user, and those of the whole project.
    #[inline]
    fn of_user(&self, project: ProjectIndex, user: Option<UserIndex>) -> [&[u32]; 2] {
        let rules = match self.projects.as_slice() {
            // One is sooner compared than searched for.
            [only] => Some(only).filter(|only| only.project == project),
            projects => {
                let found = projects.binary_search_by_key(&project, |rules| rules.project);
                found.ok().and_then(|at| projects.get(at))
            }
        };
        rules.map_or([&[][..]; 2], |rules| [user.map_or(&[][..], |user| rules.of_user(user)), &rules.whole])
    }
}

impl Sparse {
    /// The rules of a user, and those of the whole project.
    fn of_user(&self, project: ProjectIndex, user: Option<UserIndex>) -> [&[u32]; 2] {
        let own = user.and_then(|user| equal(&self.users, &UserKey::loaded(project, user)));
        let own = own.and_then(|range| self.of_users.get(range));
        let whole = equal(&self.projects, &project).and_then(|range| self.of_projects.get(range));
        [own.unwrap_or(&[]), whole.unwrap_or(&[])]
    }
}

/// The place of a rule in a list.
fn place(length: usize) -> u32 {
    invariant!(u32::try_from(length).ok(), u32::MAX, "rules are bounded")
}

/// Where in a sorted list the entries stand that are equal to one.
fn equal<T: Ord>(sorted: &[T], one: &T) -> Option<std::ops::Range<usize>> {
    let range = sorted.partition_point(|other| other < one)..sorted.partition_point(|other| other <= one);
    (!range.is_empty()).then_some(range)
}

impl OfProject {
    /// Of the rules of the whole project, and of users with the indices of theirs.
    fn new(project: ProjectIndex, whole: Vec<u32>, mut pairs: Vec<(UserIndex, u32)>) -> Self {
        pairs.sort_unstable();
        let (mut starts, mut of_users) = (Vec::new(), Vec::with_capacity(pairs.len()));
        for (user, index) in pairs {
            let count = (user.at() + 1).max(starts.len());
            starts.resize(count, place(of_users.len()));
            of_users.push(index);
        }
        starts.push(place(of_users.len()));
        Self { project, whole, starts, of_users }
    }

    fn of_user(&self, user: UserIndex) -> &[u32] {
        let at = user.at();
        let (Some(start), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return &[];
        };
        part!(self.of_users, *start as usize..*end as usize)
    }
}

impl<'r> Iterator for RulesOfCall<'r> {
    type Item = &'r Arc<Rule>;

    #[inline]
    fn next(&mut self) -> Option<&'r Arc<Rule>> {
        match self {
            Self::None => None,
            Self::Indexed(rules) => rules.next(),
            Self::Listed { rules, places, what, target } => {
                let rules = places.filter_map(|place| rules.all.get(*place as usize));
                let mut of_it = rules.filter(|rule| rule.operation == *what);
                of_it.find(|rule| target.is_none_or(|target| rule.targets.include(target)))
            }
        }
    }
}

impl<'r> Iterator for OfUser<'r> {
    type Item = &'r Arc<Rule>;

    fn next(&mut self) -> Option<&'r Arc<Rule>> {
        let nearest = self.lists.iter().filter_map(|list| list.first()).min()?;
        for list in &mut self.lists {
            if list.first() == Some(nearest) {
                *list = part!(list, 1..);
            }
        }
        self.all.get(*nearest as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CloneIndex;
    use proptest::prelude::*;

    fn matches(rule: &Rule, user: UserKey, call: u64) -> bool {
        let targeted = match &rule.targets {
            Targets::Everyone => true,
            Targets::Projects(projects) => projects.contains(&user.project),
            Targets::Users(users) => users.contains(&user),
        };
        targeted && rule.calls.allow(call)
    }

    fn targets() -> impl Strategy<Value = Targets> {
        let project = || {
            let loaded = (0..2_u32).prop_map(ProjectIndex::new);
            prop_oneof![loaded, (0..2_u32).prop_map(|clone| CloneIndex::new(clone).project())]
        };
        let user = (project(), 0..3_u32).prop_map(|(project, user)| UserKey::loaded(project, UserIndex::new(user)));
        prop_oneof![
            Just(Targets::Everyone),
            prop::collection::btree_set(project(), 1..2).prop_map(|set| Targets::Projects(set.into_iter().collect())),
            prop::collection::btree_set(user, 1..4).prop_map(|set| Targets::Users(set.into_iter().collect())),
        ]
    }

    proptest! {
        #[test]
        fn index_agrees_with_a_search_in_order(
            rules in prop::collection::vec((targets(), "[1-4]|[1-2]-[3-4]|\\*/2"), 0..12),
        ) {
            let rules: Vec<_> = rules.into_iter().map(|(targets, calls)| Arc::new(Rule::failing(targets, &calls))).collect();
            let (indexed, sparse) = (Rules::new(rules.clone()), Rules::sparse(rules.clone()));
            for (project, user, call) in (0..2).flat_map(|p| (0..3).flat_map(move |u| (1..6).map(move |c| (p, u, c)))) {
                let index = UserIndex::new(user);
                let user = UserKey::at(project, user);
                let read = rules.iter().find(|rule| matches(rule, user, call));
                let reset = Operation::ResetRandomPassword.into();
                let target = CallTarget { project: user.project, user: Some(index), clone: None };
                let found = indexed.of_call(reset, Some(target)).find(|rule| rule.calls.allow(call));
                prop_assert_eq!(found.map(Arc::as_ptr), read.map(Arc::as_ptr));
                let clone = CloneIndex::new(1 - project);
                let own = UserKey { project: clone.project(), ..user };
                let read = rules.iter().find(|rule| matches(rule, user, call) || matches(rule, own, call));
                let target = Some(CallTarget { clone: Some(clone), ..target });
                let found = indexed.of_call(reset, target).find(|rule| rule.calls.allow(call));
                prop_assert_eq!(found.map(Arc::as_ptr), read.map(Arc::as_ptr));
                let found = sparse.of_call(reset, target).find(|rule| rule.calls.allow(call));
                prop_assert_eq!(found.map(Arc::as_ptr), read.map(Arc::as_ptr));
            }
        }
    }
}
