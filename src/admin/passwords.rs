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
    let shown = if let Some(call) = asked {
        let password = running.set_up.password(found.user(), call);
        json!({ "project": project, "user": user, "call": call, "password": password })
    } else {
        let current = running.current_password(&found);
        let current = current.map(|(call, password)| json!({ "call": call, "password": password }));
        json!({ "project": project, "user": user, "current": current })
    };
    Ok(Reply::json(200, &shown))
}

/// A user by ids, in a loaded project or in a clone.
pub(super) fn find<'r>(running: &'r Running, project: &str, user: &str) -> Result<Found<'r>, Problem> {
    running.find(project, user).map_err(|missing| {
        let detail = match missing {
            Missing::Project => format!("Unknown project {project:?}. GET /__admin/projects lists all."),
            Missing::User => format!("Unknown user {user:?} in project {project:?}."),
        };
        Problem::new(404, detail)
    })
}
