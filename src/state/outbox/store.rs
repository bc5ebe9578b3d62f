//! The outbox of a server: the last messages, within a bound. Deliveries take each by its index.

use super::queues::Queues;
use crate::contract::NotificationType;
use crate::state::changes::Changes;
use crate::state::journal::entry::By;
use crate::state::journal::filter::Order;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The outbox of a server.
pub(crate) struct Outbox {
    pub(super) kept: Mutex<Kept>,
    messages_max: usize,
    /// Signals new messages, and later states of others.
    pub(in crate::state) changes: Changes,
    /// That there is more to deliver, or that nothing more comes.
    queued: Notify,
    closed: CancellationToken,
}

/// The result of an attempt to deliver.
#[derive(Debug)]
pub(crate) enum Delivery {
    Done,
    /// It is tried again.
    Later(String),
    Failed(String),
}

/// A message that is to be delivered now.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) message: Message,
    /// Cancelled once a reset took it away.
    pub(crate) gone: CancellationToken,
}

#[derive(Default)]
pub(super) struct Kept {
    queues: Queues,
    /// By ascending index.
    pub(super) messages: VecDeque<Message>,
    pub(super) last_index: u64,
    /// Of the last change.
    pub(super) revision: u64,
    dropped: u64,
    pub(super) dropped_through: u64,
}

/// A notification that a user was sent.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Message {
    /// The position in the outbox, from 1. Resets do not start it again.
    pub index: u64,
    /// When it was sent, in milliseconds of virtual time.
    pub at_ms: u64,
    /// The kind of notification.
    #[serde(rename = "type")]
    pub(crate) kind: NotificationType,
    /// The e-mail address or phone number.
    pub to: String,
    /// The project or clone of the user.
    pub project: String,
    /// The id of the user.
    pub user: String,
    /// The account that asked for it, as `domain/name`, if it gave credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The number of the call that sent it.
    pub call: u64,
    /// The index of that call's journal entry.
    pub request: u64,
    /// The sender of that call, if not a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The password in the message.
    pub password: String,
    /// The subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'static str>,
    /// The text.
    pub text: String,
    /// How far its delivery came.
    pub state: MessageState,
    /// Number of attempts to deliver it.
    pub attempts: u32,
    /// Why it failed, or is not delivered yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The number of its last change.
    #[serde(skip)]
    pub(crate) revision: u64,
}

/// How far the delivery of a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MessageState {
    /// Kept here only, since no delivery of its type is configured.
    Recorded,
    /// To be delivered.
    Queued,
    /// Delivered.
    Sent,
    /// Lost by a rule, or undeliverable.
    Failed,
}

/// The messages that are asked for.
#[derive(Debug, Default)]
pub(crate) struct MessageFilter<'f> {
    pub(crate) order: Order,
    /// Only messages with a higher index.
    pub(crate) since: u64,
    /// Only messages with a lower index; where the newest come first.
    pub(crate) before: Option<u64>,
    pub(crate) limit: usize,
    pub(crate) project: Option<&'f str>,
    pub(crate) user: Option<&'f str>,
    pub(crate) kind: Option<NotificationType>,
}

/// A page of the outbox.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MessagePage {
    /// In the order that was asked for.
    pub(crate) messages: Vec<Message>,
    /// The cursor of the next page; given even if the page is empty.
    pub(crate) next: u64,
    /// Whether entries after `since` were dropped before they could be read.
    pub(crate) truncated: bool,
    /// Number of entries that were dropped for lack of space since the server started.
    pub(crate) dropped: u64,
}

impl Message {
    /// `email` or `phone`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind.name()
    }
}

/// Without the password, and the text that has it.
impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, kind, to, project, user, call, state, .. } = self;
        write!(formatter, "Message {index}: {} to {to} for {project}/{user} call {call}: {state:?}", kind.name())
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Outbox({} messages)", self.kept.lock().messages.len())
    }
}

impl Outbox {
    pub(crate) fn new(messages_max: usize, deliveries_max: usize) -> Self {
        let kept = Kept { queues: Queues::new(deliveries_max), ..Kept::default() };
        let (changes, queued) = (Changes::default(), Notify::new());
        Self { kept: Mutex::new(kept), messages_max, changes, queued, closed: CancellationToken::new() }
    }

    /// From now on messages of this type are delivered.
    pub(crate) fn deliver(&self, kind: NotificationType) {
        self.kept.lock().queues.open(kind);
    }

    /// The next message of this type to deliver, once there is one; `None` if nothing more comes.
    pub(crate) async fn next(&self, kind: NotificationType) -> Option<Leaving> {
        loop {
            // From here on it is notified of new messages.
            let queued = self.queued.notified();
            let (leaving, is_empty) = {
                let mut kept = self.kept.lock();
                (kept.take(kind), kept.queues.is_empty(kind))
            };
            if leaving.is_some() || (is_empty && self.closed.is_cancelled()) {
                return leaving;
            }
            queued.await;
        }
    }

    /// The index of the last message.
    pub(in crate::state) fn last_index(&self) -> u64 {
        self.kept.lock().last_index
    }

    /// Stops deliveries once the queues are empty; further messages are only recorded.
    pub(crate) fn close(&self) {
        let _kept = self.kept.lock();
        self.closed.cancel();
        self.queued.notify_waiters();
    }

    /// Waits until nothing more is queued.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + use<> {
        self.closed.clone().cancelled_owned()
    }

    /// Marks all queued messages as failed.
    pub(crate) fn give_up(&self, why: &str) {
        let mut kept = self.kept.lock();
        let Kept { messages, revision, .. } = &mut *kept;
        for message in messages.iter_mut().filter(|message| message.state == MessageState::Queued) {
            message.state = MessageState::Failed;
            message.why = Some(why.to_owned());
            *revision += 1;
            message.revision = *revision;
        }
        self.changes.tell();
        // More than these, if some on their way made room for others.
        let messages = kept.queues.forget(|_| true);
        drop(kept);
        if messages > 0 {
            tracing::warn!(messages, why, "messages were not delivered");
        }
    }

    /// Notes the result of an attempt to deliver a message.
    pub(crate) fn settle(&self, index: u64, attempts: u32, delivery: Delivery) {
        let mut kept = self.kept.lock();
        if !matches!(delivery, Delivery::Later(_)) {
            kept.queues.settle(index);
            // Another message to the same address may wait for this.
            self.queued.notify_waiters();
        }
        let Some(message) = kept.message(index) else { return };
        message.attempts = attempts;
        (message.state, message.why) = match delivery {
            Delivery::Done => (MessageState::Sent, None),
            Delivery::Later(why) => (MessageState::Queued, Some(why)),
            Delivery::Failed(why) => (MessageState::Failed, Some(why)),
        };
        kept.revise(index);
        self.changes.tell();
    }

    /// Adds a message, if it is `still` to be sent: its project may have been reset meanwhile.
    pub(crate) fn put(&self, message: Message, still: impl FnOnce() -> bool) {
        let mut kept = self.kept.lock();
        if !still() {
            return;
        }
        let undelivered = kept.make_room(self.messages_max);
        kept.last_index += 1;
        let index = kept.last_index;
        let mut message = Message { index, ..message };
        let is_to_go = message.state == MessageState::Recorded && !self.closed.is_cancelled();
        let found_room = is_to_go.then(|| kept.queues.put(message.kind, index)).flatten();
        match found_room {
            None => {}
            Some(true) => message.state = MessageState::Queued,
            Some(false) => {
                message.state = MessageState::Failed;
                message.why = Some("too many messages are waiting for delivery".to_owned());
            }
        }
        kept.messages.push_back(message);
        kept.revise(index);
        self.changes.tell();
        drop(kept);
        self.queued.notify_waiters();
        if let Some(index) = undelivered {
            tracing::warn!(index, "a message was not delivered: more than outbox_messages_max are waiting");
        }
        if found_room == Some(false) {
            tracing::warn!(index, "a message was not delivered: more than deliveries_max are waiting");
        }
    }

    pub(crate) fn page(&self, filter: &MessageFilter<'_>) -> MessagePage {
        let kept = self.kept.lock();
        let meant = |message: &&Message| {
            filter.project.is_none_or(|project| message.project == project)
                && filter.user.is_none_or(|user| message.user == user)
                && filter.kind.is_none_or(|kind| message.kind == kind)
        };
        let messages: Vec<_> = match filter.order {
            Order::Oldest => {
                let first = kept.messages.partition_point(|message| message.index <= filter.since);
                kept.messages.range(first..).filter(meant).take(filter.limit).cloned().collect()
            }
            Order::Newest => {
                let earlier = kept
                    .messages
                    .iter()
                    .rev()
                    .filter(|message| filter.before.is_none_or(|before| message.index < before));
                earlier.filter(meant).take(filter.limit).cloned().collect()
            }
        };
        // A page that is not full has looked at all of them.
        let last = messages.last().filter(|_| messages.len() == filter.limit).map(|message| message.index);
        let (next, truncated) = match filter.order {
            Order::Oldest => (last.unwrap_or(kept.last_index.max(filter.since)), kept.dropped_through > filter.since),
            Order::Newest => {
                let has_more = |last: &u64| kept.messages.front().is_some_and(|first| first.index < *last);
                let next = last.filter(has_more).unwrap_or(0);
                (next, next == 0 && kept.dropped_through > 0)
            }
        };
        MessagePage { next, truncated, dropped: kept.dropped, messages }
    }

    /// Number of messages that a limit dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.kept.lock().dropped
    }

    /// Removes the messages of a project, or all. Indices go on, and so does the count of dropped ones, unless all are
    /// removed.
    pub(crate) fn restart(&self, project: Option<&str>) {
        let mut kept = self.kept.lock();
        self.queued.notify_waiters();
        let Kept { queues, messages, .. } = &mut *kept;
        if let Some(project) = project {
            let mut gone = Vec::new();
            messages.retain(|message| {
                let stays = message.project != project;
                gone.extend((!stays).then_some(message.index));
                stays
            });
            queues.forget(|index| gone.binary_search(&index).is_ok());
        } else {
            messages.clear();
            queues.forget(|_| true);
            (kept.dropped, kept.dropped_through) = (0, 0);
        }
    }
}

impl Kept {
    /// The lowest request with a queued message.
    pub(super) fn undelivered(&self) -> Option<u64> {
        let queued = self.messages.iter().filter(|message| message.state == MessageState::Queued);
        queued.map(|message| message.request).min()
    }

    /// Notes that a message is another now.
    fn revise(&mut self, index: u64) {
        self.revision += 1;
        let revision = self.revision;
        if let Some(message) = self.message(index) {
            message.revision = revision;
        }
    }

    fn message(&mut self, index: u64) -> Option<&mut Message> {
        let at = self.messages.binary_search_by_key(&index, |message| message.index).ok()?;
        self.messages.get_mut(at)
    }

    fn take(&mut self, kind: NotificationType) -> Option<Leaving> {
        let Self { queues, messages, .. } = self;
        let to = |index: u64| {
            let at = messages.binary_search_by_key(&index, |message| message.index).ok()?;
            messages.get(at).map(|message| message.to.as_str())
        };
        let (index, gone) = queues.take(kind, to)?;
        Some(Leaving { message: self.message(index)?.clone(), gone })
    }

    /// Drops the oldest messages, first of all those that are not to be delivered; gives the last that was, and waited.
    /// Messages on their way are settled without the outbox.
    fn make_room(&mut self, messages_max: usize) -> Option<u64> {
        let mut undelivered = None;
        while self.messages.len() >= messages_max {
            let oldest = self.messages.iter().position(|message| message.state != MessageState::Queued);
            let Some(Message { index, state, .. }) = self.messages.remove(oldest.unwrap_or(0)) else { break };
            self.dropped += 1;
            self.dropped_through = self.dropped_through.max(index);
            if state == MessageState::Queued && self.queues.forget_waiting(index) {
                undelivered = Some(index);
            }
        }
        undelivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(user: &str, kind: NotificationType) -> Message {
        Message {
            index: 0,
            at_ms: 0,
            kind,
            to: String::new(),
            project: "p".to_owned(),
            user: user.to_owned(),
            account: None,
            call: 1,
            request: 1,
            by: None,
            password: "5ec2e7".to_owned(),
            subject: None,
            text: "5ec2e7".to_owned(),
            state: MessageState::Recorded,
            attempts: 0,
            why: None,
            revision: 0,
        }
    }

    #[test]
    fn oldest_messages_make_room_and_pages_go_on() {
        let outbox = Outbox::new(3, 9);
        for user in ["a", "b", "a", "a"] {
            outbox.put(message(user, NotificationType::Email), || true);
        }
        outbox.put(message("c", NotificationType::Phone), || false);
        let page = |since, limit, user| {
            let page = outbox.page(&MessageFilter { since, limit, user, ..MessageFilter::default() });
            let indices: Vec<_> = page.messages.iter().map(|message| message.index).collect();
            (indices, page.next, page.truncated, page.dropped)
        };
        assert_eq!(page(0, 2, None), (vec![2, 3], 3, true, 1));
        assert_eq!(page(3, 2, None), (vec![4], 4, false, 1));
        assert_eq!(page(0, 9, Some("a")), (vec![3, 4], 4, true, 1));
        assert_eq!(page(4, 9, None), (vec![], 4, false, 1));
        outbox.restart(Some("q"));
        assert_eq!(page(1, 9, None).0.len(), 3);
        outbox.restart(None);
        assert_eq!(page(0, 9, None), (vec![], 4, false, 0));
        assert!(!format!("{outbox:?} {:?}", message("a", NotificationType::Email)).contains("5ec2e7"));
    }
}
