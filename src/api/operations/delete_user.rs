//! Deletes a user.

use crate::api::in_project::{FoundUser, InProject};
use crate::api::objection::Refused;
use crate::api::own::Own;

pub(crate) fn own<'c>(at: InProject<'c>, FoundUser { person, .. }: FoundUser) -> Result<Own<'c>, Box<Refused>> {
    Ok(Own::of(at.call).changing(move |users, _| users.delete(&person.id)))
}
