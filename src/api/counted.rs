//! How calls are counted: a user's resets by the user's place, all other calls by name.

use super::admitted::Admitted;
use super::in_project::InProject;
use super::messages::{self, Letter, reset_words};
use super::own::{Effect, Own};
use crate::draw::Stream;
use crate::engine::{About, Call, NewPassword, Outcome, Principal, Setup, decide, stream_of_other};
use crate::fixture::Account;
use crate::ids::{CallTarget, UserKey};
use crate::scenario::{Asked, Phase};
use crate::state::{Changing, Extras, Found, Ledger};
use std::borrow::Cow;

/// A call whose subject was found: what the steps from counting on do in another way for resets and for the others.
pub(super) trait Counted<'c> {
    /// Where the call is counted, and the stream of its draws.
    fn ledger(&self) -> (&'c Ledger, Stream);

    /// Counts the call, and gives its number.
    fn count(&self) -> u64;

    fn decide(&self, own: &Own<'c>, number: u64, asked: &dyn Asked) -> Outcome;

    /// Does what the call changes, unless the outcome prevents it.
    fn carry_out(&mut self, effect: Effect<'c>, outcome: &Outcome, number: u64);

    /// The user whose reset it is.
    fn user(&self) -> Option<UserKey> {
        None
    }

    /// Journal parts, if the account differs from that of the credentials.
    fn extras(&self) -> Option<Box<Extras>> {
        None
    }
}

/// A reset of a user's password.
pub(super) struct Reset<'c> {
    pub(super) call: &'c Admitted<'c>,
    pub(super) found: Found<'c>,
}

impl<'c> Counted<'c> for Reset<'c> {
    #[inline]
    fn ledger(&self) -> (&'c Ledger, Stream) {
        (self.found.ledger, self.found.user().stream())
    }

    #[inline]
    fn count(&self) -> u64 {
        self.found.count()
    }

    #[inline]
    fn decide(&self, _: &Own<'c>, number: u64, asked: &dyn Asked) -> Outcome {
        let running = self.call.running();
        let about = About { project: self.found.template(self.call.project), target: self.target(), user: None };
        let reset = NewPassword { user: self.found.user(), notification: self.call.parameters.notification };
        let principal = self.call.account().map(|(_, account)| Principal::of(account));
        let call = Call::of_reset(about, reset, number, asked).by(principal);
        decide(running.set_up_of(self.found.clone), running.override_rules(), &call)
    }

    #[inline]
    fn carry_out(&mut self, _: Effect<'c>, outcome: &Outcome, number: u64) {
        let Some(password) = &outcome.password else { return };
        self.found.succeed(number);
        if !self.call.parameters.notification.is_empty() {
            self.notify(&password.to_string(), number);
        }
    }

    #[inline]
    fn user(&self) -> Option<UserKey> {
        Some(self.found.own_key())
    }
}

impl Reset<'_> {
    #[inline]
    fn target(&self) -> CallTarget {
        let clone = self.found.clone.map(|clone| clone.index);
        CallTarget { project: self.found.key.project, user: self.found.key.user.loaded(), clone }
    }

    /// Sends the user the new password in the ways that the request asks for.
    #[cold]
    fn notify(&self, password: &str, number: u64) {
        let user = self.found.user();
        let (name, id) = (user.user_name(), user.id());
        let who = if name.is_empty() { &id } else { &name };
        let letter = Letter { call: self.call, user, target: self.target(), number, password };
        for kind in self.call.parameters.notification.iter() {
            messages::send(&letter, kind, reset_words(kind, who, password));
        }
    }
}

/// A call that is counted by the id of the user in the path, else by the name of the account.
pub(super) struct ByName<'c, 'u, 'p> {
    call: &'c Admitted<'c>,
    ledger: &'c Ledger,
    who: Option<Cow<'c, str>>,
    stream: Stream,
    setup: &'c Setup,
    about: Option<About<'c>>,
    /// The users of the project, locked against other changes.
    users: Option<&'u mut Changing<'p>>,
}

impl<'c, 'u, 'p> ByName<'c, 'u, 'p> {
    pub(super) fn in_project(at: InProject<'c>, users: &'u mut Changing<'p>, user: Option<&'c str>) -> Self {
        let InProject { call, place, target } = at;
        let about = Some(About { project: place.project.id(), target, user });
        let setup = call.running().set_up_of(place.clone);
        Self::new(call, place.ledger, user.or(call.name()).map(Cow::Borrowed), setup, about, Some(users))
    }

    pub(super) fn of_account(call: &'c Admitted<'c>, own: &Own<'c>) -> Self {
        let who = own.account.map(|(_, account)| Account::shown(account));
        let running = call.running();
        Self::new(call, &running.epoch.outside, who.map(Cow::Owned), &running.setup, None, None)
    }

    fn new(
        call: &'c Admitted<'c>,
        ledger: &'c Ledger,
        who: Option<Cow<'c, str>>,
        setup: &'c Setup,
        about: Option<About<'c>>,
        users: Option<&'u mut Changing<'p>>,
    ) -> Self {
        let stream = stream_of_other(call.operation, about.as_ref(), who.as_deref().unwrap_or(""));
        Self { call, ledger, who, stream, setup, about, users }
    }
}

impl<'c> Counted<'c> for ByName<'c, '_, '_> {
    fn ledger(&self) -> (&'c Ledger, Stream) {
        (self.ledger, self.stream)
    }

    fn count(&self) -> u64 {
        self.ledger.clients.calls.count(self.call.operation, self.who.as_deref())
    }

    fn decide(&self, own: &Own<'c>, number: u64, asked: &dyn Asked) -> Outcome {
        let (operation, stream, about) = (self.call.operation, self.stream, self.about);
        let principal = own.account.map(|(_, account)| Principal::of(account));
        let call = Call { operation, number, stream, about, reset: None, principal, asked };
        decide(self.setup, self.call.running().override_rules(), &call)
    }

    fn carry_out(&mut self, effect: Effect<'c>, outcome: &Outcome, number: u64) {
        match (effect, &mut self.users) {
            (Effect::Users(change), Some(users)) if outcome.phase != Some(Phase::Before) => change(users, number),
            (Effect::Token(issued), _) if outcome.status == self.call.operation.success() => {
                self.call.state().tokens.issue(issued);
            }
            _ => {}
        }
    }

    fn extras(&self) -> Option<Box<Extras>> {
        let account = self.who.as_deref().filter(|_| self.about.is_none())?;
        Some(Box::new(Extras { account: Some(account.into()), ..Extras::default() }))
    }
}
