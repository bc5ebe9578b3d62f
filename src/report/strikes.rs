//! Which rules, overrides and `down` windows struck, and which never did: a drill whose rules strike nobody proves nothing.

use crate::contract::Subject;
use crate::ids::ProjectIndex;
use crate::scenario::{Rule, RuleLabel};
use crate::state::{Running, State, Whose};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// How often a rule, an override or a `down` window has struck since the last reset.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RuleStrikes {
    /// The name; of a `down` window its times, as in `down [0, 3000]`.
    pub rule: String,
    /// Where it stands: `file:line:column`, `--fault`, or `override 3`.
    pub place: String,
    /// How many calls, messages or uses of tokens it decided something about. Of a `down` window how many connections were
    /// reset when it began, and 1 if none was: what it refuses leaves no trace.
    pub struck: u64,
}

/// A rule, an override or a `down` window that never struck.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NeverStruck {
    /// The name; of a `down` window its times, as in `down [0, 3000]`.
    pub rule: String,
    /// Where it stands: `file:line:column`, `--fault`, or `override 3`.
    pub place: String,
    /// Why it could not have struck, where time alone says so.
    pub why: Option<String>,
}

/// What can strike.
struct Striker<'r> {
    label: &'r RuleLabel,
    time_ms: Option<&'r Range<u64>>,
    is_window: bool,
}

/// Each rule in the order in which they are read, with its strikes in a project or in all. In a project those are left out
/// that are not about its users. The embedded rules are left out, since nobody chose them.
pub(crate) fn strikes(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<RuleStrikes> {
    let shown = |(one, struck): (Striker<'_>, u64)| RuleStrikes {
        rule: one.label.name.clone(),
        place: one.label.place.clone(),
        struck,
    };
    struck(running, project, whose).into_iter().map(shown).collect()
}

/// The embedded rules that are in force, which are read last, with their strikes.
pub(crate) fn embedded_strikes(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<RuleStrikes> {
    let own = running.with_own_scenario().find(|(clone, _)| project == Some(clone.index.project()));
    let setup = own.map_or(&running.setup, |(_, own)| own);
    let times = running.struck(project, whose);
    let rules = setup.rules.all().iter().filter(|rule| setup.is_embedded(rule) && is_about(running, rule, project));
    let shown = |rule: &Arc<Rule>| RuleStrikes {
        rule: rule.label.name.clone(),
        place: rule.label.place.clone(),
        struck: times.get(&rule.label.name).copied().unwrap_or(0),
    };
    rules.map(shown).collect()
}

/// Those that never struck.
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

/// The name of the first `down` window that kept a client out.
pub(super) fn struck_window(running: &Running, project: Option<ProjectIndex>) -> Option<String> {
    let found =
        struck(running, project, Whose::Everyone).into_iter().find(|(one, struck)| one.is_window && *struck > 0);
    found.map(|(one, _)| one.label.name.clone())
}

/// What can strike, and how often it did. Beside all projects stand the clones with a scenario of their own, with the rules
/// of that.
fn struck(running: &Running, project: Option<ProjectIndex>, whose: Whose) -> Vec<(Striker<'_>, u64)> {
    let times = running.struck(project, whose);
    let mut all: Vec<_> = strikers(running, project).into_iter().map(|one| one.counted(&times)).collect();
    let own = if project.is_none() { running.with_own_scenario_in_order() } else { Vec::new() };
    for (clone, own) in own {
        let times = clone.struck(whose);
        let rules = own.rules.all().iter().filter(|rule| own.has_written(&rule.label));
        all.extend(rules.map(|rule| {
            let one = Striker { label: &rule.label, time_ms: rule.conditions().time_ms(), is_window: false };
            one.counted(&times)
        }));
    }
    all
}

impl Striker<'_> {
    fn counted(self, struck: &HashMap<String, u64>) -> (Self, u64) {
        let times = self.times(struck);
        (self, times)
    }

    fn times(&self, struck: &HashMap<String, u64>) -> u64 {
        let times = struck.get(&self.label.name).copied();
        if self.is_window { times.map_or(0, |reset| reset.max(1)) } else { times.unwrap_or(0) }
    }
}

fn strikers(running: &Running, project: Option<ProjectIndex>) -> Vec<Striker<'_>> {
    let own = running.with_own_scenario().find(|(clone, _)| project == Some(clone.index.project()));
    let setup = own.map_or(&running.setup, |(_, own)| own);
    let mut known = HashSet::new();
    let overrides = running.override_rules().all();
    let rules = overrides.iter().chain(setup.rules.all().iter().filter(|rule| !setup.is_embedded(rule)));
    // An override of the next calls is a rule for each user.
    let rules = rules.filter(|rule| is_about(running, rule, project) && known.insert(Arc::as_ptr(&rule.label)));
    let rules =
        rules.map(|rule| Striker { label: &rule.label, time_ms: rule.conditions().time_ms(), is_window: false });
    let windows = setup.down.windows().iter().filter(|_| project.is_none());
    let windows = windows.map(|one| Striker { label: &one.label, time_ms: Some(&one.time_ms), is_window: true });
    rules.chain(windows).collect()
}

/// Whether a rule can strike in a project, or, without one, anywhere.
fn is_about(running: &Running, rule: &Rule, project: Option<ProjectIndex>) -> bool {
    let Some(project) = project else { return true };
    let template = running.clones.iter().find(|clone| clone.index.project() == project);
    let template = template.and_then(|clone| running.place_of(clone)).map(|place| place.index);
    let is_there = |index: ProjectIndex| index == project || Some(index) == template;
    let of_users = rule.token_calls.is_none() && !matches!(rule.operation.subject, Subject::Caller);
    of_users && rule.targets.any(is_there, |user| is_there(user.project))
}
