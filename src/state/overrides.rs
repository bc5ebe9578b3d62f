//! Rules set at run time. They are read before all others, the newest first.

use crate::engine::SetUp;
use crate::limits::Limits;
use crate::scenario::{Rule, Rules, Targets, override_rule};
use crate::source::{Problems, Source, parse};
use serde_json::value::RawValue;
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
        let left = self.all.iter().filter(|one| !is_only_for(&one.rule.targets, project));
        Self::new(left.cloned().collect())
    }
}

fn is_only_for(targets: &Targets, project: u32) -> bool {
    match targets {
        Targets::Everyone => false,
        Targets::Projects(projects) => projects.iter().all(|other| *other == project),
        Targets::Users(users) => users.iter().all(|user| user.project == project),
    }
}

/// Compiles the text of a rule; `place` names it.
pub(super) fn compile(text: &str, place: &str, set_up: &SetUp, limits: &Limits) -> Result<Rule, Problems> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(limits.errors_shown_max);
    let document = problems.keep(parse(&source, limits));
    let rule = document.and_then(|document| override_rule(&document, place, &set_up.loaded, limits, &mut problems));
    rule.ok_or(problems)
}
