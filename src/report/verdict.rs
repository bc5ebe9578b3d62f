//! The types of a verdict.

use super::{NeverStruck, Recovery, SilentRepeat};
use crate::contract::Subject;
use crate::scenario::Expectation;
use crate::scenario::words::counted;
use crate::state::Rejected;
use serde::Serialize;

/// The verdict on the consumer's calls.
///
/// As a text, it is what `wksmock run` reports of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[must_use = "a verdict has no effect by itself: see `assert_satisfied`"]
#[non_exhaustive]
pub struct Verdict {
    /// Whether every expectation holds. The other findings do not change it.
    pub passed: bool,
    /// Each expectation, in the order of the scenarios.
    pub expectations: Vec<ExpectationVerdict>,
    /// The first rules, overrides and `down` windows that never struck, in order of evaluation.
    pub never_struck: Vec<NeverStruck>,
    /// Number of further ones.
    pub more_never_struck: usize,
    /// Rejected requests; in a verdict on one project, those that name it.
    pub rejected: Rejected,
    /// Users that met failures, and how many of them recovered.
    pub recovery: Recovery,
    /// The first calls that look like retries by an HTTP client: they came right after a lost answer.
    pub silent_repeats: Vec<SilentRepeat>,
    /// Number of further ones.
    pub more_silent_repeats: usize,
}

/// The verdict on one expectation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExpectationVerdict {
    /// The expectation's name.
    pub name: String,
    /// Its place: `file:line:column`.
    pub place: String,
    /// Whether it holds for every user that it applies to.
    pub passed: bool,
    /// One sentence for each condition.
    pub expected: Vec<String>,
    /// The judged calls; if it failed, those of the failing users.
    pub seen: Vec<SeenCall>,
    /// Number of further calls.
    pub more_seen: usize,
    /// The miss that came nearest to holding; `None` if it holds.
    pub nearest: Option<String>,
    /// The misses, one sentence each, nearest first; at most `coverage_users_max`.
    pub misses: Vec<String>,
    /// Number of further misses.
    pub more_misses: usize,
    /// Why it proves nothing although it holds: no call was judged, or no answer was lost.
    pub judged_nothing: Option<String>,
    /// Whether further calls cannot make it hold.
    #[serde(skip)]
    pub(super) hopeless: bool,
}

impl Verdict {
    /// Panics with the report of failed expectations, unless all hold.
    ///
    /// # Panics
    /// If an expectation failed.
    #[track_caller]
    pub fn assert_satisfied(&self) {
        assert!(self.passed, "{self}");
    }

    /// Adds verdicts on further expectations.
    pub(super) fn add(&mut self, further: impl IntoIterator<Item = ExpectationVerdict>) {
        self.expectations.extend(further);
        self.passed = self.expectations.iter().all(|one| one.passed);
    }

    /// Whether an expectation fails for good.
    pub(crate) fn is_final(&self) -> bool {
        self.expectations.iter().any(|one| one.hopeless)
    }
}

/// A call that an expectation judged.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SeenCall {
    /// The project; empty for an account.
    pub project: String,
    /// The user, or the account as `domain/name`.
    pub user: String,
    /// The readable name, with the project if several are loaded.
    #[serde(skip)]
    pub(super) who: String,
    /// The operationId.
    pub operation: String,
    /// The call number.
    pub call: u64,
    /// Arrival, in milliseconds of virtual time.
    pub at_ms: u64,
    /// The status that the client received; `None` if the answer was lost.
    pub status: Option<u16>,
    /// The status that was decided.
    pub decided: u16,
    /// The rule that decided it.
    pub rule: Option<String>,
    /// The fault that a rule injected.
    #[cfg_attr(test, schemars(schema_with = "crate::scenario::fault_names"))]
    pub fault: Option<&'static str>,
    /// Whether the password was reset; `None` for operations that do not reset one.
    pub done: Option<bool>,
    /// `answered`, or `lost` if the answer was not sent whole and valid.
    #[cfg_attr(test, schemars(extend("enum" = ["answered", "lost"])))]
    pub state: &'static str,
    /// Milliseconds from the end of the previous answer to this arrival.
    pub gap_ms: Option<u64>,
    /// Milliseconds from arrival to the end of the answer, or until it was lost.
    pub took_ms: Option<u64>,
}

impl ExpectationVerdict {
    /// A failed verdict on the forgotten expectations of deleted clones.
    pub(super) fn of_forgotten(clones: u64) -> Self {
        let what = format!(
            "the expectations of {} are forgotten; raise clones_max, clone_scenarios_bytes_max or \
             clone_rules_max",
            counted(clones, "deleted clone")
        );
        let name = "expectations of deleted clones".to_owned();
        Self::failed(name, "POST /__admin/projects".to_owned(), vec!["all are judged".to_owned()], what)
    }

    /// A failed verdict on an expectation that does not apply to the project.
    pub(super) fn not_applicable(expectation: &Expectation) -> Self {
        let what = match expectation.operation.subject {
            Subject::Caller | Subject::Project => "its calls are counted by account, not by project",
            _ => "it applies to no user of this project",
        };
        let expected = expectation.requirements.iter().map(|one| one.expected()).collect();
        Self::failed(expectation.label.name.clone(), expectation.label.place.clone(), expected, what.to_owned())
    }

    /// Failed for good, without calls.
    fn failed(name: String, place: String, expected: Vec<String>, miss: String) -> Self {
        Self {
            name,
            place,
            passed: false,
            expected,
            seen: Vec::new(),
            more_seen: 0,
            nearest: Some(miss.clone()),
            misses: vec![miss],
            more_misses: 0,
            judged_nothing: None,
            hopeless: true,
        }
    }
}
