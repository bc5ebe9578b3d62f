//! The way of a call: parse → authenticate → find → count → decide → carry out → answer. The first step that objects answers.

use super::admitted::Admitted;
use super::auth::{self, Gate};
use super::counted::{ByName, Counted, Reset};
use super::in_project::{FoundUser, InProject};
use super::objection::Refused;
use super::operations::{Handler, handler};
use super::own::Own;
use super::parse::{self, Field, Fields};
use super::request::{AskedBy, Request, Whole};
use super::response::{Answered, of_outcome, refuse, with_body};
use crate::contract::{Fidelity, Operation, Situation};
use crate::engine::{Auth, Settings};
use crate::fixture::Missing;
use crate::ids::CallTarget;
use crate::limits::Limits;
use crate::state::{Beside, Changing, ProjectPlace, Running, State};
use hyper::http::request::Parts;
use std::time::Duration;

/// Answers a request whose body has arrived at that time, which the clock gave.
pub(crate) fn answer(state: &State, running: &Running, request: &Request, body: &[u8], time: Duration) -> Answered {
    match steps(state, running, request, body, time) {
        Ok(answered) => answered,
        Err(refused) => refuse(state, running.setup.settings, request.operation(), *refused),
    }
}

/// Checks the head of a request that the admin API answers.
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
    // Parse.
    let fields = Fields::of(&request.head.headers);
    parse::check_head(&request.head, &fields, &state.limits)?;
    let (operation, values) = match &request.found {
        Some(found) if found.allows_method => (found.operation, found.values(request.path())),
        _ => return Err(unrouted(state, request)),
    };
    let whole = &Whole::new(request, body, state, running, time);
    let is_excused = || does_without_documented(running.setup.settings, whole, &fields);
    let parameters = &parse::check_parameters(whole, operation, values, &fields, is_excused)?;
    // Authenticate.
    let gate = Gate { state, running, operation, project: parameters.project, user: parameters.user, request };
    let caller = gate.check(parameters.token, &fields, whole)?;
    let caller = caller.as_deref();
    let extras = caller.map(|caller| caller.extras(running, parameters.project));
    let extras = extras.as_deref();
    let clone = extras.and_then(|extras| extras.clone.as_deref());
    let project = clone.unwrap_or(parameters.project);
    found(&Admitted { whole, operation, parameters, caller, project, extras })
}

/// Finds what the call is about, and takes the further steps.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what comes of it is large, and would be copied once more for each request")]
fn found<'c>(call: &'c Admitted<'c>) -> Result<Answered, Box<Refused>> {
    match handler(call.operation) {
        Handler::Reset => {
            let found = call.running().find(call.project, call.parameters.user);
            let found = found.map_err(|missing| unknown(missing, call))?;
            Ok(proceed(call, Operation::ResetRandomPassword, Own::default(), Reset { call, found }))
        }
        other => found_elsewhere(call, &other).map_err(|refused| refused.of(call.kept_extras())),
    }
}

/// Finds the subject of a call that is not a reset, and takes the further steps.
#[cold]
#[inline(never)]
fn found_elsewhere<'c>(call: &'c Admitted<'c>, handler: &Handler) -> Result<Answered, Box<Refused>> {
    if let Handler::Account(own) = handler {
        let own = own(call)?;
        let counted = ByName::of_account(call, &own);
        return Ok(proceed(call, call.operation, own, counted));
    }
    let place = call.running().project_at(call.project);
    let missing = || Refused::unknown(Missing::Project, call.project, call.parameters.user).boxed();
    let place = &place.ok_or_else(missing)?;
    // A list may take long, and changes nothing.
    if call.operation.changes {
        place.ledger.people.change(place.project, |users| in_project(call, place, users, handler))
    } else {
        place.ledger.people.look(place.project, |users| in_project(call, place, users, handler))
    }
}

fn in_project<'c>(
    call: &'c Admitted<'c>,
    place: &'c ProjectPlace<'c>,
    users: &mut Changing<'_>,
    handler: &Handler,
) -> Result<Answered, Box<Refused>> {
    let clone = place.clone.map(|clone| clone.index);
    let at = |user| InProject { call, place, target: CallTarget { project: place.index, user, clone } };
    if let Handler::Users(own) = handler {
        let at = at(None);
        let own = own(at, users)?;
        return Ok(proceed(call, call.operation, own, ByName::in_project(at, users, None)));
    }
    let user = call.parameters.user;
    let unknown = || Refused::unknown(Missing::User, call.project, user).boxed();
    let found = users.find(user).ok_or_else(unknown)?;
    let person = users.person(&found).ok_or_else(unknown)?;
    let at = at(found.place().loaded());
    let own = match handler {
        Handler::User(own) => own(at, FoundUser { found, person })?,
        _ => Own::of(call),
    };
    Ok(proceed(call, call.operation, own, ByName::in_project(at, users, Some(user))))
}

/// Counts the call, decides it, carries it out and answers it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what comes of it is large, and would be copied once more for each request")]
fn proceed<'c>(call: &'c Admitted<'c>, operation: Operation, own: Own<'c>, mut counted: impl Counted<'c>) -> Answered {
    let state = call.state();
    let (number, (ledger, stream)) = (counted.count(), counted.ledger());
    let account = own.account.or(call.account()).map(|(index, _)| index);
    let outcome = counted.decide(&own, number, &AskedBy { whole: call.whole, account });
    let Own { effect, says, headers, secret, .. } = own;
    counted.carry_out(effect, &outcome, number);
    let id = state.counted_id(ledger, stream, number);
    let mut reply = of_outcome(state, operation, &outcome, says, call.running().setup.settings, id);
    if operation.service.is_iam() {
        reply.trace();
    }
    let succeeded = outcome.status == operation.success();
    for (name, value) in headers.iter().filter(|_| succeeded) {
        reply.set_header(name, value);
    }
    let secret = secret.filter(|_| succeeded).map(Box::new);
    let mut extras = counted.extras().or_else(|| call.kept_extras());
    // A body with a password is made from the decision when the entry is read.
    if !reply.has_password() {
        extras = with_body(state, extras, &reply);
    }
    Answered { reply, decided: Some((number, outcome)), user: counted.user(), secret, extras }
}

#[cold]
fn unknown(missing: Missing, call: &Admitted<'_>) -> Box<Refused> {
    Refused::unknown(missing, call.parameters.project, call.parameters.user).boxed().of(call.kept_extras())
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
