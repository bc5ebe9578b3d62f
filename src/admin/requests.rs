//! `requests`: the journal, read by cursor.

use super::query::{self, Query};
use super::{AdminProblem, meant, reply::AdminReply, request::AdminRequest};
use crate::contract::Operation;
use crate::draw::RequestId;
use crate::state::{EntryState, Filter, Order, State};

pub(super) fn list(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let query = &request.query;
    let text = |name| query.text(name).map(str::to_owned);
    let PageCursor { order, since, before } = PageCursor::of(query, "an entry")?;
    let filter = Filter {
        order,
        since,
        before,
        limit: query.limit(state.limits.page_max)?,
        project: text("project"),
        user: user(state, query)?,
        account: text("account"),
        operation: query.named("operation", operation, "an operationId")?,
        status: query.parsed("status", "a status, as in 503")?,
        state: query.named("state", EntryState::named, "in_flight, answered, cut or rejected")?,
        rule: text("rule"),
        text: text("text"),
        by_console: query.named("by", by_console, "client or console")?,
        request_id: query.named("request_id", RequestId::parse, "32 hexadecimal digits")?,
    };
    let page = state.page(&filter);
    Ok(AdminReply::json(200, &page))
}

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let index = request.piece(1);
    let entry = query::number(index).and_then(|index| state.entry(index));
    let entry = entry
        .ok_or_else(|| AdminProblem::new(404, format!("Unknown journal entry {index:?}; it may have been dropped.")))?;
    Ok(AdminReply::json(200, &entry))
}

pub(super) fn clear(state: &State) -> AdminReply {
    state.journal.clear();
    AdminReply::empty(204)
}

/// The id of the user in the query. A text that names no user stays as it is: requests for unknown users are kept too.
pub(super) fn user(state: &State, query: &Query) -> Result<Option<String>, AdminProblem> {
    meant::id_or_text(&state.running(), query.text("project"), query.text("user"))
}

/// Where a page begins that is read by index, in either order.
pub(super) struct PageCursor {
    pub(super) order: Order,
    pub(super) since: u64,
    pub(super) before: Option<u64>,
}

impl PageCursor {
    /// Reads `order` with its own of `since` and `before`, each the index of `what`.
    pub(super) fn of(query: &Query, what: &str) -> Result<Self, AdminProblem> {
        let order = query.named("order", Order::named, "oldest or newest")?.unwrap_or_default();
        let since = query.parsed("since", &format!("the index of {what}, or 0"))?;
        let before = query.parsed("before", &format!("the index of {what}"))?;
        let detail = match order {
            Order::Oldest if before.is_some() => "The query parameter before needs order=newest; use since instead.",
            Order::Newest if since.is_some() => {
                "The query parameter since cannot be combined with order=newest; use before instead."
            }
            Order::Oldest | Order::Newest => return Ok(Self { order, since: since.unwrap_or(0), before }),
        };
        Err(AdminProblem::new(400, detail))
    }
}

/// Whether the console's requests are asked for.
fn by_console(name: &str) -> Option<bool> {
    match name {
        "client" => Some(false),
        "console" => Some(true),
        _ => None,
    }
}

fn operation(id: &str) -> Option<String> {
    Operation::named(id).map(|operation| operation.id.to_owned())
}
