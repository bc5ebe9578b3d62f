//! `outbox`: which messages went out, read by cursor.

use super::requests::{order, refuse_the_other_way, user};
use super::{Problem, query::Query, reply::Reply};
use crate::contract::NotificationType;
use crate::state::{MessageFilter, Order, State};
use serde_json::json;

/// What `type` may be.
pub(super) const TYPES: &[&str] = &[NotificationType::Email.name(), NotificationType::Phone.name()];
const PARAMETERS: [&str; 7] = ["since", "before", "order", "limit", "project", "user", "type"];

pub(super) fn list(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &PARAMETERS)?;
    let order = query.text("order").map_or(Ok(Order::Oldest), order)?;
    let since = query.parsed("since", "the index of a message, or 0")?;
    let before = query.parsed("before", "the index of a message")?;
    refuse_the_other_way(order, since, before)?;
    let user = user(state, &query)?;
    let page = state.outbox.page(&MessageFilter {
        order,
        since: since.unwrap_or(0),
        before,
        limit: query.limit(state.limits.page_max)?,
        project: query.text("project"),
        user: user.as_deref(),
        kind: query.text("type").map(kind).transpose()?,
    });
    Ok(Reply::json(
        200,
        &json!({
            "messages": page.messages,
            "next": page.next,
            "truncated": page.truncated,
            "dropped": page.dropped,
        }),
    ))
}

fn kind(name: &str) -> Result<NotificationType, Problem> {
    NotificationType::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| Problem::new(400, format!("The query parameter type is {name:?}; expected email or phone.")))
}
