//! The summary of a run, from which all reports are written.

use super::{Coverage, CoverageUser, Required, RuleStrikes, StatusCoverage, Verdict};
use crate::state::times;
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;

/// Maximum number of expectations that a note lists.
const NAMED_MAX: usize = 10;
/// Maximum number of rules that a report lists.
const RULES_MAX: usize = 10_000;

/// Events during the run that exclude calls from the verdict.
#[derive(Debug, Default)]
pub(crate) struct Interference {
    pub(crate) resets: u64,
    /// Number of times that a scenario was set or removed.
    pub(crate) scenarios: u64,
    pub(crate) replaced: Vec<String>,
    /// Start of the command, in milliseconds since 1970.
    pub(crate) began_unix_ms: i64,
    /// Duration of the command.
    pub(crate) took: Duration,
}

/// Requirements of a run beside its expectations.
#[derive(Debug, Default)]
pub(crate) struct RunRequirements<'r> {
    pub(crate) coverage: Option<&'r Required>,
    /// Whether the run fails if a rule never struck, or an expectation judged nothing.
    pub(crate) strict: bool,
}

/// The summary of a run; serialized, it is the JSON report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    /// The verdict. Its `passed` is that of the run, which has further requirements.
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
    /// Start of the command.
    pub(crate) began: String,
    /// Duration of the command.
    pub(crate) took_ms: u64,
    /// Whether an empty proof fails the run.
    pub(crate) strict: bool,
    /// Number of resets; calls before them are not judged.
    pub(crate) resets: u64,
    /// Number of times that a scenario was set or removed; calls before that are not judged either.
    pub(crate) scenarios: u64,
    /// Names of the initial expectations that were replaced during the run.
    pub(crate) replaced: Vec<String>,
    /// The first [`RULES_MAX`] rules, overrides and `down` windows, with their strikes.
    pub(crate) rules: Vec<RuleStrikes>,
    pub(crate) coverage: Coverage,
    /// The required statuses.
    pub(crate) required: Vec<RequiredStatus>,
    /// Findings in the command's output; `None` if it was not searched.
    pub(crate) secrets_in_output: Option<Vec<String>>,
}

/// Characters that are kept of a long project id.
const SHORT: usize = 8;

/// A required status.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequiredStatus {
    pub(crate) operation: String,
    pub(crate) status: u16,
    pub(crate) met: bool,
}

impl Summary {
    pub(crate) fn new(
        verdict: Verdict,
        rules: Vec<RuleStrikes>,
        coverage: Coverage,
        requirements: &RunRequirements<'_>,
        secrets_in_output: Option<Vec<String>>,
        interference: Interference,
    ) -> Self {
        let Interference { resets, scenarios, replaced, began_unix_ms, took } = interference;
        let required = requirements.coverage;
        let asked_for = coverage.operations.iter().flat_map(|operation| {
            let requirements =
                |one: &&StatusCoverage| required.is_some_and(|required| required.asks_for(operation, one.status));
            operation.statuses.iter().filter(requirements).map(|one| RequiredStatus {
                operation: operation.operation.clone(),
                status: one.status,
                met: one.met,
            })
        });
        let required: Vec<_> = asked_for.collect();
        let silent = secrets_in_output.as_ref().is_none_or(Vec::is_empty);
        let began = times::with_millis(began_unix_ms).unwrap_or_default();
        let mut rules = rules;
        rules.truncate(RULES_MAX);
        let mut summary = Self {
            verdict,
            began,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            strict: requirements.strict,
            resets,
            scenarios,
            replaced,
            rules,
            coverage,
            required,
            secrets_in_output,
        };
        let required = summary.required.iter().all(|one| one.met);
        let strict = !summary.strict || summary.verdict.proves_nothing().next().is_none();
        summary.verdict.passed &= silent && required && strict;
        summary
    }

    /// Notes on what was not judged, and on findings that do not fail the run.
    pub(super) fn notes(&self) -> Vec<String> {
        let resets = match self.resets {
            0 => None,
            1 => Some("there was a reset: calls before it are not judged".to_owned()),
            more => Some(format!("there were {more} resets: calls before them are not judged")),
        };
        let scenarios = match self.scenarios {
            0 => None,
            1 => Some("the scenario was changed once: calls before that are not judged".to_owned()),
            more => Some(format!("the scenario was changed {more} times: calls before that are not judged")),
        };
        let replaced = (!self.replaced.is_empty()).then(|| {
            let named: Vec<_> = self.replaced.iter().take(NAMED_MAX).map(|name| format!("{name:?}")).collect();
            let more = self.replaced.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("the scenario was replaced, so these expectations are not judged: {}{more}", named.join(", "))
        });
        let repeats = self.verdict.repeats();
        let empty = if self.strict { Vec::new() } else { self.verdict.proves_nothing_shown() };
        resets.into_iter().chain(replaced).chain(scenarios).chain(repeats).chain(empty).collect()
    }

    /// The empty proofs that fail a strict run.
    pub(super) fn strict_failures(&self) -> Vec<String> {
        if self.strict { self.verdict.proves_nothing_shown() } else { Vec::new() }
    }

    pub(super) fn secrets(&self) -> &[String] {
        self.secrets_in_output.as_deref().unwrap_or_default()
    }

    /// The required statuses that were not met, by operation.
    pub(super) fn unmet(&self) -> Vec<(&str, Vec<u16>)> {
        let of = |operation: &'_ str| {
            let unmet = self.required.iter().filter(|one| !one.met && one.operation == operation);
            unmet.map(|one| one.status).collect::<Vec<_>>()
        };
        let operations = self.coverage.operations.iter().filter(|one| one.counts).map(|one| one.operation.as_str());
        operations.map(|operation| (operation, of(operation))).filter(|(_, unmet)| !unmet.is_empty()).collect()
    }

    pub(super) fn is_required(&self, operation: &str, status: u16) -> bool {
        self.required.iter().any(|one| one.operation == operation && one.status == status)
    }
}

impl Coverage {
    /// Whether users of several projects or clones are listed, so that a user id alone is ambiguous.
    pub(super) fn is_of_several_projects(&self) -> bool {
        let statuses = self.operations.iter().flat_map(|one| &one.statuses);
        let mut projects = statuses.flat_map(|one| &one.users).map(|user| &user.project).filter(|id| !id.is_empty());
        let first = projects.next();
        projects.any(|id| Some(id) != first)
    }
}

/// `id`, shortened if it is too long to be chosen by a person.
fn short(id: &str) -> Cow<'_, str> {
    match id.get(..SHORT).filter(|_| id.len() > 2 * SHORT) {
        Some(beginning) => Cow::Owned(format!("{beginning}…")),
        None => Cow::Borrowed(id),
    }
}

impl StatusCoverage {
    /// The users that met the status, preceded by their projects if `projects`.
    pub(super) fn users_shown(&self, shown_max: usize, projects: bool) -> String {
        let named = |one: &CoverageUser| match one.project.as_str() {
            project if projects && !project.is_empty() => format!("{}/{}", short(project), one.user),
            _ => one.user.clone(),
        };
        let shown: Vec<_> = self.users.iter().take(shown_max).map(named).collect();
        match self.users.len() - shown.len() + self.more_users {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}
