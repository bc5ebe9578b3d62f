//! `requests`: the journal, read by cursor.

use super::{
    Problem, meant,
    query::{self, Query},
    reply::Reply,
};
use crate::contract::Operation;
use crate::draw::RequestId;
use crate::state::{EntryState, Filter, Order, State};
use serde_json::json;

/// What `state` may be.
pub(super) const STATES: &[&str] = &["in_flight", "answered", "cut", "rejected"];
/// What `order` may be.
pub(super) const ORDERS: &[&str] = &["oldest", "newest"];
/// What `by` may be.
pub(super) const BY: &[&str] = &["client", "console"];
const PARAMETERS: [&str; 14] = [
    "since",
    "before",
    "order",
    "limit",
    "project",
    "user",
    "account",
    "operation",
    "status",
    "state",
    "rule",
    "text",
    "by",
    "request_id",
];

pub(super) fn list(state: &State, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &PARAMETERS)?;
    let text = |name| query.text(name).map(str::to_owned);
    let order = query.text("order").map_or(Ok(Order::Oldest), order)?;
    let since = query.parsed("since", "the index of an entry, or 0")?;
    let before = query.parsed("before", "the index of an entry")?;
    refuse_the_other_way(order, since, before)?;
    let filter = Filter {
        order,
        since: since.unwrap_or(0),
        before,
        limit: query.limit(state.limits.page_max)?,
        project: text("project"),
        user: user(state, &query)?,
        account: text("account"),
        operation: operation(&query)?,
        status: query.parsed("status", "a status, as in 503")?,
        state: query.text("state").map(entry_state).transpose()?,
        rule: text("rule"),
        text: text("text"),
        by_console: query.text("by").map(by_console).transpose()?,
        request_id: query.text("request_id").map(request_id).transpose()?,
    };
    let page = state.page(&filter);
    Ok(Reply::json(
        200,
        &json!({
            "requests": page.entries,
            "next": page.next,
            "truncated": page.truncated,
            "dropped": page.dropped,
        }),
    ))
}

/// The id of the user that is asked for. A text that names nobody stays as it is: requests for unknown users are kept too.
pub(super) fn user(state: &State, query: &Query) -> Result<Option<String>, Problem> {
    meant::id_or_text(&state.running(), query.text("project"), query.text("user"))
}

/// Whether the console's requests are asked for, or clients'.
fn by_console(name: &str) -> Result<bool, Problem> {
    let wrong = || Problem::new(400, format!("The query parameter by is {name:?}; expected {}.", BY.join(" or ")));
    let at = BY.iter().position(|by| *by == name).ok_or_else(wrong)?;
    Ok(at == 1)
}

pub(super) fn show(state: &State, index: &str, query: &str) -> Result<Reply, Problem> {
    query::none(query)?;
    let entry = query::number(index).and_then(|index| state.entry(index));
    match entry {
        Some(entry) => Ok(Reply::json(200, &entry)),
        None => Err(Problem::new(404, format!("Unknown journal entry {index:?}; it may have been dropped."))),
    }
}

pub(super) fn clear(state: &State, query: &str) -> Result<Reply, Problem> {
    query::none(query)?;
    state.journal.clear();
    Ok(Reply::empty(204))
}

pub(super) fn order(name: &str) -> Result<Order, Problem> {
    match name {
        "oldest" => Ok(Order::Oldest),
        "newest" => Ok(Order::Newest),
        _ => Err(Problem::new(400, format!("The query parameter order is {name:?}; expected oldest or newest."))),
    }
}

/// Each order has a cursor of its own.
pub(super) fn refuse_the_other_way(order: Order, since: Option<u64>, before: Option<u64>) -> Result<(), Problem> {
    let detail = match order {
        Order::Oldest if before.is_some() => "The query parameter before needs order=newest; use since instead.",
        Order::Newest if since.is_some() => {
            "The query parameter since cannot be combined with order=newest; use before instead."
        }
        Order::Oldest | Order::Newest => return Ok(()),
    };
    Err(Problem::new(400, detail))
}

fn operation(query: &Query) -> Result<Option<String>, Problem> {
    match query.text("operation") {
        None => Ok(None),
        Some(id) if Operation::named(id).is_some() => Ok(Some(id.to_owned())),
        Some(id) => {
            Err(Problem::new(400, format!("The query parameter operation is {id:?}; expected an operationId.")))
        }
    }
}

fn entry_state(name: &str) -> Result<EntryState, Problem> {
    match name {
        "in_flight" => Ok(EntryState::InFlight),
        "answered" => Ok(EntryState::Answered),
        "cut" => Ok(EntryState::Cut),
        "rejected" => Ok(EntryState::Rejected),
        _ => Err(Problem::new(
            400,
            format!("The query parameter state is {name:?}; expected in_flight, answered, cut or rejected."),
        )),
    }
}

fn request_id(text: &str) -> Result<RequestId, Problem> {
    let wrong =
        || Problem::new(400, format!("The query parameter request_id is {text:?}; expected 32 hexadecimal digits."));
    RequestId::parse(text).ok_or_else(wrong)
}
