//! `changes`: what changed the setup, read by cursor.

use super::{Problem, query::Query, reply::Reply};
use crate::state::{Change, State};
use serde_json::json;

pub(super) fn list(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["since", "limit"])?;
    let since = query.parsed("since", "the number of a change, or 0")?.unwrap_or(0);
    let page = state.history.page(since, query.limit(state.limits.page_max)?);
    let changes: Vec<_> = page.changes.iter().map(AsRef::as_ref).collect();
    let changes: &[&Change] = &changes;
    Ok(Reply::json(
        200,
        &json!({
            "changes": changes,
            "next": page.next,
            "truncated": page.truncated,
            "dropped": page.dropped,
        }),
    ))
}
