//! The messages that a reset sends, put into the outbox.

use super::Request;
use crate::contract::NotificationType;
use crate::draw::Password;
use crate::engine::{Call, address, loses};
use crate::state::{Aside, Message, MessageState, Running, State};

/// Tells the user his new password in the ways that the call asks for.
#[cold]
pub(super) fn tell(
    state: &State,
    running: &Running,
    request: &Request<'_>,
    call: &Call<'_>,
    project: &str,
    aside: Option<&Aside>,
    password: &Password,
) {
    let account = aside.and_then(|aside| aside.account.as_deref());
    let ending = running.ending(Some(project));
    for kind in call.notification.iter() {
        let lost = loses(&running.set_up, running.override_rules(), call, kind);
        let why = lost.map(|rule| {
            let said = rule.status.as_ref().and_then(|status| status.error.message.as_deref());
            said.map_or_else(|| format!("rule {:?} has it lost", rule.label.name), str::to_owned)
        });
        let message = Message {
            index: 0,
            at_ms: request.clock.ms_at(request.time),
            kind,
            to: address(call.user, kind).into_owned(),
            project: project.to_owned(),
            user: call.user.id().into_owned(),
            account: account.map(str::to_owned),
            call: call.number,
            request: request.index,
            password: password.to_string(),
            text: text(call, kind, password),
            state: if lost.is_some() { MessageState::Failed } else { MessageState::Recorded },
            attempts: u32::from(lost.is_some()),
            why,
        };
        state.outbox.put(message, || !ending.is_cancelled());
    }
}

fn text(call: &Call<'_>, kind: NotificationType, password: &Password) -> String {
    let (name, id) = (call.user.user_name(), call.user.id());
    let who = if name.is_empty() { id } else { name };
    match kind {
        NotificationType::Email => {
            format!("The password of desktop user {who} was reset. The new password is: {password}")
        }
        NotificationType::Phone => format!("Desktop user {who}: new password {password}"),
    }
}
