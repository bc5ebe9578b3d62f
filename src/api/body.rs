//! Renders answers: the one place that writes the API's bodies.

use super::content::Content;
use super::explained;
use super::reply::Reply;
use crate::contract::{Fidelity, Operation, Origin, has_body};
use crate::draw::{Password, RequestId};
use crate::engine::{Outcome, Refusal, Settings};
use crate::state::State;
use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;

/// The status that HTTP wants an `Allow` beside.
const METHOD_NOT_ALLOWED: u16 = 405;

/// The documented error body.
#[derive(Serialize)]
struct BaseResponse<'r> {
    error_code: &'r str,
    error_msg: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoded_authorization_message: Option<&'r str>,
}

/// The error body of the gateway, as the live service sends it.
#[derive(Serialize)]
struct GatewayResponse<'r> {
    error_msg: &'r str,
    error_code: &'r str,
    request_id: RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoded_authorization_message: Option<&'r str>,
}

/// The error body of IAM, as Keystone has it.
#[derive(Serialize)]
struct KeystoneResponse<'r> {
    error: KeystoneError<'r>,
}

#[derive(Serialize)]
struct KeystoneError<'r> {
    code: u16,
    message: &'r str,
    title: &'r str,
}

/// The answer to a counted call. `own` is what the success says where that is no password. `other` is given an answer that does
/// not hand out a password, before its header fields are set.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the answer is large, and would be moved once more for each request")]
pub(super) fn of_outcome<T: Serialize>(
    state: &State,
    operation: &Operation,
    outcome: &Outcome,
    own: Option<&T>,
    settings: Settings,
    id: RequestId,
    other: impl FnOnce(Reply) -> Reply,
) -> Reply {
    let facet = outcome.rule.as_deref().and_then(|rule| rule.status.as_ref());
    let scripted = facet.and_then(|facet| facet.body.as_deref());
    let mut reply = match (scripted, &outcome.refusal, outcome.password) {
        (Some(body), ..) => other(Reply::new(outcome.status, Bytes::copy_from_slice(body.as_bytes()).into(), id)),
        (None, Some(refusal), _) => other(of_refusal(outcome.status, refusal, settings.fidelity, id)),
        (None, None, Some(password)) if has_body(outcome.status) => {
            Reply::new(outcome.status, of_password(&password), id)
        }
        (None, None, _) => other(Reply::new(outcome.status, own.map_or(Bytes::new(), json).into(), id)),
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

/// An error.
pub(super) fn of_refusal(status: u16, refusal: &Refusal, fidelity: Fidelity, id: RequestId) -> Reply {
    let error_msg = refusal.message.as_ref();
    let encoded_authorization_message = refusal.encoded_authorization_message.as_deref();
    let body = if refusal.origin == Origin::Keystone {
        let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("");
        json(&KeystoneResponse { error: KeystoneError { code: status, message: error_msg, title } })
    } else if fidelity == Fidelity::Observed && refusal.origin == Origin::Gateway {
        json(&GatewayResponse { error_msg, error_code: &refusal.code, request_id: id, encoded_authorization_message })
    } else {
        json(&BaseResponse { error_code: &refusal.code, error_msg, encoded_authorization_message })
    };
    Reply::new(status, body.into(), id)
}

/// The documented answer. A password needs no quoting in JSON, so nothing is looked at twice.
fn of_password(password: &Password) -> Content {
    Content::of([br#"{"password":""#, password.bytes(), br#""}"#])
}

fn json<T: Serialize>(value: &T) -> Bytes {
    let mut body = Vec::with_capacity(128);
    write(value, &mut body);
    body.into()
}

fn write<T: Serialize>(value: &T, body: &mut Vec<u8>) {
    // Writing these shapes to memory cannot fail.
    let _ = serde_json::to_writer(body, value);
}

/// The beginning of a list of users.
pub(super) fn begin_list(total: usize, body: &mut Vec<u8>) {
    body.extend_from_slice(br#"{"total_count":"#);
    write(&total, body);
    body.extend_from_slice(br#","users":["#);
}

/// One user of a list.
pub(super) fn list<T: Serialize>(user: &T, is_first: bool, body: &mut Vec<u8>) {
    if !is_first {
        body.push(b',');
    }
    write(user, body);
}

pub(super) fn end_list(body: &mut Vec<u8>) {
    body.extend_from_slice(b"]}");
}

/// Makes a body no JSON, whatever it was: a backslash ends none. Its length stays.
pub(super) fn spoil(body: &mut [u8]) {
    if let Some(last) = body.last_mut() {
        *last = b'\\';
    }
}

/// Whether a call is answered with what its success says.
pub(super) fn says_its_own(operation: &Operation, outcome: &Outcome) -> bool {
    let facet = outcome.rule.as_deref().and_then(|rule| rule.status.as_ref());
    outcome.status == operation.success() && outcome.refusal.is_none() && facet.is_none_or(|facet| facet.body.is_none())
}
