//! Shows a user.

use crate::api::in_project::{FoundUser, InProject};
use crate::api::objection::Refused;
use crate::api::own::Own;
use crate::api::response::detail;
use serde_json::json;

pub(crate) fn own<'c>(at: InProject<'c>, FoundUser { person, .. }: FoundUser) -> Result<Own<'c>, Box<Refused>> {
    Ok(Own::of(at.call).saying(json!({ "user_detail": detail(&person, at.now_ms()) })))
}
