//! Answers to counted calls and to requests that are refused before.

use super::listing::{Contents, ListedText};
use super::reply::Reply;
use super::{body, explained};
use crate::api::objection::Refused;
use crate::contract::{Fidelity, MESSAGE_CHARS_MAX, Operation, Origin, Service, has_body};
use crate::draw::RequestId;
use crate::engine::{Outcome, Refusal, Settings};
use crate::ids::UserKey;
use crate::state::{Extras, KeptBody, State, looked_at};
use bytes::Bytes;
use serde_json::Value;

/// The status that HTTP wants an `Allow` beside.
const METHOD_NOT_ALLOWED: u16 = 405;

/// An answer, and what the journal keeps of it.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// Of a counted call: its number and what was decided.
    pub(crate) decided: Option<(u64, Outcome)>,
    /// Whose call was counted; in a clone, with its index.
    pub(crate) user: Option<UserKey>,
    /// A secret that it hands out, with its kind; passwords are in `decided`.
    pub(crate) secret: Option<Box<(&'static str, String)>>,
    /// Context that most answers do without.
    pub(crate) extras: Option<Box<Extras>>,
}

impl Answered {
    /// Why it was rejected.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.extras.as_ref()?.problem.as_deref()
    }
}

/// The body of a success, unless it is a password.
#[derive(Default)]
pub(crate) enum Says {
    #[default]
    Nothing,
    One(Value),
    List(Contents),
}

/// The answer to a counted call.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the answer is large, and would be moved once more for each request")]
pub(crate) fn of_outcome(
    state: &State,
    operation: Operation,
    outcome: &Outcome,
    says: Says,
    settings: Settings,
    id: RequestId,
) -> Reply {
    let facet = outcome.rule.as_deref().and_then(|rule| rule.status.as_ref());
    let scripted = facet.and_then(|facet| facet.body.as_deref());
    let mut reply = match (scripted, &outcome.refusal, outcome.password) {
        (Some(body), ..) => Reply::new(outcome.status, Bytes::copy_from_slice(body.as_bytes()).into(), id),
        (None, Some(refusal), _) => of_refusal(outcome.status, refusal, settings.fidelity, id),
        (None, None, Some(password)) if has_body(outcome.status) => {
            Reply::new(outcome.status, body::of_password(&password), id)
        }
        (None, None, _) => {
            let says = if outcome.status == operation.success() { says } else { Says::Nothing };
            of_own(state, outcome.status, says, id)
        }
    };
    if outcome.status == METHOD_NOT_ALLOWED {
        reply.set_header("allow", operation.method);
    }
    for (name, value) in facet.map_or(&[][..], |facet| &facet.headers) {
        reply.set_header(name, value);
    }
    if settings.explain_header {
        explained::explain(&mut reply, outcome);
        if let Some(refusal) = &outcome.refusal {
            explained::explain_error(state, &mut reply, refusal);
        }
    }
    reply
}

/// The answer with the operation's own body.
#[cold]
fn of_own(state: &State, status: u16, says: Says, id: RequestId) -> Reply {
    let text = match says {
        Says::Nothing => Bytes::new(),
        Says::One(value) => body::json(&value),
        Says::List(contents) => match contents.text(looked_at(state.limits.entry_body_bytes_max)) {
            ListedText::Whole(text) => text,
            ListedText::Later(list, beginning) => {
                let mut reply = Reply::new(status, Bytes::new().into(), id);
                reply.say_list(list, beginning);
                return reply;
            }
        },
    };
    Reply::new(status, text.into(), id)
}

/// An error.
fn of_refusal(status: u16, refusal: &Refusal, fidelity: Fidelity, id: RequestId) -> Reply {
    Reply::new(status, body::of_refusal(status, refusal, fidelity, id).into(), id)
}

/// Answers a request that is refused before it is counted.
pub(crate) fn refuse(
    state: &State,
    settings: Settings,
    operation: Option<Operation>,
    mut refused: Refused,
) -> Answered {
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
    let mut reply = of_refusal(error.status, &refusal, settings.fidelity, state.uncounted_id());
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
    let mut extras = refused.whose.take().unwrap_or_default();
    extras.problem = Some(refused.problem(&refusal.message).into());
    let extras = with_body(state, Some(extras), &reply);
    Answered { reply, decided: None, user: None, secret: None, extras }
}

/// Has the journal keep the beginning of an answer's body.
#[cold]
#[inline(never)]
pub(crate) fn with_body(state: &State, extras: Option<Box<Extras>>, reply: &Reply) -> Option<Box<Extras>> {
    let setup = &state.running().setup;
    let kept = KeptBody::of(setup, reply.beginning(), reply.content_length(), state.limits.entry_body_bytes_max);
    if kept.is_none() {
        return extras;
    }
    let mut extras = extras.unwrap_or_default();
    extras.answer_body = kept;
    Some(extras)
}

/// Shortens a message, which may quote the request, to the documented length.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARS_MAX) {
        message.truncate(end);
    }
    message
}
