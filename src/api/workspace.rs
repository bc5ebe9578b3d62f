//! Workspace's operations, from step 5 on: does the user exist, count the call, decide it, answer it.

use super::parameters::Parameters;
use super::{Answered, Refused, Request, body};
use crate::contract::{Operation, Situation};
use crate::engine::{Call, decide};
use crate::fixture::Missing;
use crate::scenario::Asked;
use crate::state::{Running, State};

/// Resets a user's password, unless a rule has it otherwise.
pub(super) fn reset_random_password(
    state: &State,
    running: &Running,
    operation: &'static Operation,
    parameters: &Parameters<'_>,
    request: &Request<'_>,
) -> Result<Answered, Box<Refused>> {
    let set_up = &running.set_up;
    let found = running.find(parameters.project, parameters.user).map_err(|missing| unknown(missing, parameters))?;
    let number = state.count(running, &found, parameters.project);
    let call = Call {
        operation,
        project: found.template(parameters.project),
        key: found.key,
        clone: found.clone.map(|clone| clone.index),
        user: found.user,
        number,
        notified: !parameters.notification.is_empty(),
        asked: request,
    };
    let outcome = decide(set_up, running.override_rules(), &call);
    if outcome.password.is_some() {
        state.succeed(running, &found, parameters.project, number);
    }
    let request_id = state.counted_id(running, &found, number);
    Ok(Answered {
        operation: Some(operation),
        reply: body::of_outcome(operation, &outcome, set_up.settings, request_id),
        decided: Some((number, outcome)),
        user: Some(found.own_key()),
        problem: None,
    })
}

impl Asked for Request<'_> {
    fn has_header(&self, name: &str, value: &str) -> bool {
        self.parts.headers.get_all(name).iter().any(|found| found == value)
    }

    fn has_query(&self, name: &str, value: &str) -> bool {
        let query = self.parts.uri.query().unwrap_or("");
        form_urlencoded::parse(query.as_bytes()).any(|(found, said)| found == name && said == value)
    }

    fn at_ms(&self) -> u64 {
        self.clock.ms_at(self.time)
    }
}

#[cold]
fn unknown(missing: Missing, parameters: &Parameters<'_>) -> Box<Refused> {
    let (project, user) = (parameters.project, parameters.user);
    let refused = match missing {
        Missing::Project => Refused::new(
            Situation::UnknownProject,
            format!("No project {project} is loaded. GET /__admin/users lists what is."),
        ),
        Missing::User => Refused::new(
            Situation::UnknownUser,
            format!("Project {project} has no user {user}. GET /__admin/users lists its users."),
        ),
    };
    refused.boxed()
}
