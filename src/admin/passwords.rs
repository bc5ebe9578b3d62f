//! `passwords`: a user's current password, or that of any call.

use super::{Problem, query::Query, reply::Reply};
use crate::fixture::Missing;
use crate::state::{Found, Running, State};
use serde_json::json;

/// Calls wrap there.
pub(super) const CALL_MAX: u64 = 1 << 62;

pub(super) fn show(state: &State, project: &str, user: &str, query: &str) -> Result<Reply, Problem> {
    let query = Query::of(query, &["call"])?;
    let asked: Option<u64> = query.parsed("call", "a call number from 1")?;
    if asked.is_some_and(|call| !(1..CALL_MAX).contains(&call)) {
        return Err(Problem::new(400, "The query parameter call must be a call number from 1."));
    }
    let running = state.running();
    let found = find(&running, project, user)?;
    let password = |call| running.set_up.password(found.user(), call);
    let shown = if let Some(call) = asked {
        json!({ "project": project, "user": user, "call": call, "password": password(call) })
    } else {
        let highest = running.highest(&found);
        // What an administrator had sent goes before the resets that there had been.
        let sent = found.sent().filter(|(_, resets)| highest.unwrap_or(0) <= *resets);
        let current = match sent {
            Some((password, _)) => Some(json!({ "call": null, "password": password })),
            None => highest.map(|call| json!({ "call": call, "password": password(call) })),
        };
        json!({ "project": project, "user": user, "current": current })
    };
    Ok(Reply::json(200, &shown))
}

/// A user by ids, in a loaded project or in a clone.
pub(super) fn find<'r>(running: &'r Running, project: &str, user: &str) -> Result<Found<'r>, Problem> {
    running.find(project, user).map_err(|missing| {
        let detail = match missing {
            Missing::Project => format!("No project {project:?} is loaded, or made of one that is."),
            Missing::User => format!("Project {project:?} has no user {user:?}."),
        };
        Problem::new(404, detail)
    })
}
