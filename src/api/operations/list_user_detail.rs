//! Shows a user.

use crate::api::in_project::{FoundUser, InProject};
use crate::api::own::Own;
use crate::api::response::detail;
use serde_json::json;

pub(crate) fn own(at: InProject<'_>, FoundUser { person, .. }: FoundUser) -> Own<'_> {
    Own::of(at.call).saying(json!({ "user_detail": detail(&person, at.now_ms()) }))
}
