//! Everything that a run comes to, as the reports tell it.

use super::{
    Coverage, CoverageUser, ExpectationVerdict, NeverStruck, Recovery, Rejected, Required, RuleStrikes, SilentRepeat,
    StatusCoverage, Verdict,
};
use crate::scenario::words::counted;
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;

/// Expectations that are named in a note.
const NAMED_MAX: usize = 10;
/// Rules that a report lists with their strikes.
const RULES_MAX: usize = 10_000;

/// What happened while the command ran that takes something out of the verdict.
#[derive(Debug, Default)]
pub(crate) struct Meanwhile {
    pub(crate) resets: u64,
    /// How often a scenario was put in place, or taken back.
    pub(crate) scenarios: u64,
    pub(crate) replaced: Vec<String>,
    /// When the command began, in milliseconds since 1970.
    pub(crate) began_unix_ms: i64,
    /// How long it ran.
    pub(crate) took: Duration,
}

/// What a run must meet beside its expectations.
#[derive(Debug, Default)]
pub(crate) struct Asked<'r> {
    pub(crate) coverage: Option<&'r Required>,
    /// Whether it fails if a rule struck nobody, or an expectation judged nothing.
    pub(crate) strict: bool,
}

/// What a run comes to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) passed: bool,
    /// When the command began.
    pub(crate) began: String,
    /// How long it ran.
    pub(crate) took_ms: u64,
    /// Whether what proves nothing is a failure.
    pub(crate) strict: bool,
    /// How often something was reset: calls before that are not judged.
    pub(crate) resets: u64,
    /// How often a scenario was put in place of the files', or taken back: calls before that are not judged either.
    pub(crate) scenarios: u64,
    /// The names of expectations with which it began and that were replaced meanwhile.
    pub(crate) replaced: Vec<String>,
    pub(crate) expectations: Vec<ExpectationVerdict>,
    /// Each rule, override and `down` window, with its strikes. The first of them.
    pub(crate) rules: Vec<RuleStrikes>,
    pub(crate) never_struck: Vec<NeverStruck>,
    pub(crate) more_never_struck: usize,
    pub(crate) rejected: Rejected,
    pub(crate) recovery: Recovery,
    pub(crate) silent_repeats: Vec<SilentRepeat>,
    pub(crate) more_silent_repeats: usize,
    pub(crate) coverage: Coverage,
    /// What must be met, if anything must.
    pub(crate) required: Vec<RequiredStatus>,
    /// Where a secret was found in the command's output, or why it was not looked for to the end. `None` if nobody
    /// looked.
    pub(crate) secrets_in_output: Option<Vec<String>>,
}

/// Rules and expectations that are said to prove nothing; the rest is counted.
const EMPTY_SHOWN: usize = 50;
/// Characters that are shown of a long project id.
const SHORT: usize = 8;

/// Something that shows nothing about the program.
pub(super) struct Empty<'s> {
    pub(super) name: &'s str,
    pub(super) place: &'s str,
    pub(super) said: String,
}

/// A status that must be met.
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
        asked: &Asked<'_>,
        secrets_in_output: Option<Vec<String>>,
        meanwhile: Meanwhile,
    ) -> Self {
        let Meanwhile { resets, scenarios, replaced, began_unix_ms, took } = meanwhile;
        let required = asked.coverage;
        let asked_for = coverage.operations.iter().flat_map(|operation| {
            let asked =
                |one: &&StatusCoverage| required.is_some_and(|required| required.asks_for(operation, one.status));
            operation.statuses.iter().filter(asked).map(|one| RequiredStatus {
                operation: operation.operation.clone(),
                status: one.status,
                met: one.met,
            })
        });
        let required: Vec<_> = asked_for.collect();
        let silent = secrets_in_output.as_ref().is_none_or(Vec::is_empty);
        let began = Timestamp::from_millisecond(began_unix_ms).map_or(String::new(), |began| began.to_string());
        let mut rules = rules;
        rules.truncate(RULES_MAX);
        let summary = Self {
            passed: false,
            began,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            strict: asked.strict,
            resets,
            scenarios,
            replaced,
            expectations: verdict.expectations,
            rules,
            never_struck: verdict.never_struck,
            more_never_struck: verdict.more_never_struck,
            rejected: verdict.rejected,
            recovery: verdict.recovery,
            silent_repeats: verdict.silent_repeats,
            more_silent_repeats: verdict.more_silent_repeats,
            coverage,
            required,
            secrets_in_output,
        };
        let required = summary.required.iter().all(|one| one.met);
        let strict = !summary.strict || summary.proves_nothing().next().is_none();
        Self { passed: verdict.passed && silent && required && strict, ..summary }
    }

    /// What shows nothing about the program, whatever came of the rest: rules that never struck, expectations that judged
    /// nothing. Each is the name, the place and a sentence.
    pub(super) fn proves_nothing(&self) -> impl Iterator<Item = Empty<'_>> {
        let rules = self.never_struck.iter().map(|one| {
            let why = one.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            let is_window = one.rule.starts_with("down [");
            let what = if is_window { one.rule.clone() } else { format!("rule {:?}", one.rule) };
            Empty { name: &one.rule, place: &one.place, said: format!("{what} ({}) never struck{why}", one.place) }
        });
        let expectations = self.expectations.iter().filter_map(|one| {
            let why = one.judged_nothing.as_ref()?;
            let said = format!("expectation {:?} ({}) proves nothing: {why}", one.name, one.place);
            Some(Empty { name: &one.name, place: &one.place, said })
        });
        rules.chain(expectations)
    }

    /// The sentences of [`Self::proves_nothing`], so many at most.
    pub(super) fn proves_nothing_shown(&self, most: usize) -> Vec<String> {
        let mut shown: Vec<_> = self.proves_nothing().map(|one| one.said).collect();
        let more = shown.len().saturating_sub(most) + self.more_never_struck;
        shown.truncate(most);
        if more > 0 {
            shown.push(format!("{more} more rules or expectations prove nothing"));
        }
        shown
    }

    /// `37 of 40 users recovered`, if an expectation failed and anybody met a failure. Where all holds, the program may be
    /// right to leave it at a failure.
    pub(super) fn recovered(&self) -> Option<String> {
        let Recovery { users, recovered } = self.recovery;
        (users > 0 && self.failed().next().is_some())
            .then(|| format!("{recovered} of {} recovered", counted(users, "user")))
    }

    /// What a reader must know of that is not judged.
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
        let more = self.more_silent_repeats;
        let more =
            (more > 0).then(|| format!("{} also came right after a lost answer", counted(more as u64, "more call")));
        let repeats = self.silent_repeats.iter().map(|one| one.note.clone()).chain(more);
        let empty = if self.strict { Vec::new() } else { self.proves_nothing_shown(EMPTY_SHOWN) };
        resets.into_iter().chain(replaced).chain(scenarios).chain(repeats).chain(empty).collect()
    }

    /// What fails the run because it proves nothing.
    pub(super) fn strict_failures(&self) -> Vec<String> {
        if self.strict { self.proves_nothing_shown(EMPTY_SHOWN) } else { Vec::new() }
    }

    pub(super) fn failed(&self) -> impl Iterator<Item = &ExpectationVerdict> {
        self.expectations.iter().filter(|one| !one.passed)
    }

    pub(super) fn secrets(&self) -> &[String] {
        self.secrets_in_output.as_deref().unwrap_or_default()
    }

    /// What must be met and was not: by operation, its statuses.
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
    /// Whether users of several projects or clones met something, so that their ids alone do not tell them apart.
    pub(super) fn is_of_several_projects(&self) -> bool {
        let statuses = self.operations.iter().flat_map(|one| &one.statuses);
        let mut projects = statuses.flat_map(|one| &one.users).map(|user| &user.project).filter(|id| !id.is_empty());
        let first = projects.next();
        projects.any(|id| Some(id) != first)
    }
}

/// The beginning of an id that nobody has chosen.
fn short(id: &str) -> Cow<'_, str> {
    match id.get(..SHORT).filter(|_| id.len() > 2 * SHORT) {
        Some(beginning) => Cow::Owned(format!("{beginning}…")),
        None => Cow::Borrowed(id),
    }
}

impl StatusCoverage {
    /// By whom it was met, for a reader; with `projects` the project of each is named.
    pub(super) fn by_whom(&self, shown_max: usize, projects: bool) -> String {
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
