//! `passwords`: a user's current password, or that of any call.

use super::{Problem, query::Query, reply::Reply};
use crate::fixture::{Directory, Missing, User, UserKey};
use crate::state::State;
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
    let set_up = &running.set_up;
    let (key, found) = self::user(set_up.directory(), project, user)?;
    let password = |call| set_up.password(found, call);
    let shown = if let Some(call) = asked {
        json!({ "project": project, "user": user, "call": call, "password": password(call) })
    } else {
        let highest = running.epoch.highest(key);
        let current = highest.map(|call| json!({ "call": call, "password": password(call) }));
        json!({ "project": project, "user": user, "current": current })
    };
    Ok(Reply::json(200, &shown))
}

/// A user by ids.
pub(super) fn user<'d>(directory: &'d Directory, project: &str, user: &str) -> Result<(UserKey, User<'d>), Problem> {
    directory.user(project, user).map_err(|missing| {
        let detail = match missing {
            Missing::Project => format!("No project {project:?} is loaded."),
            Missing::User => format!("Project {project:?} has no user {user:?}."),
        };
        Problem::new(404, detail)
    })
}
