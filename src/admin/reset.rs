//! `reset`: back to the start, of one project or of all.

use super::request::{AdminRequest, read_fields};
use super::{AdminProblem, reply::AdminReply};
use crate::diagnostics::Vocabulary;
use crate::state::State;
use serde::Serialize;

const RESET: Vocabulary =
    Vocabulary { what: "a reset request", known: &["project"], examples: &[("", r#"{ "project": "p1" }"#)] };

/// The reset that was done.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Reset {
    /// The number of resets so far, plus 1. Journal entries carry it.
    epoch: u64,
}

pub(super) fn reset(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let project = match request.json()? {
        None => None,
        Some(text) => read_fields(text, &RESET, &state.limits, |_, fields, problems| {
            let project = problems.keep(fields.text("project"))?;
            Some(project.map(|project| project.value.to_owned()))
        })?,
    };
    let project = project.as_deref();
    let unknown = || AdminProblem::unknown_project(invariant!(project, "", "everything can be reset"));
    let epoch = state.reset(project).ok_or_else(unknown)?;
    Ok(AdminReply::json(200, &Reset { epoch }))
}
