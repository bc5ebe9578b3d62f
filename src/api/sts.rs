//! STS's operations: who calls, and what the sealed reason of a refusal says.

use super::account_call::{Asking, Success, invalid};
use super::auth;
use super::objection::Refused;
use crate::contract::SEALED_CHARS_MAX;
use crate::engine::{Principal, opened_reason};
use serde_json::{Value, json};

/// Who calls; where no credentials are shown, the first account that is loaded.
pub(super) fn caller_identity<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    let account = asking.someone().ok_or_else(auth::no_token)?;
    let body = json!({
        "account_id": account.domain_id(),
        "principal_id": account.id(),
        "principal_urn": Principal::of(account).urn(),
    });
    Ok(Success::of(asking, body))
}

/// Decodes the sealed reason of a refusal.
pub(super) fn decode_message<'a>(asking: &Asking<'a>) -> Result<Success<'a>, Box<Refused>> {
    let body = asking.json()?;
    let sealed = body.get("encoded_message").and_then(Value::as_str);
    let sealed = sealed.filter(|sealed| (1..=SEALED_CHARS_MAX).contains(&sealed.len())).ok_or_else(|| {
        invalid(format!("encoded_message is missing, or not a string of 1 to {SEALED_CHARS_MAX} characters."))
    })?;
    let opened = opened_reason(&asking.running.setup, sealed)
        .ok_or_else(|| invalid("encoded_message was not sealed here, or is truncated."))?;
    Ok(Success::of(asking, json!({ "decoded_message": opened })))
}
