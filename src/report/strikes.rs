//! Counts how often rules, overrides and `down` windows struck.
//!
//! A drill whose rules never strike proves nothing.

use crate::contract::Subject;
use crate::engine::Setup;
use crate::ids::ProjectIndex;
use crate::scenario::{Rule, RuleLabel};
use crate::state::{Running, State, Whose};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Strikes of a rule, an override or a `down` window since the last reset.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RuleStrikes {
    /// The name; for a `down` window its times, as in `down [0, 3000]`.
    pub rule: String,
    /// The place: `file:line:column`, `--fault`, or `override 3`.
    pub place: String,
    /// Number of calls, messages or token uses that it affected.
    ///
    /// For a `down` window, the number of connections that it reset, at least 1: refused connections leave no trace.
    pub struck: u64,
}

/// A rule, an override or a `down` window that never struck.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NeverStruck {
    /// The name; for a `down` window its times, as in `down [0, 3000]`.
    pub rule: String,
    /// The place: `file:line:column`, `--fault`, or `override 3`.
    pub place: String,
    /// Why it could not strike, if its time window has not begun.
    pub why: Option<String>,
}

/// A rule or a `down` window that can strike.
struct Striker<'r> {
    label: &'r RuleLabel,
    time_ms: Option<&'r Range<u64>>,
    is_window: bool,
}

/// Strikes of each rule in order of evaluation, in one project or in all.
///
/// Embedded rules are left out, and so are rules that do not apply to the project.
pub(crate) fn strikes(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<RuleStrikes> {
    struck(running, project, whose).into_iter().map(|(one, struck)| RuleStrikes::of(one.label, struck)).collect()
}

/// Strikes of the embedded rules in force, which are evaluated last.
pub(crate) fn embedded_strikes(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<RuleStrikes> {
    let setup = setup_of(running, project);
    let times = running.struck(project, whose);
    let rules = setup.rules.all().iter().filter(|rule| setup.is_embedded(rule) && is_about(running, rule, project));
    rules.map(|rule| RuleStrikes::of(&rule.label, Striker::of(rule).times(&times))).collect()
}

/// The rules and `down` windows that never struck.
pub(super) fn never_struck(
    state: &State,
    running: &Running,
    project: Option<ProjectIndex>,
    whose: Whose,
) -> Vec<NeverStruck> {
    let now_ms = state.clock.now_ms();
    let never = struck(running, project, whose).into_iter().filter(|(_, struck)| *struck == 0).map(|(one, _)| one);
    never
        .map(|one| NeverStruck {
            rule: one.label.name.clone(),
            place: one.label.place.clone(),
            why: one.time_ms.filter(|window| window.start > now_ms).map(|window| {
                format!("its time window starts at {} ms, and the clock is at {now_ms} ms", window.start)
            }),
        })
        .collect()
}

/// The name of the first `down` window that struck.
pub(super) fn struck_window(running: &Running, project: Option<ProjectIndex>) -> Option<String> {
    let found =
        struck(running, project, Whose::Everyone).into_iter().find(|(one, struck)| one.is_window && *struck > 0);
    found.map(|(one, _)| one.label.name.clone())
}

/// All strikers with their strikes. Without a project, this includes the rules of clones' own scenarios.
fn struck(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<(Striker<'_>, u64)> {
    let times = running.struck(project, whose);
    let mut all: Vec<_> = strikers(running, project).into_iter().map(|one| one.counted(&times)).collect();
    let own = if project.is_none() { running.with_own_scenario_in_order() } else { Vec::new() };
    for (clone, own) in own {
        let times = clone.struck(whose);
        let rules = own.rules.all().iter().filter(|rule| own.has_written(&rule.label));
        all.extend(rules.map(|rule| Striker::of(rule).counted(&times)));
    }
    all
}

impl RuleStrikes {
    fn of(label: &RuleLabel, struck: u64) -> Self {
        Self { rule: label.name.clone(), place: label.place.clone(), struck }
    }
}

impl<'r> Striker<'r> {
    fn of(rule: &'r Arc<Rule>) -> Self {
        Self { label: &rule.label, time_ms: rule.conditions().time_ms(), is_window: false }
    }

    fn counted(self, struck: &HashMap<String, u64>) -> (Self, u64) {
        let times = self.times(struck);
        (self, times)
    }

    fn times(&self, struck: &HashMap<String, u64>) -> u64 {
        let times = struck.get(&self.label.name).copied();
        if self.is_window { times.map_or(0, |reset| reset.max(1)) } else { times.unwrap_or(0) }
    }
}

/// The setup of the project: that of a clone with a scenario of its own, or else the running one.
fn setup_of(running: &Running, project: Option<ProjectIndex>) -> &Arc<Setup> {
    project.and_then(|index| running.own_setup(index)).unwrap_or(&running.setup)
}

fn strikers(running: &Running, project: Option<ProjectIndex>) -> Vec<Striker<'_>> {
    let setup = setup_of(running, project);
    let mut known = HashSet::new();
    let overrides = running.override_rules().all();
    let rules = overrides.iter().chain(setup.rules.all().iter().filter(|rule| !setup.is_embedded(rule)));
    // An override of the next calls has one rule for each user, all with one label.
    let rules = rules.filter(|rule| is_about(running, rule, project) && known.insert(Arc::as_ptr(&rule.label)));
    let windows = setup.down.windows().iter().filter(|_| project.is_none());
    let windows = windows.map(|one| Striker { label: &one.label, time_ms: Some(&one.time_ms), is_window: true });
    rules.map(Striker::of).chain(windows).collect()
}

/// Whether a rule can strike in the project.
fn is_about(running: &Running, rule: &Rule, project: Option<ProjectIndex>) -> bool {
    let Some(project) = project else { return true };
    let template = running.place_at(project).map(|place| place.index);
    let is_there = |index: ProjectIndex| index == project || Some(index) == template;
    let of_users = rule.token_calls.is_none() && !matches!(rule.operation.subject, Subject::Caller);
    of_users && rule.targets.any(is_there, |user| is_there(user.project))
}
