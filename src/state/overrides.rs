//! Rules set at run time. They are read before all others, the newest first.

use super::clones::{Clones, is_clone};
use crate::limits::Limits;
use crate::scenario::{Known, Rule, Rules, Targets, override_rule};
use crate::source::{Problems, Source, parse};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::Arc;

/// One override, with the rule as it was sent, word for word.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub(crate) id: u64,
    pub(crate) written: Arc<RawValue>,
    pub(crate) rule: Arc<Rule>,
}

/// Why an override was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// So many are in force, and no more may be.
    Full(usize),
    /// All of them together would have more bytes than this.
    TooLarge(usize),
    /// Another rule is called so; where it stands.
    NameTaken(String),
    /// It is no rule.
    Wrong(Problems),
}

/// Overrides in force, the newest first.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    pub(super) all: Vec<Override>,
    pub(super) rules: Rules,
}

impl Overrides {
    pub(super) fn new(all: Vec<Override>) -> Self {
        let rules = Rules::new(all.iter().map(|one| Arc::clone(&one.rule)).collect());
        Self { all, rules }
    }

    /// Those that are left when a project, or everything, is reset.
    pub(super) fn after_reset(&self, project: Option<u32>) -> Self {
        let Some(project) = project else {
            return Self::default();
        };
        self.without(|other| other == project)
    }

    /// Those that are left of a set when there are no clones but these.
    pub(super) fn without_clones_but(self: &Arc<Self>, clones: &Clones) -> Arc<Self> {
        // Most name none, and then nothing needs to be looked at.
        if !self.all.iter().any(|one| projects_of(&one.rule.targets).any(is_clone)) {
            return Arc::clone(self);
        }
        let left: HashSet<_> = clones.iter().map(|clone| clone.index).collect();
        Arc::new(self.without(|project| is_clone(project) && !left.contains(&project)))
    }

    /// Those that hold for somebody when these projects are gone.
    fn without(&self, gone: impl Fn(u32) -> bool) -> Self {
        let holds = |targets: &Targets| *targets == Targets::Everyone || !projects_of(targets).all(&gone);
        Self::new(self.all.iter().filter(|one| holds(&one.rule.targets)).cloned().collect())
    }
}

/// The projects for whose users alone a rule holds; none if it holds for everyone.
fn projects_of(targets: &Targets) -> impl Iterator<Item = u32> {
    let (projects, users) = match targets {
        Targets::Everyone => (&[][..], &[][..]),
        Targets::Projects(projects) => (projects.as_slice(), &[][..]),
        Targets::Users(users) => (&[][..], users.as_slice()),
    };
    projects.iter().copied().chain(users.iter().map(|user| user.project))
}

/// Compiles the text of a rule; `place` names it.
pub(super) fn compile(text: &str, place: &str, known: Known<'_>, limits: &Limits) -> Result<Rule, Problems> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let document = problems.keep(parse(&source, limits));
    let rule = document.and_then(|document| override_rule(&document, place, known, &mut problems));
    rule.ok_or(problems)
}
