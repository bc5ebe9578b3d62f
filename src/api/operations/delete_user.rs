//! Deletes a user.

use crate::api::in_project::{FoundUser, InProject};
use crate::api::own::Own;

pub(crate) fn own(at: InProject<'_>, FoundUser { person, .. }: FoundUser) -> Own<'_> {
    Own::of(at.call).changing(move |users, _| users.delete(&person.id))
}
