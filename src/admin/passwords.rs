//! `passwords`: a user's current password, or that of any call.

use super::{AdminProblem, meant, reply::AdminReply, request::AdminRequest};
use crate::fixture::Missing;
use crate::limits::CALL_MAX;
use crate::state::{Found, Running, State};
use serde::Serialize;

/// A password of a user.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UserPassword {
    /// The project of the path.
    project: String,
    /// The id of the user.
    user: String,
    /// The current password; `None` if the user was never reset. Absent with `call`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "an absent member and null differ")]
    current: Option<Option<CurrentPassword>>,
    /// The call number that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<u64>,
    /// The password that this call gives if it succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CurrentPassword {
    /// The reset that set it: the highest successful call number; `None` if it was set otherwise.
    call: Option<u64>,
    /// The password.
    password: String,
}

pub(super) fn show(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let (project, user) = (request.piece(1), request.piece(2));
    let asked = request.query.at_most("call", CALL_MAX)?;
    let running = state.running();
    let found = find(&running, project, user)?;
    let id = found.user().id();
    let shown = UserPassword { project: project.to_owned(), user: id.into_owned(), ..UserPassword::default() };
    let shown = if let Some(call) = asked {
        let password = running.setup.password(found.user(), call);
        UserPassword { call: Some(call), password: Some(password.to_string()), ..shown }
    } else {
        let current = running.current_password(&found);
        let current = current.map(|(call, password)| CurrentPassword { call, password });
        UserPassword { current: Some(current), ..shown }
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
