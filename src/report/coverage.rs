//! Coverage: which documented statuses the consumer has met, how often, and for which users.

use super::lost::Lost;
use crate::contract::Operation;
use crate::ids::ProjectIndex;
use crate::state::{Running, State, Whose};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;

/// Coverage of the documented statuses.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Coverage {
    /// Number of documented statuses of the password reset and of each operation that was called.
    pub documented: usize,
    /// Number of them that were met.
    pub met: usize,
    /// All emulated operations.
    pub operations: Vec<OperationCoverage>,
}

/// The documented statuses of one operation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OperationCoverage {
    /// The operationId.
    pub operation: String,
    /// Whether its statuses count: it is the password reset, or was called.
    pub counts: bool,
    /// The documented statuses, success first.
    pub statuses: Vec<StatusCoverage>,
}

/// Coverage of one documented status. A lost answer does not count as met.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusCoverage {
    /// The status.
    pub status: u16,
    /// Whether a client met it. A lost answer does not count.
    pub met: bool,
    /// Number of answers, requests that were rejected before counting included.
    pub count: u64,
    /// Number of lost answers with this status, as far as the journal reaches.
    pub lost: u64,
    /// The first users whose counted calls met it.
    pub users: Vec<CoverageUser>,
    /// Number of further users.
    pub more_users: usize,
}

/// A user who met a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CoverageUser {
    /// The project; empty for an account.
    pub project: String,
    /// The user, or the account as `domain/name`.
    pub user: String,
}

/// The statuses that a run must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Required {
    /// All documented statuses of the password reset and of each operation that was called.
    All,
    /// These statuses.
    Statuses(Vec<u16>),
}

/// Coverage so far, in one project or in all.
pub(crate) fn coverage(state: &State, project: Option<ProjectIndex>, whose: Whose) -> Coverage {
    let running = state.running();
    let most = state.limits.coverage_users_max;
    let indexed = Operation::all().enumerate();
    let mut operations: Vec<_> =
        indexed.map(|(index, operation)| of(&running, (project, whose), index, operation, most)).collect();
    let lost = Lost::of(state, &running, project, |entry| whose.counts(entry.by));
    for OperationCoverage { operation, statuses, .. } in &mut operations {
        for status in statuses {
            status.lost = lost.times(operation, status.status);
        }
    }
    let statuses = || operations.iter().filter(|one| one.counts).flat_map(|one| &one.statuses);
    Coverage { documented: statuses().count(), met: statuses().filter(|one| one.met).count(), operations }
}

/// The users of `more` that are not in `known`.
fn others<'r, K: Iterator<Item = (&'r str, String)>>(
    mut more: Vec<(&'r str, String)>,
    known: impl Fn() -> K,
) -> Vec<(&'r str, String)> {
    if !more.is_empty() {
        let candidates: HashSet<_> = more.iter().cloned().collect();
        let known: HashSet<_> = known().filter(|one| candidates.contains(one)).collect();
        more.retain(|one| !known.contains(one));
    }
    more
}

/// Coverage of one operation, with at most `users_max` users for each status.
fn of(
    running: &Running,
    (project, whose): (Option<ProjectIndex>, Whose),
    index: usize,
    operation: Operation,
    users_max: usize,
) -> OperationCoverage {
    let status = |(row, documented): (usize, &crate::contract::Status)| {
        let count = running.times_met(index, row, project, whose);
        let more = match whose {
            Whose::Clients => Vec::new(),
            Whose::Everyone => running.who_met_by_console(index, row, project),
        };
        let more = others(more, || running.users_who_met(index, row, project));
        let mut who = running.users_who_met(index, row, project).chain(more);
        let shown = who.by_ref().take(users_max);
        let shown = shown.map(|(project, user)| CoverageUser { project: project.to_owned(), user });
        let mut users: Vec<_> = shown.collect();
        // Clones are not ordered.
        users.sort_by(|a, b| (&a.project, &a.user).cmp(&(&b.project, &b.user)));
        StatusCoverage { status: documented.status, met: count > 0, count, lost: 0, users, more_users: who.count() }
    };
    let statuses: Vec<_> = operation.statuses.iter().enumerate().map(status).collect();
    let counts = operation == Operation::ResetRandomPassword || statuses.iter().any(|one| one.met);
    OperationCoverage { operation: operation.id.to_owned(), counts, statuses }
}

impl Required {
    /// Whether `status` of `operation` must be met.
    pub(crate) fn asks_for(&self, operation: &OperationCoverage, status: u16) -> bool {
        operation.counts
            && match self {
                Self::All => true,
                Self::Statuses(statuses) => statuses.contains(&status),
            }
    }
}

impl FromStr for Required {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let status = |text: &str| {
            let documented = |status: &u16| Operation::all().any(|operation| operation.status(*status).is_some());
            text.trim().parse().ok().filter(documented).ok_or_else(|| {
                let all: BTreeSet<_> =
                    Operation::all().flat_map(|operation| operation.statuses).map(|row| row.status).collect();
                let all: Vec<_> = all.iter().map(u16::to_string).collect();
                format!(
                    "{text:?} is not a documented status; expected `all`, or a comma-separated list of {}",
                    all.join(", ")
                )
            })
        };
        text.split(',').map(status).collect::<Result<_, _>>().map(Self::Statuses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_is_all_or_documented_statuses() {
        assert_eq!("all".parse(), Ok(Required::All));
        assert_eq!("200, 503".parse(), Ok(Required::Statuses(vec![200, 503])));
        for wrong in ["", "418", "200,", "All", "200;503"] {
            assert!(wrong.parse::<Required>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn operation_without_calls_is_not_required() {
        let operation = |name: &str, met| OperationCoverage {
            operation: name.to_owned(),
            counts: met || name == Operation::ResetRandomPassword.id,
            statuses: vec![StatusCoverage { status: 200, met, count: 0, lost: 0, users: Vec::new(), more_users: 0 }],
        };
        assert!(!Required::All.asks_for(&operation("ListUsers", false), 200));
        assert!(Required::All.asks_for(&operation("ListUsers", true), 200));
        assert!(Required::All.asks_for(&operation(Operation::ResetRandomPassword.id, false), 200));
        assert!(!Required::Statuses(vec![503]).asks_for(&operation(Operation::ResetRandomPassword.id, false), 200));
    }
}
