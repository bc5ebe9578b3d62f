//! The names of rules and expectations, which must be unique over all files.

use super::{Rule, RuleLabel};
use crate::diagnostics::{Location, Problem, Text, shown};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

pub(crate) const NAME_CHARS: RangeInclusive<usize> = 1..=200;

/// The names in use, each with the place that gives it.
#[derive(Default)]
pub(crate) struct Names {
    rules: HashMap<Box<str>, Location>,
    expectations: HashMap<Box<str>, Location>,
}

impl Names {
    /// The names of rules that are loaded already.
    pub(crate) fn of<'r>(rules: impl Iterator<Item = &'r Arc<Rule>>) -> Self {
        let taken = |rule: &Arc<Rule>| (rule.label.name.as_str().into(), Location::whole(rule.label.place.as_str()));
        Self { rules: rules.map(taken).collect(), ..Self::default() }
    }

    /// The names of expectations that are in force already.
    pub(crate) fn of_expectations<'e>(labels: impl Iterator<Item = &'e Arc<RuleLabel>>) -> Self {
        let taken = |label: &Arc<RuleLabel>| (label.name.as_str().into(), Location::whole(label.place.as_str()));
        Self { expectations: labels.map(taken).collect(), ..Self::default() }
    }

    /// Registers the name of a rule.
    ///
    /// # Errors
    ///
    /// If another rule has it.
    pub(super) fn take(&mut self, name: &str, at: Location) -> Result<(), Box<Problem>> {
        take(&mut self.rules, "rules", name, at)
    }

    /// Registers the name of an expectation.
    pub(super) fn take_expectation(&mut self, name: &str, at: Location) -> Result<(), Box<Problem>> {
        take(&mut self.expectations, "expectations", name, at)
    }
}

fn take(taken: &mut HashMap<Box<str>, Location>, what: &str, name: &str, at: Location) -> Result<(), Box<Problem>> {
    if let Some(first) = taken.get(name) {
        let expected = format!("expected a unique name: reports refer to {what} by name");
        let problem = Problem::new(format!("two {what} are named `{}`", shown(name)), at, expected);
        return Err(problem.also(first.clone(), "first given here").boxed());
    }
    taken.insert(name.into(), at);
    Ok(())
}

/// Whether a text can name a rule or an expectation.
pub(crate) fn is_name(text: &str) -> bool {
    NAME_CHARS.contains(&text.chars().count()) && !text.contains(char::is_control)
}

pub(super) fn checked_name<'v>(name: &Text<'v>) -> Result<&'v str, Box<Problem>> {
    if is_name(name.value) {
        return Ok(name.value);
    }
    Err(Problem::new(
        "invalid name",
        name.location(),
        format!("expected {} to {} characters on one line", NAME_CHARS.start(), NAME_CHARS.end()),
    )
    .boxed())
}
