//! Everything that a run comes to, as the reports tell it.

use super::{Coverage, ExpectationVerdict, Required, StatusCoverage, Verdict};
use serde::Serialize;

/// Expectations that are named in a note.
const NAMED_MAX: usize = 10;

/// What happened while the command ran that takes something out of the verdict.
#[derive(Debug, Default)]
pub(crate) struct Meanwhile {
    pub(crate) resets: u64,
    /// How often a scenario was put in place, or taken back.
    pub(crate) scenarios: u64,
    pub(crate) replaced: Vec<String>,
}

/// What a run comes to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) passed: bool,
    /// How often something was reset: calls before that are not judged.
    pub(crate) resets: u64,
    /// How often a scenario was put in place of the files', or taken back: calls before that are not judged either.
    pub(crate) scenarios: u64,
    /// The names of expectations with which it began and that were replaced meanwhile.
    pub(crate) replaced: Vec<String>,
    pub(crate) expectations: Vec<ExpectationVerdict>,
    pub(crate) coverage: Coverage,
    /// What must be met, if anything must.
    pub(crate) required: Vec<RequiredStatus>,
    /// Where a secret was found in the command's output, or why it was not looked for to the end. `None` if nobody
    /// looked.
    pub(crate) secrets_in_output: Option<Vec<String>>,
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
        coverage: Coverage,
        required: Option<&Required>,
        secrets_in_output: Option<Vec<String>>,
        meanwhile: Meanwhile,
    ) -> Self {
        let Meanwhile { resets, scenarios, replaced } = meanwhile;
        let asked = coverage.operations.iter().flat_map(|operation| {
            let asked =
                |one: &&StatusCoverage| required.is_some_and(|required| required.asks_for(operation, one.status));
            operation.statuses.iter().filter(asked).map(|one| RequiredStatus {
                operation: operation.operation.clone(),
                status: one.status,
                met: one.met,
            })
        });
        let required: Vec<_> = asked.collect();
        let silent = secrets_in_output.as_ref().is_none_or(Vec::is_empty);
        let passed = verdict.passed && silent && required.iter().all(|one| one.met);
        Self {
            passed,
            resets,
            scenarios,
            replaced,
            expectations: verdict.expectations,
            coverage,
            required,
            secrets_in_output,
        }
    }

    /// What a reader must know of that is not judged.
    pub(super) fn notes(&self) -> Vec<String> {
        let often = |times| if times == 1 { "once".to_owned() } else { format!("{times} times") };
        let told = |times: u64, what: &str| {
            (times > 0).then(|| format!("{what} {}: calls before it are not judged", often(times)))
        };
        let resets = told(self.resets, "there was a reset");
        let scenarios = told(self.scenarios, "the scenario was changed");
        let replaced = (!self.replaced.is_empty()).then(|| {
            let named: Vec<_> = self.replaced.iter().take(NAMED_MAX).map(|name| format!("{name:?}")).collect();
            let more = self.replaced.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("the scenario was replaced, and what it expected is not judged: {}{more}", named.join(", "))
        });
        resets.into_iter().chain(replaced).chain(scenarios).collect()
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

impl StatusCoverage {
    /// By whom it was met, for a reader.
    pub(super) fn by_whom(&self, shown_max: usize) -> String {
        let shown: Vec<_> = self.users.iter().take(shown_max).map(|one| one.user.as_str()).collect();
        match self.users.len() - shown.len() + self.more_users {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}
