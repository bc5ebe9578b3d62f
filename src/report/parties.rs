//! Whom an expectation is about.

use super::cancel::Cancel;
use super::evidence::Evidence;
use crate::contract::Subject;
use crate::ids::{Party, ProjectIndex, UserKey};
use crate::scenario::{Expectation, Targets};
use std::collections::{BTreeMap, HashMap};

impl Evidence {
    /// Who made calls of the operation, and how many.
    pub(super) fn callers_of(&self, expectation: &Expectation) -> &[(UserKey, u64)] {
        match expectation.operation.subject {
            Subject::Person => self.person_callers.get(expectation.operation.id).map_or(&[], Vec::as_slice),
            _ => &self.callers,
        }
    }

    /// The same, and whoever was sent a message, by whatever operation: who did not call has no calls.
    pub(super) fn callers_and_told(&self, expectation: &Expectation) -> Vec<(UserKey, u64)> {
        let mut all: BTreeMap<_, _> = self.messages.keys().map(|user| (*user, 0)).collect();
        all.retain(|user, _| self.told(expectation, *user).next().is_some());
        all.extend(self.callers_of(expectation).iter().copied());
        all.into_iter().collect()
    }

    /// Whom of these the expectation is about, with the number of their calls. `None` if it is about another project. In a
    /// clone it is about those whom it is about in the project that the clone was made of.
    pub(super) fn whom<E>(
        &self,
        expectation: &Expectation,
        all: &[(UserKey, u64)],
        project: Option<ProjectIndex>,
        cancel: &Cancel<'_, E>,
    ) -> Result<Option<Vec<(Party, u64)>>, E> {
        cancel.long_step()?;
        let targets = &expectation.targets;
        if expectation.operation.is_of_accounts() {
            return Ok(project.is_none().then(|| self.accounts(expectation)));
        }
        let asked = |index: ProjectIndex| project.map_or_else(|| !self.own.contains(&index), |only| only == index);
        let found: Option<Vec<(UserKey, u64)>> = match targets {
            Targets::Everyone => Some(all.iter().filter(|(user, _)| asked(user.project)).copied().collect()),
            Targets::Projects(projects) => {
                let of_them = |index: ProjectIndex| asked(index) && projects.contains(&self.template(index));
                let callers = || all.iter().filter(|(user, _)| of_them(user.project)).copied().collect();
                project.is_none_or(of_them).then(callers)
            }
            Targets::Users(users) => {
                let asked = |user: &&UserKey| project.is_none_or(|only| self.template(only) == user.project);
                let asked: Vec<_> = users.iter().filter(asked).collect();
                let in_clones = self.in_clones(all);
                let mut found = Vec::new();
                for user in &asked {
                    cancel.step()?;
                    found.extend(named(all, &in_clones, **user, project));
                }
                (!asked.is_empty()).then_some(found)
            }
        };
        Ok(found.map(|found| found.into_iter().map(|(user, calls)| (Party::User(user), calls)).collect()))
    }

    /// Those of these who called in clones, by the user of the original.
    fn in_clones(&self, all: &[(UserKey, u64)]) -> HashMap<UserKey, Vec<(UserKey, u64)>> {
        let mut found = HashMap::<_, Vec<_>>::new();
        if !self.clones.is_empty() {
            for (key, calls) in all {
                let original = UserKey { project: self.template(key.project), ..*key };
                if original != *key && !self.own.contains(&key.project) {
                    found.entry(original).or_default().push((*key, *calls));
                }
            }
        }
        found
    }

    /// The loaded project that a project is, or was made of.
    pub(super) fn template(&self, project: ProjectIndex) -> ProjectIndex {
        self.clones.get(&project).map_or(project, |clone| clone.template)
    }

    /// The accounts that the expectation is about, with the number of their calls.
    fn accounts(&self, expectation: &Expectation) -> Vec<(Party, u64)> {
        let callers = self.account_callers.get(expectation.operation.id).map_or(&[][..], Vec::as_slice);
        let calls = |key: &Party| callers.iter().find(|(caller, _)| caller == key).map_or(0, |(_, calls)| *calls);
        if expectation.accounts.is_empty() {
            return callers.to_vec();
        }
        let named = expectation.accounts.iter().map(|index| Party::Account(*index));
        named.map(|account| (account, calls(&account))).collect()
    }
}

/// A user who is named, in his project and wherever he is found in a clone of it. Who called in clones alone needs not
/// have called elsewhere.
fn named(
    all: &[(UserKey, u64)],
    in_clones: &HashMap<UserKey, Vec<(UserKey, u64)>>,
    user: UserKey,
    project: Option<ProjectIndex>,
) -> Vec<(UserKey, u64)> {
    let found_at = |key: UserKey| {
        let found = all.binary_search_by_key(&key, |(caller, _)| *caller).ok();
        found.and_then(|at| all.get(at)).copied()
    };
    if let Some(project) = project {
        let key = UserKey { project, ..user };
        return vec![found_at(key).unwrap_or((key, 0))];
    }
    let mut found = in_clones.get(&user).cloned().unwrap_or_default();
    let own = found_at(user);
    if own.is_some() || found.is_empty() {
        found.insert(0, own.unwrap_or((user, 0)));
    }
    found
}
