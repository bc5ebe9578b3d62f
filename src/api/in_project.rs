//! Shared by the operations on users of a project: where they act, and the messages that they send.

use crate::api::admitted::Admitted;
use crate::api::messages::{self, Letter, Words};
use crate::api::objection::{Refused, invalid};
use crate::contract::NotificationType;
use crate::engine::address;
use crate::fixture::{Person, User};
use crate::ids::CallTarget;
use crate::state::{FoundPerson, HandedOut, ProjectPlace};

/// Bytes of a URL that a message quotes: a host has 255 at most.
const URL_MAX: usize = "http://".len() + 255;

/// Where a call acts.
#[derive(Clone, Copy)]
pub(crate) struct InProject<'c> {
    pub(crate) call: &'c Admitted<'c>,
    pub(crate) place: &'c ProjectPlace<'c>,
    pub(crate) target: CallTarget,
}

/// The user that a call is about.
pub(crate) struct FoundUser {
    pub(crate) found: FoundPerson,
    pub(crate) person: Person,
}

impl InProject<'_> {
    /// The time as users files and answers see it, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.call.state().clock.moved_unix_ms()
    }

    /// Draws a password that a user is sent without a reset, and notes it for the search of secrets.
    pub(crate) fn draw_password(&self, person: &Person, number: u64) -> String {
        let operation = self.call.operation;
        let password = self.call.running().setup.sent_password(operation, person, number);
        if let Some(secrets) = self.call.state().secrets.get() {
            let (operation, user, project) = (operation.id, &person.id, self.call.project);
            let what = format!("the password that {operation} sent to user {user} of project {project}");
            secrets.hand_out(&password, HandedOut::Otherwise(what.into()));
        }
        password.to_string()
    }

    /// Sends the activation message.
    pub(crate) fn welcome(&self, person: &Person, number: u64, password: &str) {
        let (url, tenant) = (self.url(), self.call.project);
        let who = if person.user_name.is_empty() { &person.id } else { &person.user_name };
        self.send(person, number, password, |kind| {
            let text =
                format!("Desktop user {who} was created. Log in at {url} to tenant {tenant} with this password:");
            let text = match kind {
                NotificationType::Email => format!("{text}\n\n{password}\n"),
                NotificationType::Phone => format!("{text} {password}"),
            };
            Words { subject: "Your desktop user was created", text }
        });
    }

    /// Sends a message with this password to each address of a user.
    pub(crate) fn send(&self, person: &Person, number: u64, password: &str, words: impl Fn(NotificationType) -> Words) {
        let letter = Letter { call: self.call, user: User::Changed(person), target: self.target, number, password };
        for kind in reachable(person) {
            messages::send(&letter, kind, words(kind));
        }
    }

    /// The server's URL as the client names it, unless that is too long to be quoted.
    fn url(&self) -> String {
        let named = self.call.whole.url();
        if named.len() <= URL_MAX { named } else { self.call.state().own_url().to_owned() }
    }
}

/// The ways in which a user can be sent a message.
pub(crate) fn reachable(person: &Person) -> impl Iterator<Item = NotificationType> {
    NotificationType::ALL.into_iter().filter(|kind| !address(User::Changed(person), *kind).is_empty())
}

/// Refuses to send a password to a user who has no address.
pub(crate) fn check_addresses(person: &Person) -> Result<(), Box<Refused>> {
    if reachable(person).next().is_some() {
        return Ok(());
    }
    Err(invalid(format!("User {} has neither user_email nor user_phone to send a password to.", person.id)))
}
