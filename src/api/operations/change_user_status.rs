//! Locks or unlocks a user, or sends them a new password.

use crate::api::in_project::{FoundUser, InProject, check_addresses};
use crate::api::json_body::body;
use crate::api::messages::reset_words;
use crate::api::objection::Refused;
use crate::api::own::Own;
use crate::contract::ACTION_FIELDS;
use crate::fixture::User;
use crate::state::{Patch, SentPassword};

pub(crate) fn own(at: InProject<'_>, FoundUser { found, person }: FoundUser) -> Result<Own<'_>, Box<Refused>> {
    let body = body(at.call, ACTION_FIELDS)?;
    let action = body.text("op_type");
    if action != Some("RESET_PWD") {
        let patch = Patch { locked: Some(action == Some("LOCK")), ..Patch::default() };
        return Ok(Own::of(at.call).changing(move |users, _| users.update(&person.id, patch, None)));
    }
    check_addresses(&person)?;
    Ok(Own::of(at.call).changing(move |users, number| {
        let password = at.draw_password(&person, number);
        at.send(&person, number, &password, |kind| reset_words(kind, &person.user_name, &password));
        let resets = at.place.highest(&found, User::Changed(&person));
        users.update(&person.id, Patch::default(), Some(SentPassword { password, resets }));
    }))
}
