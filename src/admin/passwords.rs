//! `passwords`: a user's current password, or that of any call.

use super::{Problem, query::Query, reply::Reply};
use crate::fixture::UserKey;
use crate::state::State;
use serde_json::json;

/// Calls wrap there.
const CALL_MAX: u64 = 1 << 62;

pub(super) fn show(
    state: &State,
    project: &str,
    user: &str,
    query: &str,
) -> Result<Reply, Problem> {
    let query = Query::of(query, &["call"])?;
    let asked: Option<u64> = query.parsed("call", "a call number from 1")?;
    if asked.is_some_and(|call| !(1..CALL_MAX).contains(&call)) {
        return Err(Problem::new(
            400,
            "The query parameter call must be a call number from 1.",
        ));
    }
    let running = state.running();
    let set_up = &running.set_up;
    let found = set_up.directory().project(project);
    let (index, directory_project) =
        found.ok_or_else(|| Problem::new(404, format!("No project {project:?} is loaded.")))?;
    let at = directory_project.user_index(user);
    let found = at.and_then(|at| Some((at, directory_project.user_at(at)?)));
    let (at, found) = found
        .ok_or_else(|| Problem::new(404, format!("Project {project:?} has no user {user:?}.")))?;
    let password = |call| set_up.password(&found, call);
    Ok(match asked {
        Some(call) => Reply::json(
            200,
            &json!({
                "project": project, "user": user, "call": call, "password": password(call),
            }),
        ),
        None => {
            let highest = running.epoch.highest(UserKey {
                project: index,
                user: at,
            });
            let current = highest.map(|call| json!({ "call": call, "password": password(call) }));
            Reply::json(
                200,
                &json!({ "project": project, "user": user, "current": current }),
            )
        }
    })
}
