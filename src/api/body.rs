//! Renders answers: the one place that writes the API's bodies.

use crate::contract::{Fidelity, Operation, Origin};
use crate::draw::{Password, RequestId};
use crate::engine::{Outcome, Refusal};
use bytes::Bytes;
use hyper::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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

/// The answer to a counted call.
pub(super) fn of_outcome(
    operation: &Operation,
    outcome: &Outcome,
    fidelity: Fidelity,
    id: RequestId,
) -> Response<Bytes> {
    let rule = outcome.rule.as_deref();
    let scripted = rule.and_then(|rule| rule.status.body.as_deref());
    let mut response = match (scripted, &outcome.refusal, outcome.password) {
        (Some(body), ..) => response(outcome.status, Bytes::copy_from_slice(body.as_bytes()), id),
        (None, Some(refusal), _) => of_refusal(outcome.status, refusal, fidelity, id),
        (None, None, Some(password)) if has_body(outcome.status) => {
            response(outcome.status, of_password(&password), id)
        }
        (None, None, _) => response(outcome.status, Bytes::new(), id),
    };
    if outcome.status == METHOD_NOT_ALLOWED {
        set_header(&mut response, "allow", operation.method);
    }
    for (name, value) in rule.map_or(&[][..], |rule| &rule.status.headers) {
        set_header(&mut response, name, value);
    }
    response
}

/// An error.
pub(super) fn of_refusal(status: u16, refusal: &Refusal, fidelity: Fidelity, id: RequestId) -> Response<Bytes> {
    let error_msg = refusal.message.as_ref();
    let encoded_authorization_message = refusal.encoded_authorization_message.as_deref();
    let body = if fidelity == Fidelity::Observed && refusal.origin == Origin::Gateway {
        json(&GatewayResponse { error_msg, error_code: &refusal.code, request_id: id, encoded_authorization_message })
    } else {
        json(&BaseResponse { error_code: &refusal.code, error_msg, encoded_authorization_message })
    };
    response(status, body, id)
}

/// Sets a header, whose name and value were checked where they came from.
pub(super) fn set_header(response: &mut Response<Bytes>, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

fn response(status: u16, body: Bytes, id: RequestId) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(4);
    headers.insert(CONTENT_TYPE, JSON);
    if let Ok(id) = HeaderValue::from_bytes(&id.hex()) {
        headers.insert(X_REQUEST_ID, id);
    }
    response
}

/// The documented answer. A password needs no quoting in JSON, so nothing is looked at twice.
fn of_password(password: &Password) -> Bytes {
    let pieces = [br#"{"password":""#.as_slice(), password.bytes(), br#""}"#];
    // Room for just that much becomes bytes without another allocation.
    let mut body = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    for piece in pieces {
        body.extend_from_slice(piece);
    }
    body.into()
}

/// Statuses of which HTTP says that they have no body.
fn has_body(status: u16) -> bool {
    !matches!(status, 204 | 205 | 304)
}

fn json<T: Serialize>(value: &T) -> Bytes {
    let mut body = Vec::with_capacity(128);
    // Writing these shapes to memory cannot fail.
    let _ = serde_json::to_writer(&mut body, value);
    body.into()
}
