//! `outbox`: which messages went out, read by cursor.

use super::requests::{PageCursor, user};
use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::contract::NotificationType;
use crate::state::{MessageFilter, State};

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    let PageCursor { order, since, before } = PageCursor::of(query, "a message")?;
    let user = user(state, query)?;
    let page = state.outbox.page(&MessageFilter {
        order,
        since,
        before,
        limit: query.limit(state.limits.page_max)?,
        project: query.text("project"),
        user: user.as_deref(),
        kind: query.named("type", NotificationType::named, "email or phone")?,
    });
    Ok(AdminReply::json(200, &page))
}
