//! The messages that calls send, put into the outbox.

use crate::api::admitted::Admitted;
use crate::api::request::AskedBy;
use crate::contract::NotificationType;
use crate::engine::{address, loses};
use crate::fixture::User;
use crate::ids::CallTarget;
use crate::scenario::Occasion;
use crate::state::{By, Message, MessageState};
use std::fmt::Display;

/// A password that a call sends to a user.
pub(crate) struct Letter<'l> {
    pub(crate) call: &'l Admitted<'l>,
    pub(crate) user: User<'l>,
    /// The user whose rules hold for it.
    pub(crate) target: CallTarget,
    /// The call's.
    pub(crate) number: u64,
    pub(crate) password: &'l str,
}

/// The text of a message.
pub(crate) struct Words {
    /// Of an e-mail; messages to phones have none.
    pub(crate) subject: &'static str,
    pub(crate) text: String,
}

/// Sends a message, unless a rule has it lost.
pub(crate) fn send(letter: &Letter<'_>, kind: NotificationType, words: Words) {
    let Letter { call, user, target, number, password } = *letter;
    let Admitted { whole, project, .. } = *call;
    let (state, running) = (whole.state, whole.running);
    let asked = AskedBy { whole, account: call.account().map(|(index, _)| index) };
    let occasion = Occasion { asked: &asked, stream: user.stream(), call: number };
    let rules = running.set_up_in(Some(project));
    let lost = loses(rules, running.override_rules(), kind, target, occasion);
    let by_console = whole.request.by_console;
    if let Some(rule) = lost {
        running.ledger(Some(project)).notes_by(by_console).strikes.add(&rule.label, 1);
    }
    let why = lost.map(|rule| {
        let said = rule.status.as_ref().and_then(|status| status.error.message.as_deref());
        said.map_or_else(|| format!("lost by rule {:?}", rule.label.name), str::to_owned)
    });
    let message = Message {
        index: 0,
        at_ms: state.clock.ms_at(whole.time),
        kind,
        to: address(user, kind).into_owned(),
        project: project.to_owned(),
        user: user.id().into_owned(),
        account: call.name().map(str::to_owned),
        call: number,
        request: whole.request.index,
        by: by_console.then_some(By::Console),
        password: password.to_owned(),
        subject: (kind == NotificationType::Email).then_some(words.subject),
        text: words.text,
        state: if lost.is_some() { MessageState::Failed } else { MessageState::Recorded },
        attempts: u32::from(lost.is_some()),
        why,
        revision: 0,
    };
    let ending = running.ending(Some(project));
    state.outbox.put(message, || !ending.is_cancelled());
}

/// Tells a user the password that they have after a reset.
pub(crate) fn reset_words(kind: NotificationType, who: &str, password: impl Display) -> Words {
    let text = match kind {
        NotificationType::Email => {
            format!("The password of desktop user {who} was reset. The new password is:\n\n{password}\n")
        }
        NotificationType::Phone => format!("Desktop user {who}: new password {password}"),
    };
    Words { subject: "Your desktop password was reset", text }
}
