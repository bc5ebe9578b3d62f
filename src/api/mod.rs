//! The emulated API: from a request whose body has arrived to an answer.
//!
//! - `request.rs`: a request as a value
//! - `parse/`: steps 1 to 3
//! - `auth/`: step 4
//! - `workspace.rs`: the steps from 5 on of a reset
//! - `users/`: those of the other operations on users
//! - `account_call.rs`, `iam.rs`, `sts.rs`: those of the operations of IAM and STS
//! - `notify.rs`: messages to users
//! - `objection.rs`: why a request is refused
//! - `response/`: answers

mod account_call;
mod auth;
mod iam;
mod notify;
mod objection;
mod parse;
mod request;
mod response;
mod sts;
mod users;
mod workspace;

pub(crate) use auth::Presenter;
pub(crate) use objection::Refused;
pub(crate) use request::Request;
pub(crate) use response::{Answered, Content, Listing, PIECE};

use crate::contract::{Fidelity, Operation, Situation, Subject};
use crate::engine::{Auth, Settings};
use crate::limits::Limits;
use crate::state::{Beside, Running, State};
use account_call::Asking;
use auth::{Caller, Gate};
use hyper::http::request::Parts;
use parse::{Field, Fields, Parameters};
use request::Whole;
use response::{refuse, with_body};
use std::time::Duration;

/// Answers a request whose body has arrived at that time, which the clock gave.
pub(crate) fn answer(state: &State, running: &Running, request: &Request, body: &[u8], time: Duration) -> Answered {
    match steps(state, running, request, body, time) {
        Ok(answered) => answered,
        Err(refused) => refuse(state, running.setup.settings, request.operation(), *refused),
    }
}

/// Step 1, for whoever answers in a shape of its own.
pub(crate) fn check_head(request: &Parts, limits: &Limits) -> Result<(), Box<Refused>> {
    parse::check_head(request, &Fields::of(&request.headers), limits)
}

/// Answers a request that is refused before it is counted, and that may be of an operation.
pub(crate) fn reject(state: &State, operation: Option<Operation>, refused: Refused) -> Answered {
    let settings = state.running().setup.settings;
    refuse(state, settings, operation, refused)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "what comes of it is large, and would be copied once more for each request")]
fn steps(
    state: &State,
    running: &Running,
    request: &Request,
    body: &[u8],
    time: Duration,
) -> Result<Answered, Box<Refused>> {
    let fields = Fields::of(&request.head.headers);
    parse::check_head(&request.head, &fields, &state.limits)?;
    let (operation, values) = match request.found() {
        Some(found) if found.allows_method => (found.operation, found.values(request.path())),
        _ => return Err(unrouted(state, request)),
    };
    let whole = &Whole::new(request, body, state, running, time);
    let is_excused = || does_without_documented(running.setup.settings, whole, &fields);
    let parameters = parse::check_parameters(whole, operation, values, &fields, is_excused)?;
    let (project, user) = (parameters.project, parameters.user);
    let gate = Gate { state, running, operation, project, user, request };
    let caller = gate.check(parameters.token, &fields, whole)?;
    if operation.subject == Subject::User {
        return workspace::reset_random_password(state, running, operation, &parameters, caller.as_deref(), whole);
    }
    answer_account(state, running, operation, &parameters, caller.as_deref(), whole)
}

/// Answers a call that is counted in another way than a user's resets.
#[cold]
#[inline(never)]
fn answer_account(
    state: &State,
    running: &Running,
    operation: Operation,
    parameters: &Parameters<'_>,
    caller: Option<&Caller<'_>>,
    request: &Whole<'_>,
) -> Result<Answered, Box<Refused>> {
    let asking = Asking { state, running, operation, caller, request };
    let answered =
        if operation.is_of_project() { users::answer(&asking, parameters) } else { account_call::answer(&asking) };
    let whose = || caller.map(|caller| caller.aside(running, parameters.project));
    let mut answered = answered.map_err(|refused| refused.of(whose()))?;
    answered.aside = with_body(state, answered.aside.take(), &answered.reply);
    Ok(answered)
}

/// Step 2's objection: the path is unknown, or the method is not that of its operation.
#[cold]
fn unrouted(state: &State, request: &Request) -> Box<Refused> {
    let (path, method) = (request.path(), request.method());
    match request.operation() {
        Some(operation) => {
            let allowed = operation.methods();
            let message = format!("{method} is not allowed on this path; use {allowed}.");
            Refused::new(Situation::WrongMethod, message).allow(allowed).boxed()
        }
        None if path == "/" => parse::at_root(method, state.admin_base(), state.options.beside == Beside::Console),
        None => parse::unknown_path(method, path),
    }
}

/// Whether parameters may be missing that are mandatory by documentation alone. The vendor's .NET SDK sends no Content-Type
/// without a body; the live service does not ask for it.
#[cold]
fn does_without_documented(settings: Settings, whole: &Whole<'_>, fields: &Fields<'_>) -> bool {
    let is_signed =
        || matches!(fields.authorization, Field::Once(value) if value.to_str().is_ok_and(auth::names_signature));
    settings.lenient
        || settings.fidelity == Fidelity::Observed
        // The SDK for Node sends an empty object in place of no body.
        || (settings.auth != Auth::Off && matches!(whole.body, b"" | b"{}") && is_signed())
}
