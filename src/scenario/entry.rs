//! One rule as it is written, in a scenario file or as an override.

use super::status::Written;
use super::target::targets;
use super::{Calls, Rule, RuleLabel};
use crate::contract::RESET_RANDOM_PASSWORD;
use crate::fixture::Loaded;
use crate::source::{Document, Fields, Location, Problem, Problems, Source, Text, Value, Vocabulary};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

const RULE: Vocabulary = Vocabulary {
    what: "a rule",
    known: &["name", "when", "status", "error", "headers", "undocumented", "body"],
    later: &["sequence", "then", "delay", "fault", "phase"],
};
const WHEN: Vocabulary = Vocabulary {
    what: "`when`",
    known: &["project", "user", "calls"],
    later: &["account", "operation", "chance", "time_ms", "header", "query", "token_calls"],
};
const NAME_CHARS: RangeInclusive<usize> = 1..=200;

/// The names of rules that are taken, and where.
#[derive(Default)]
pub(crate) struct Names(HashMap<Box<str>, Location>);

/// The fields of a rule, each of the right type.
pub(super) struct Entry<'v> {
    fields: Fields<'v>,
    name: Option<Text<'v>>,
    projects: Option<Vec<Text<'v>>>,
    users: Option<Vec<Text<'v>>>,
    calls: Option<Text<'v>>,
    status: Written<'v>,
}

impl<'v> Entry<'v> {
    /// Takes a rule apart; the first thing that is not in its place is the problem.
    pub(super) fn of(source: &'v Arc<Source>, value: &'v Value<'v>) -> Result<Self, Box<Problem>> {
        let fields = Fields::of(source, value, &RULE)?;
        let name = fields.text("name")?;
        let when = match fields.value("when") {
            Some(when) => Some(Fields::of(source, when, &WHEN)?),
            None => None,
        };
        let (projects, users, calls) = match &when {
            Some(when) => (when.one_or_more_texts("project")?, when.one_or_more_texts("user")?, when.text("calls")?),
            None => (None, None, None),
        };
        let status = Written::of(source, &fields)?;
        Ok(Self { fields, name, projects, users, calls, status })
    }

    pub(super) fn name(&self) -> Option<&Text<'v>> {
        self.name.as_ref()
    }

    pub(super) fn missing_name(&self) -> Box<Problem> {
        self.fields.missing("name")
    }

    /// Checks what the rule says, and compiles it. Every problem is kept.
    pub(super) fn compile(self, label: Arc<RuleLabel>, loaded: &Loaded, problems: &mut Problems) -> Option<Rule> {
        let targets = targets(self.projects.as_deref(), self.users.as_deref(), loaded, problems);
        let calls = match &self.calls {
            Some(text) => problems.keep(Calls::of(text)),
            None => Some(Calls::default()),
        };
        let status = self.status.check(&self.fields, &RESET_RANDOM_PASSWORD, problems);
        Some(Rule { label, targets: targets?, calls: calls?, status: status? })
    }
}

/// Compiles the one rule of an override. Its name, if it has none, is its place.
pub(crate) fn override_rule(
    document: &Document<'_>,
    place: &str,
    loaded: &Loaded,
    problems: &mut Problems,
) -> Option<Rule> {
    let entry = problems.keep(Entry::of(document.source, &document.root))?;
    let name = match entry.name() {
        Some(name) => problems.keep(checked_name(name))?.to_owned(),
        None => place.to_owned(),
    };
    let label = Arc::new(RuleLabel { name, place: place.to_owned() });
    entry.compile(label, loaded, problems)
}

impl Names {
    /// Takes a name, which must not be taken.
    pub(super) fn take(&mut self, name: &str, at: Location) -> Result<(), Box<Problem>> {
        if let Some(first) = self.0.get(name) {
            let problem = Problem::new(
                format!("two rules are called `{name}`"),
                at,
                "expected a name of its own: reports name rules",
            );
            return Err(problem.also(first.clone(), "first given here").boxed());
        }
        self.0.insert(name.into(), at);
        Ok(())
    }
}

pub(super) fn checked_name<'v>(name: &Text<'v>) -> Result<&'v str, Box<Problem>> {
    let count = name.value.chars().count();
    if NAME_CHARS.contains(&count) && !name.value.contains(char::is_control) {
        return Ok(name.value);
    }
    Err(Problem::new(
        "this cannot be the name of a rule",
        name.location(),
        format!("expected {} to {} characters on one line", NAME_CHARS.start(), NAME_CHARS.end()),
    )
    .boxed())
}
