//! The emulated API: from a request whose body has arrived to an answer.
//!
//! The steps, in this order, and the first that objects answers: `head.rs` (well-formed HTTP, with `host.rs`), the route, then
//! for an operation `parameters.rs` (its contract) and `caller.rs` (who calls, and may he), and `workspace.rs` (does the
//! user exist, count, decide, answer) or `account_call.rs` with `iam.rs` and `sts.rs` (the same for operations whose calls
//! are counted of accounts), or `users/` (for those on users that are no resets). `signing/` verifies signatures and makes those of `presented.rs`, which the console's attempts show, `tokens.rs` and `keys.rs` make tokens and temporary keys, `notify.rs`
//! messages.
//! `fields.rs` finds the header fields that the steps read, `refused.rs` is what an objection is, `nowhere.rs` what is wrong with an unknown path, `request.rs` is a request as a value, `reply.rs` an answer,
//! `body.rs` renders its body, `content.rs` holds that, and `explained.rs` names the rules behind it.

mod account_call;
mod body;
mod caller;
mod content;
mod explained;
mod fields;
mod head;
mod host;
mod iam;
mod keys;
mod notify;
mod nowhere;
mod parameters;
mod presented;
mod rejection;
mod reply;
mod request;
mod signing;
mod sts;
mod tokens;
mod users;
mod workspace;

pub(crate) use content::Content;
pub(crate) use presented::Presenter;
pub(crate) use rejection::Refused;
pub(crate) use reply::Reply;
pub(crate) use request::Request;
pub(crate) use users::{Listing, PIECE};

use crate::contract::{Fidelity, MESSAGE_CHARS_MAX, Operation, Origin, Service, Situation, Subject};
use crate::engine::{Auth, Outcome, Refusal, Settings};
use crate::fixture::UserKey;
use crate::limits::Limits;
use crate::state::{Aside, Beside, KeptBody, Running, State};
use account_call::Asking;
use caller::{Caller, Gate};
use fields::{Field, Fields};
use hyper::http::request::Parts;
use parameters::Parameters;
use request::Whole;
use std::time::Duration;

/// An answer, and what the journal keeps of it.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<(u64, Outcome)>,
    /// Whose call was counted; in a clone, with its index.
    pub(crate) user: Option<UserKey>,
    /// A secret that it hands out, and what it is; passwords are in what was decided.
    pub(crate) secret: Option<Box<(&'static str, String)>>,
    /// What most answers have nothing of.
    pub(crate) aside: Option<Box<Aside>>,
}

impl Answered {
    /// Why it was rejected.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.aside.as_ref()?.problem.as_deref()
    }
}

/// Answers a request whose body has arrived at that time, which the clock gave.
pub(crate) fn answer(state: &State, running: &Running, request: &Request, body: &[u8], time: Duration) -> Answered {
    match steps(state, running, request, body, time) {
        Ok(answered) => answered,
        Err(refused) => refuse(state, running.setup.settings, request.operation(), *refused),
    }
}

/// Step 1, for whoever answers in a shape of its own.
pub(crate) fn check_head(request: &Parts, limits: &Limits) -> Result<(), Box<Refused>> {
    head::check(request, &Fields::of(&request.headers), limits)
}

/// Answers a request that is refused before it is counted, and that may be of an operation.
pub(crate) fn reject(state: &State, operation: Option<&'static Operation>, refused: Refused) -> Answered {
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
    head::check(&request.head, &fields, &state.limits)?;
    let (operation, values) = match request.found() {
        Some(found) if found.allows_method => (found.operation, found.values(request.path())),
        _ => return Err(unrouted(state, request)),
    };
    let whole = &Whole::new(request, body, state, running, time);
    let is_excused = || does_without_documented(running.setup.settings, whole, &fields);
    let parameters = parameters::check(whole, operation, values, &fields, is_excused)?;
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
    operation: &'static Operation,
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
        None if path == "/" => nowhere::at_root(method, state.admin_base(), state.options.beside == Beside::Console),
        None => nowhere::unknown_path(method, path),
    }
}

/// Whether parameters may be missing that are mandatory by documentation alone. The vendor's .NET SDK sends no Content-Type
/// without a body; the live service does not ask for it.
#[cold]
fn does_without_documented(settings: Settings, whole: &Whole<'_>, fields: &Fields<'_>) -> bool {
    let is_signed =
        || matches!(fields.authorization, Field::Once(value) if value.to_str().is_ok_and(signing::names_signature));
    settings.lenient
        || settings.fidelity == Fidelity::Observed
        // The SDK for Node sends an empty object in place of no body.
        || (settings.auth != Auth::Off && matches!(whole.body, b"" | b"{}") && is_signed())
}

fn refuse(state: &State, settings: Settings, operation: Option<&'static Operation>, mut refused: Refused) -> Answered {
    let service = operation.map_or(Service::Workspace, |operation| operation.service);
    let error = refused.error(service, settings.fidelity);
    let mut refusal = Refusal::saying(error, shortened(std::mem::take(&mut refused.message)));
    if refused.is_of_transport() && service == Service::Keystone {
        refusal.origin = Origin::Keystone;
    }
    if let Some(code) = refused.code.take() {
        refusal.code = code.into();
    }
    refusal.encoded_authorization_message = refused.sealed.take();
    let mut reply = body::of_refusal(error.status, &refusal, settings.fidelity, state.uncounted_id());
    if service.is_iam() {
        reply.trace();
    }
    if error.status == 405
        && let Some(allowed) = &refused.allow
    {
        reply.set_header("allow", allowed);
    }
    if refused.close {
        reply.set_header("connection", "close");
    }
    if settings.explain_header {
        explained::explain_error(state, &mut reply, &refusal);
        if let Some(rule) = &refused.rule {
            explained::explain_refusal(&mut reply, rule);
        }
    }
    let mut aside = refused.whose.take().unwrap_or_default();
    aside.problem = Some(refused.problem(&refusal.message).into());
    let aside = with_body(state, Some(aside), &reply);
    Answered { reply, decided: None, user: None, secret: None, aside }
}

/// Has the journal keep the beginning of an answer's body.
#[cold]
#[inline(never)]
fn with_body(state: &State, aside: Option<Box<Aside>>, reply: &Reply) -> Option<Box<Aside>> {
    let setup = &state.running().setup;
    let kept = KeptBody::of(setup, reply.beginning(), reply.content_length(), state.limits.entry_body_bytes_max);
    if kept.is_none() {
        return aside;
    }
    let mut aside = aside.unwrap_or_default();
    aside.answer_body = kept;
    Some(aside)
}

/// A message quotes what was sent, and must fit the documented body all the same.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARS_MAX) {
        message.truncate(end);
    }
    message
}
