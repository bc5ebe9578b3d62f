//! Rules set at run time. They are read before all others, the newest first.

use crate::ids::{CloneIndex, ProjectIndex};
use crate::scenario::{Overriding, Rule, RuleLabel, Rules, Targets};
use crate::state::ledger::clones::Clones;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One override, with the rule as it was sent, word for word.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub(crate) id: u64,
    pub(crate) written: Arc<RawValue>,
    pub(crate) label: Arc<RuleLabel>,
    /// One, or with `next` one for each user.
    pub(in crate::state) rules: Vec<Arc<Rule>>,
    /// The calls that `next` stands for.
    pub(crate) next: Arc<[NextCalls]>,
    /// The calls left, if `next` is for any user.
    pub(in crate::state) turns: Option<Turns>,
}

/// Number of further calls, of any user and in order of arrival, that an override applies to.
#[derive(Clone, Debug)]
pub(in crate::state) struct Turns {
    pub(super) id: u64,
    pub(super) left: Arc<AtomicU64>,
}

/// The next calls of a user as of when an override was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextCalls {
    pub(crate) project: String,
    pub(crate) user: String,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Overrides in force, the newest first.
#[derive(Debug, Default)]
pub(in crate::state) struct Overrides {
    pub(in crate::state) all: Vec<Override>,
    pub(in crate::state) rules: Rules,
}

impl Overrides {
    pub(in crate::state) fn new(all: Vec<Override>) -> Self {
        let rules = Rules::new(all.iter().flat_map(|one| &one.rules).cloned().collect());
        Self { all, rules }
    }

    /// The number of calls that an override for calls of any user still applies to.
    pub(in crate::state) fn turns_left(&self, id: u64) -> Option<&AtomicU64> {
        let turns = self.all.iter().find_map(|one| one.turns.as_ref().filter(|turns| turns.id == id));
        turns.map(|turns| &*turns.left)
    }

    /// The overrides left after a reset of a project, or of everything.
    pub(in crate::state) fn after_reset(&self, project: Option<ProjectIndex>) -> Self {
        let Some(project) = project else {
            return Self::default();
        };
        self.without(|other| other == project)
    }

    /// The overrides left when a clone is deleted, and these are present.
    pub(in crate::state) fn without_clone(self: &Arc<Self>, clone: CloneIndex, present: &Clones) -> Arc<Self> {
        let is_it = |project| project == clone.project();
        // Most do not name it, and then none is dropped.
        if !self.all.iter().flat_map(|one| &one.rules).any(|rule| projects_of(&rule.targets).any(is_it)) {
            return Arc::clone(self);
        }
        // One that names several stays until all of them are gone.
        Arc::new(self.without(|project| matches!(project, ProjectIndex::Clone(clone) if !present.is_present(clone))))
    }

    /// The overrides that still apply to a project when these are gone.
    fn without(&self, gone: impl Fn(ProjectIndex) -> bool) -> Self {
        let holds = |targets: &Targets| *targets == Targets::Everyone || !projects_of(targets).all(&gone);
        let holds = |one: &&Override| one.rules.iter().any(|rule| holds(&rule.targets));
        Self::new(self.all.iter().filter(holds).cloned().collect())
    }
}

impl Override {
    /// Whether it applies to this project or clone alone.
    pub(super) fn is_of(&self, project: ProjectIndex) -> bool {
        let is_of = |targets: &Targets| *targets != Targets::Everyone && projects_of(targets).all(|one| one == project);
        self.rules.iter().all(|rule| is_of(&rule.targets))
    }
}

/// The projects to which a rule is limited; empty if it applies to all.
fn projects_of(targets: &Targets) -> impl Iterator<Item = ProjectIndex> {
    let (projects, users) = match targets {
        Targets::Everyone => (&[][..], &[][..]),
        Targets::Projects(projects) => (projects.as_slice(), &[][..]),
        Targets::Users(users) => (&[][..], users.as_slice()),
    };
    projects.iter().copied().chain(users.iter().map(|user| user.project))
}

impl Turns {
    pub(in crate::state) fn of(overriding: &Overriding, id: u64) -> Option<Self> {
        let count = overriding.next.filter(|_| overriding.is_for_anyone)?;
        Some(Self { id, left: Arc::new(AtomicU64::new(count)) })
    }
}

impl Override {
    /// Number of calls left, if the override counts the calls of all users.
    pub(crate) fn left(&self) -> Option<u64> {
        self.turns.as_ref().map(|turns| turns.left.load(Ordering::Relaxed))
    }
}
