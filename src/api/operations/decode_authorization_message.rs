//! Decodes the sealed reason of a refusal.

use crate::api::admitted::Admitted;
use crate::api::json_body::json;
use crate::api::objection::{Refused, invalid};
use crate::api::own::Own;
use crate::contract::SEALED_CHARS_MAX;
use crate::engine::opened_reason;
use serde_json::{Value, json};

pub(crate) fn own<'a>(call: &Admitted<'a>) -> Result<Own<'a>, Box<Refused>> {
    let body = json(call)?;
    let sealed = body.get("encoded_message").and_then(Value::as_str);
    let sealed = sealed.filter(|sealed| (1..=SEALED_CHARS_MAX).contains(&sealed.len())).ok_or_else(|| {
        invalid(format!("encoded_message is missing, or not a string of 1 to {SEALED_CHARS_MAX} characters."))
    })?;
    let opened = opened_reason(&call.running().setup, sealed)
        .ok_or_else(|| invalid("encoded_message was not sealed here, or is truncated."))?;
    Ok(Own::of(call).saying(json!({ "decoded_message": opened })))
}
