//! Selects the users and accounts that an expectation applies to.

use super::cancel::{Cancel, Cancelled};
use super::evidence::Evidence;
use crate::ids::{Party, ProjectIndex, UserKey};
use crate::scenario::{Expectation, Targets};
use std::collections::{BTreeMap, HashMap};

impl Evidence {
    /// The callers of the operation, with their numbers of calls.
    pub(super) fn callers_of(&self, expectation: &Expectation) -> &[(Party, u64)] {
        self.callers.get(&expectation.operation).map_or(&[], Vec::as_slice)
    }

    /// The callers, and with 0 calls all others that were sent a message, by whatever operation.
    pub(super) fn callers_and_told(&self, expectation: &Expectation) -> Vec<(Party, u64)> {
        let told = self.messages.keys().filter(|user| self.told(expectation, **user).next().is_some());
        let mut all: BTreeMap<_, _> = told.map(|user| (Party::User(*user), 0)).collect();
        all.extend(self.callers_of(expectation).iter().copied());
        all.into_iter().collect()
    }

    /// The parties that the expectation is about, with the number of their calls. `None` if it is about another project. In
    /// a clone it is about those that it is about in the project that the clone was made of.
    pub(super) fn parties(
        &self,
        expectation: &Expectation,
        all: &[(Party, u64)],
        project: Option<ProjectIndex>,
        cancel: &Cancel<'_>,
    ) -> Result<Option<Vec<(Party, u64)>>, Cancelled> {
        cancel.long_step()?;
        let targets = &expectation.targets;
        if expectation.operation.is_of_accounts() {
            return Ok(project.is_none().then(|| self.accounts(expectation)));
        }
        let asked = |index: ProjectIndex| project.map_or_else(|| !self.own.contains(&index), |only| only == index);
        let of = |is_asked: &dyn Fn(ProjectIndex) -> bool| {
            let is_asked = |(party, _): &&(Party, u64)| party.user().is_some_and(|user| is_asked(user.project));
            all.iter().filter(is_asked).copied().collect()
        };
        Ok(match targets {
            Targets::Everyone => Some(of(&asked)),
            Targets::Projects(projects) => {
                let of_them = |index: ProjectIndex| asked(index) && projects.contains(&self.template(index));
                project.is_none_or(of_them).then(|| of(&of_them))
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
        })
    }

    /// The callers in clones, by the user of the original.
    fn in_clones(&self, all: &[(Party, u64)]) -> HashMap<UserKey, Vec<(Party, u64)>> {
        let mut found = HashMap::<_, Vec<_>>::new();
        let all = all.iter().filter(|_| !self.clones.is_empty());
        for (party, key, calls) in all.filter_map(|(party, calls)| Some((*party, party.user()?, *calls))) {
            let original = UserKey { project: self.template(key.project), ..key };
            if original != key && !self.own.contains(&key.project) {
                found.entry(original).or_default().push((party, calls));
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
        let callers = self.callers_of(expectation);
        if expectation.accounts.is_empty() {
            return callers.to_vec();
        }
        let named = expectation.accounts.iter().map(|index| Party::Account(*index));
        named.map(|account| (account, calls_by(callers, account).unwrap_or(0))).collect()
    }
}

/// The number of calls of a party, if it called.
pub(super) fn calls_by(callers: &[(Party, u64)], party: Party) -> Option<u64> {
    let found = callers.binary_search_by_key(&party, |(caller, _)| *caller).ok();
    found.and_then(|at| callers.get(at)).map(|(_, calls)| *calls)
}

/// A named user, in their project and in each clone of it in which they called. Without calls in the original they are left
/// out there if they called in a clone.
fn named(
    all: &[(Party, u64)],
    in_clones: &HashMap<UserKey, Vec<(Party, u64)>>,
    user: UserKey,
    project: Option<ProjectIndex>,
) -> Vec<(Party, u64)> {
    if let Some(project) = project {
        let party = Party::User(UserKey { project, ..user });
        return vec![(party, calls_by(all, party).unwrap_or(0))];
    }
    let mut found = in_clones.get(&user).cloned().unwrap_or_default();
    let own = calls_by(all, Party::User(user));
    if own.is_some() || found.is_empty() {
        found.insert(0, (Party::User(user), own.unwrap_or(0)));
    }
    found
}
