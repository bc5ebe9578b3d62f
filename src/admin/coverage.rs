//! `coverage`: which documented statuses were met.

use super::{Problem, query::Query, reply::Reply};
use crate::report;
use crate::state::State;

pub(super) fn show(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["project"])?;
    let project = query.text("project").map(|id| project(state, id)).transpose()?;
    Ok(Reply::json(200, &report::coverage(state, project)))
}

/// The index of a loaded project.
pub(super) fn project(state: &State, id: &str) -> Result<u32, Problem> {
    let running = state.running();
    let found = running.set_up.directory().project(id).map(|(index, _)| index);
    found.ok_or_else(|| Problem::new(404, format!("No project {id:?} is loaded.")))
}
