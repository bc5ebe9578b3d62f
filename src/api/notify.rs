//! The messages that calls send, put into the outbox.

use super::account_call::Asking;
use super::request::{AskedBy, Whole};
use crate::contract::NotificationType;
use crate::draw::{Password, Stream};
use crate::engine::{Call, address, loses};
use crate::ids::CallTarget;
use crate::scenario::Occasion;
use crate::state::{Aside, By, Message, MessageState, Running, State};
use std::fmt::Display;

/// A message, before it is sent.
pub(super) struct Letter<'l> {
    pub(super) kind: NotificationType,
    pub(super) to: String,
    /// The project's id, of a clone its own.
    pub(super) project: &'l str,
    pub(super) user: &'l str,
    pub(super) account: Option<&'l str>,
    pub(super) call: u64,
    pub(super) password: String,
    pub(super) words: Words,
    /// Whose rules hold for it.
    pub(super) target: CallTarget,
    /// The user's.
    pub(super) stream: Stream,
}

/// What a message says.
pub(super) struct Words {
    /// Of an e-mail; messages to phones have none.
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// Tells the user his new password in the ways that a reset asks for.
#[cold]
pub(super) fn tell(
    state: &State,
    running: &Running,
    request: &Whole<'_>,
    call: &Call<'_>,
    project: &str,
    aside: Option<&Aside>,
    password: &Password,
) {
    let (name, id) = (call.user.user_name(), call.user.id());
    let who = if name.is_empty() { &id } else { &name };
    for kind in call.notification.iter() {
        let letter = Letter {
            kind,
            to: address(call.user, kind).into_owned(),
            project,
            user: &id,
            account: aside.and_then(|aside| aside.account.as_deref()),
            call: call.number,
            password: password.to_string(),
            words: reset_words(kind, who, password),
            target: CallTarget { project: call.key.project, user: call.key.user.loaded(), clone: call.clone },
            stream: call.user.stream(),
        };
        let occasion = Occasion { asked: call.asked, stream: letter.stream, call: letter.call };
        put(state, running, request, letter, occasion);
    }
}

/// Sends what another operation has to tell.
pub(super) fn send(asking: &Asking<'_>, letter: Letter<'_>) {
    let asked = AskedBy { whole: asking.request, account: asking.account().map(|(index, _)| index) };
    let occasion = Occasion { asked: &asked, stream: letter.stream, call: letter.call };
    put(asking.state, asking.running, asking.request, letter, occasion);
}

fn put(state: &State, running: &Running, request: &Whole<'_>, letter: Letter<'_>, occasion: Occasion<'_>) {
    let by_console = request.request.by_console;
    let lost = loses(running.set_up_in(letter.project), running.override_rules(), letter.kind, letter.target, occasion);
    if let Some(rule) = lost {
        running.ledger(Some(letter.project)).strikes_by(by_console).add(&rule.label, 1);
    }
    let why = lost.map(|rule| {
        let said = rule.status.as_ref().and_then(|status| status.error.message.as_deref());
        said.map_or_else(|| format!("lost by rule {:?}", rule.label.name), str::to_owned)
    });
    let message = Message {
        index: 0,
        at_ms: state.clock.ms_at(request.time),
        kind: letter.kind,
        to: letter.to,
        project: letter.project.to_owned(),
        user: letter.user.to_owned(),
        account: letter.account.map(str::to_owned),
        call: letter.call,
        request: request.request.index,
        by: by_console.then_some(By::Console),
        password: letter.password,
        subject: (letter.kind == NotificationType::Email).then_some(letter.words.subject),
        text: letter.words.text,
        state: if lost.is_some() { MessageState::Failed } else { MessageState::Recorded },
        attempts: u32::from(lost.is_some()),
        why,
        revision: 0,
    };
    let ending = running.ending(Some(letter.project));
    state.outbox.put(message, || !ending.is_cancelled());
}

/// What a user is told whose password was reset, in whatever way.
pub(super) fn reset_words(kind: NotificationType, who: &str, password: impl Display) -> Words {
    let text = match kind {
        NotificationType::Email => {
            format!("The password of desktop user {who} was reset. The new password is:\n\n{password}\n")
        }
        NotificationType::Phone => format!("Desktop user {who}: new password {password}"),
    };
    Words { subject: "Your desktop password was reset", text }
}
