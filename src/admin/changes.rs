//! `changes`: what changed the setup, read by cursor.

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::state::State;

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let since = request.query.parsed("since", "the number of a change, or 0")?.unwrap_or(0);
    let page = state.history.page(since, request.query.limit(state.limits.page_max)?);
    Ok(AdminReply::json(200, &page))
}
