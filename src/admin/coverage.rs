//! `coverage`: which documented statuses were met.

use super::query::Query;
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::ids::ProjectIndex;
use crate::report;
use crate::state::{Running, State, Whose};

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let whose = whose(&request.query)?;
    let project = request.query.text("project").map(|id| project(&state.running(), id)).transpose()?;
    Ok(AdminReply::json(200, &report::coverage(state, project, whose)))
}

/// The parameter that has the console's calls counted too.
pub(super) const CONSOLE: &str = "console";

/// Whose calls count.
pub(super) fn whose(query: &Query) -> Result<Whose, AdminProblem> {
    let with_console = query.parsed(CONSOLE, "true or false")?.unwrap_or(false);
    Ok(if with_console { Whose::Everyone } else { Whose::Clients })
}

/// The index of a loaded project or clone.
pub(super) fn project(running: &Running, id: &str) -> Result<ProjectIndex, AdminProblem> {
    running.index_of(id).ok_or_else(|| AdminProblem::unknown_project(id))
}
