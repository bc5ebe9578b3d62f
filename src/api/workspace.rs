//! Workspace's operations, from step 5 on: does the user exist, count the call, decide it, answer it.

use super::auth::Caller;
use super::notify;
use super::objection::Refused;
use super::parse::Parameters;
use super::request::{AskedBy, Whole};
use super::response::{self, Answered, with_body};
use crate::contract::Operation;
use crate::engine::{Call, decide};
use crate::fixture::Missing;
use crate::state::{Aside, Running, State};

/// Resets a user's password, unless a rule has it otherwise.
pub(super) fn reset_random_password(
    state: &State,
    running: &Running,
    operation: Operation,
    parameters: &Parameters<'_>,
    caller: Option<&Caller<'_>>,
    request: &Whole<'_>,
) -> Result<Answered, Box<Refused>> {
    let setup = &running.setup;
    let mut aside = caller.map(|caller| caller.aside(running, parameters.project));
    let bound = aside.as_ref().and_then(|aside| aside.clone.as_deref());
    let project = bound.unwrap_or(parameters.project);
    let found = match running.find(project, parameters.user) {
        Ok(found) => found,
        Err(missing) => return Err(unknown(missing, parameters, aside)),
    };
    let user = found.user();
    let number = found.count();
    let account = caller.map(|caller| caller.index);
    let asked = &AskedBy { whole: request, account };
    let call = Call {
        operation,
        project: found.template(project),
        key: found.key,
        clone: found.clone.map(|clone| clone.index),
        user,
        number,
        notification: parameters.notification,
        principal: caller.map(Caller::principal),
        asked,
    };
    let outcome = decide(running.set_up_of(found.clone), running.override_rules(), &call);
    if let Some(password) = &outcome.password {
        found.succeed(number);
        if !parameters.notification.is_empty() {
            notify::tell(state, running, request, &call, project, aside.as_deref(), password);
        }
    }
    let request_id = state.counted_id(found.ledger, user.stream(), number);
    // The body with a password is made of the decision by whoever reads the entry.
    let reply = response::of_outcome(state, operation, &outcome, None::<&()>, setup.settings, request_id, |reply| {
        aside = with_body(state, aside.take(), &reply);
        reply
    });
    Ok(Answered { reply, decided: Some((number, outcome)), user: Some(found.own_key()), secret: None, aside })
}

#[cold]
fn unknown(missing: Missing, parameters: &Parameters<'_>, aside: Option<Box<Aside>>) -> Box<Refused> {
    Refused::unknown(missing, parameters.project, parameters.user).boxed().of(aside)
}
