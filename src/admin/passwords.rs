//! `passwords`: a user's current password, or that of any call.

use super::{AdminProblem, meant, reply::AdminReply, request::AdminRequest};
use crate::fixture::Missing;
use crate::limits::CALL_MAX;
use crate::state::{Found, Running, State};
use serde_json::json;

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let (project, user) = (request.piece(1), request.piece(2));
    let asked: Option<u64> = request.query.parsed("call", "a call number from 1")?;
    if asked.is_some_and(|call| !(1..=CALL_MAX).contains(&call)) {
        return Err(AdminProblem::new(400, "The query parameter call must be a call number from 1."));
    }
    let running = state.running();
    let found = find(&running, project, user)?;
    let id = found.user().id();
    let shown = if let Some(call) = asked {
        let password = running.setup.password(found.user(), call);
        json!({ "project": project, "user": id, "call": call, "password": password })
    } else {
        let current = running.current_password(&found);
        let current = current.map(|(call, password)| json!({ "call": call, "password": password }));
        json!({ "project": project, "user": id, "current": current })
    };
    Ok(AdminReply::json(200, &shown))
}

/// A user by id, name or end of the id, in a loaded project or in a clone.
pub(super) fn find<'r>(running: &'r Running, project: &str, user: &str) -> Result<Found<'r>, AdminProblem> {
    running.find(project, user).or_else(|missing| {
        let named = match missing {
            Missing::Project => None,
            Missing::User => meant::user_id(running, Some(project), user)?,
        };
        let found = named.and_then(|id| running.find(project, &id).ok());
        found.ok_or_else(|| match missing {
            Missing::Project => AdminProblem::unknown_project(project),
            Missing::User => {
                let hint = meant::hint(running, project, user);
                AdminProblem::new(404, format!("Unknown user {user:?} in project {project:?}{hint}"))
            }
        })
    })
}
