//! The emulated API: from a request whose body has arrived to an answer.
//!
//! The steps, in this order, and the first that objects answers: `head.rs` (well-formed HTTP), the route, then
//! for an operation `parameters.rs` (its contract) and `credentials.rs` (who calls), and `workspace.rs` (does the
//! user exist, count, decide, answer). `fields.rs` finds the header fields that they read, `refused.rs` is what an
//! objection is, `reply.rs` an answer, `body.rs` renders its body, `content.rs` holds that, and `explained.rs` names the
//! rules behind it.

mod body;
mod content;
mod credentials;
mod explained;
mod fields;
mod head;
mod parameters;
mod refused;
mod reply;
mod workspace;

pub(crate) use content::Content;
pub(crate) use refused::Refused;
pub(crate) use reply::Reply;

use crate::contract::{MESSAGE_CHARS_MAX, Operation, Route, Situation, route};
use crate::engine::{Outcome, Refusal, Settings};
use crate::fixture::UserKey;
use crate::limits::Limits;
use crate::state::{Clock, Running, State};
use fields::Fields;
use hyper::http::request::Parts;
use std::time::Duration;

/// An answer, and what the journal keeps of it.
pub(crate) struct Answered {
    /// The operation, if the path is known.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) reply: Reply,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<(u64, Outcome)>,
    /// Whose call was counted; in a clone, with its index.
    pub(crate) user: Option<UserKey>,
    /// Why it was rejected.
    pub(crate) problem: Option<String>,
}

/// A request whose body has arrived.
struct Request<'r> {
    parts: &'r Parts,
    clock: &'r Clock,
    /// When it had arrived whole, by real time.
    time: Duration,
}

/// Answers a request whose body has arrived at that time, which [`Clock::now`] gave.
pub(crate) fn answer(state: &State, running: &Running, request: &Parts, time: Duration) -> Answered {
    let settings = running.set_up.settings;
    match answer_or_refuse(state, running, request, time, settings) {
        Ok(answered) => answered,
        Err(refused) => {
            let known = route(request.uri.path(), request.method.as_str()).known_path();
            Answered { operation: known.map(|(operation, _)| operation), ..refuse(state, settings, *refused) }
        }
    }
}

/// Step 1, for whoever answers in a shape of its own.
pub(crate) fn check_head(request: &Parts, limits: &Limits) -> Result<(), Box<Refused>> {
    head::check(request, &Fields::of(&request.headers), limits)
}

/// Answers a request that is refused before it is counted.
pub(crate) fn reject(state: &State, refused: Refused) -> Answered {
    let settings = state.running().set_up.settings;
    refuse(state, settings, refused)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "what comes of it is large, and would be copied once more for each request")]
fn answer_or_refuse(
    state: &State,
    running: &Running,
    request: &Parts,
    time: Duration,
    settings: Settings,
) -> Result<Answered, Box<Refused>> {
    let fields = Fields::of(&request.headers);
    head::check(request, &fields, &state.limits)?;
    match route(request.uri.path(), request.method.as_str()) {
        Route::Known { operation, values } => {
            let parameters = parameters::check(operation, &values, request.uri.query(), &fields, settings.lenient)?;
            credentials::check(parameters.token, &fields, settings.auth)?;
            let request = Request { parts: request, clock: &state.clock, time };
            workspace::reset_random_password(state, running, operation, &parameters, &request)
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
    let error = refused.error(settings.fidelity);
    let refusal = Refusal::saying(error, shortened(refused.message));
    let mut reply = body::of_refusal(error.status, &refusal, settings.fidelity, state.uncounted_id());
    if error.status == 405
        && let Some(allowed) = refused.allow
    {
        reply.set_header("allow", allowed);
    }
    if refused.close {
        reply.set_header("connection", "close");
    }
    Answered { operation: None, reply, decided: None, user: None, problem: Some(refusal.message.into_owned()) }
}

/// A message quotes what was sent, and must fit the documented body all the same.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARS_MAX) {
        message.truncate(end);
    }
    message
}
