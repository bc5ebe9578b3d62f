//! `coverage`: which documented statuses were met.

use super::{Problem, query::Query, reply::Reply};
use crate::report;
use crate::state::{Running, State, Whose};

pub(super) fn show(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["project", CONSOLE])?;
    let whose = whose(&query)?;
    let project = query.text("project").map(|id| project(&state.running(), id)).transpose()?;
    Ok(Reply::json(200, &report::coverage(state, project, whose)))
}

/// The parameter that has the console's calls counted too.
pub(super) const CONSOLE: &str = "console";

/// Whose calls are asked about.
pub(super) fn whose(query: &Query) -> Result<Whose, Problem> {
    let with_console = query.parsed(CONSOLE, "true or false")?.unwrap_or(false);
    Ok(if with_console { Whose::Everyone } else { Whose::Clients })
}

/// The index of a project that is loaded, or made of one that is.
pub(super) fn project(running: &Running, id: &str) -> Result<u32, Problem> {
    let found = running.index_of(id);
    found.ok_or_else(|| Problem::new(404, format!("Unknown project {id:?}. GET /__admin/projects lists all.")))
}
