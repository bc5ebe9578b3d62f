//! Sends a user the activation message once more, with the password that they have now.

use crate::api::in_project::{FoundUser, InProject, check_addresses};
use crate::api::json_body::body;
use crate::api::objection::Refused;
use crate::api::own::Own;
use crate::contract::SEND_FIELDS;
use crate::fixture::User;
use crate::state::{FoundPerson, Patch, SentPassword};

pub(crate) fn own(at: InProject<'_>, FoundUser { found, person }: FoundUser) -> Result<Own<'_>, Box<Refused>> {
    body(at.call, SEND_FIELDS)?;
    check_addresses(&person)?;
    Ok(Own::of(at.call).changing(move |users, number| {
        let running = at.call.running();
        let resets = at.place.highest(&found, User::Changed(&person));
        let sent = match &found {
            FoundPerson::Loaded(_) => None,
            FoundPerson::Someone(someone) => someone.sent.as_ref().filter(|sent| resets <= sent.resets),
        };
        let of_reset = || (resets > 0).then(|| running.setup.password(User::Changed(&person), resets).to_string());
        if let Some(password) = sent.map(|sent| sent.password.clone()).or_else(of_reset) {
            at.welcome(&person, number, &password);
            return;
        }
        // A user without a password gets one.
        let password = at.draw_password(&person, number);
        at.welcome(&person, number, &password);
        users.update(&person.id, Patch::default(), Some(SentPassword { password, resets }));
    }))
}
