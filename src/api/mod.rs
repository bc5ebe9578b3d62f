//! The emulated API: from a request whose body has arrived to an answer.
//!
//! The steps, in this order, and the first that objects answers: `head.rs` (well-formed HTTP), the route, then
//! for an operation `parameters.rs` (its contract) and `credentials.rs` (who calls), and `workspace.rs` (does the
//! user exist, count, decide, answer). `refused.rs` is what an objection is, `body.rs` renders answers.

mod body;
mod credentials;
mod head;
mod parameters;
mod refused;
mod workspace;

pub(crate) use head::check as check_head;
pub(crate) use refused::Refused;

use crate::contract::{MESSAGE_CHARS_MAX, Operation, Parameter, Route, Situation, route};
use crate::draw::RequestId;
use crate::engine::{Outcome, Refusal, Settings};
use crate::state::{Running, State};
use bytes::Bytes;
use hyper::Response;
use hyper::http::header::{CONTENT_TYPE, HeaderName};
use hyper::http::request::Parts;

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// An answer, and what the journal keeps of it.
pub(crate) struct Answered {
    /// The operation, if the path is known.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) response: Response<Bytes>,
    pub(crate) request_id: RequestId,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<(u64, Outcome)>,
    /// Why it was rejected.
    pub(crate) problem: Option<String>,
}

/// Answers a request whose body has arrived.
pub(crate) fn answer(state: &State, running: &Running, request: &Parts) -> Answered {
    let settings = running.set_up.settings;
    match answer_or_refuse(state, running, request, settings) {
        Ok(answered) => answered,
        Err(refused) => {
            let known = route(request.uri.path(), request.method.as_str()).known_path();
            Answered { operation: known.map(|(operation, _)| operation), ..refuse(state, settings, *refused) }
        }
    }
}

/// The name of a header parameter. Those that are read of every request are not parsed for each.
fn header_of(parameter: &Parameter) -> Option<HeaderName> {
    match parameter.name {
        "Content-Type" => Some(CONTENT_TYPE),
        "X-Auth-Token" => Some(X_AUTH_TOKEN),
        other => other.parse().ok(),
    }
}

/// Answers a request that is refused before it is counted.
pub(crate) fn reject(state: &State, refused: Refused) -> Answered {
    let settings = state.running().set_up.settings;
    refuse(state, settings, refused)
}

fn answer_or_refuse(
    state: &State,
    running: &Running,
    request: &Parts,
    settings: Settings,
) -> Result<Answered, Box<Refused>> {
    head::check(request, &state.limits)?;
    match route(request.uri.path(), request.method.as_str()) {
        Route::Known { operation, values } => {
            let parameters = parameters::check(operation, &values, request, settings.lenient)?;
            credentials::check(operation, request, settings.auth)?;
            workspace::reset_random_password(state, running, operation, &parameters)
        }
        Route::WrongMethod { operation, .. } => Err(Refused::new(
            Situation::WrongMethod,
            format!("{} is not allowed on this path; send {}.", request.method, operation.method),
        )
        .allow(operation.method)
        .boxed()),
        Route::Unknown => Err(Refused::new(
            Situation::UnknownPath,
            format!(
                "No API is published for {} {}. Check the path, and that it has no slash at its end.",
                request.method,
                request.uri.path()
            ),
        )
        .boxed()),
    }
}

fn refuse(state: &State, settings: Settings, refused: Refused) -> Answered {
    let request_id = state.uncounted_id();
    let error = refused.error(settings.fidelity);
    let refusal = Refusal::saying(error, shortened(refused.message));
    let mut response = body::of_refusal(error.status, &refusal, settings.fidelity, request_id);
    if error.status == 405
        && let Some(allowed) = refused.allow
    {
        body::set_header(&mut response, "allow", allowed);
    }
    if refused.close {
        body::set_header(&mut response, "connection", "close");
    }
    Answered { operation: None, response, request_id, decided: None, problem: Some(refusal.message.into_owned()) }
}

/// A message quotes what was sent, and must fit the documented body all the same.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARS_MAX) {
        message.truncate(end);
    }
    message
}
