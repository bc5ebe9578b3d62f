//! Renders answers: the one place that writes the API's bodies.

use super::content::Content;
use crate::contract::{Fidelity, Origin};
use crate::draw::{Password, RequestId};
use crate::engine::Refusal;
use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;
use serde_json::json;

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

/// An error.
pub(super) fn of_refusal(status: u16, refusal: &Refusal, fidelity: Fidelity, id: RequestId) -> Bytes {
    let error_msg = refusal.message.as_ref();
    let encoded_authorization_message = refusal.encoded_authorization_message.as_deref();
    if refusal.origin == Origin::Keystone {
        let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("");
        json(&json!({ "error": { "code": status, "message": error_msg, "title": title } }))
    } else if fidelity == Fidelity::Observed && refusal.origin == Origin::Gateway {
        json(&GatewayResponse { error_msg, error_code: &refusal.code, request_id: id, encoded_authorization_message })
    } else {
        json(&BaseResponse { error_code: &refusal.code, error_msg, encoded_authorization_message })
    }
}

/// The documented answer. A password needs no quoting in JSON, so nothing is looked at twice.
pub(super) fn of_password(password: &Password) -> Content {
    Content::of([br#"{"password":""#, password.bytes(), br#""}"#])
}

pub(super) fn json<T: Serialize>(value: &T) -> Bytes {
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
