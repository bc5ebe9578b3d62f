//! Changes fields of a user.

use crate::api::in_project::{FoundUser, InProject};
use crate::api::json_body::body;
use crate::api::objection::Refused;
use crate::api::own::Own;
use crate::contract::UPDATE_FIELDS;
use serde_json::json;

pub(crate) fn own(at: InProject<'_>, FoundUser { person, .. }: FoundUser) -> Result<Own<'_>, Box<Refused>> {
    let patch = body(at.call, UPDATE_FIELDS)?.patch()?;
    let own = Own::of(at.call).saying(json!({ "id": person.id }));
    Ok(own.changing(move |users, _| users.update(&person.id, patch, None)))
}
