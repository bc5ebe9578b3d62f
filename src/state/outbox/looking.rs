//! Reads the changes that a follower of the outbox has not seen: new messages, and later states of others.

use super::store::{Message, Outbox};

/// Messages that are copied under one hold of the lock.
const MESSAGES_MAX: usize = 256;

/// How much of the outbox a follower has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::state) struct MessageMark {
    /// The last change that was seen.
    revision: u64,
    /// The highest index that was seen.
    index: u64,
    /// The lowest request with a message that was still queued.
    undelivered: Option<u64>,
}

/// Messages that a follower has not seen as they are now.
#[derive(Debug, Default)]
pub(in crate::state) struct MessageGlance {
    /// In order of their last change.
    pub(in crate::state) messages: Vec<Message>,
    /// Messages that were dropped before the follower saw them.
    pub(in crate::state) missed: u64,
    /// Whether there is more to see now.
    pub(in crate::state) more: bool,
}

impl MessageMark {
    /// The lowest request of which a message may still change.
    pub(in crate::state) fn undelivered(&self) -> Option<u64> {
        self.undelivered
    }
}

impl Outbox {
    /// The mark of a follower that has seen all there is.
    pub(in crate::state) fn mark(&self) -> MessageMark {
        let kept = self.kept.lock();
        MessageMark { revision: kept.revision, index: kept.last_index, undelivered: kept.undelivered() }
    }

    /// Copies messages that a follower has not seen as they are, of requests from `since` on and with changes up to those
    /// that another follower has seen, if one is given. Moves the mark there.
    pub(in crate::state) fn look(
        &self,
        mark: &mut MessageMark,
        since: u64,
        through: Option<&MessageMark>,
    ) -> MessageGlance {
        let kept = self.kept.lock();
        let last = through.map_or(kept.revision, |through| through.revision);
        if last <= mark.revision {
            return MessageGlance::default();
        }
        let is_unseen = |message: &&Message| (mark.revision + 1..=last).contains(&message.revision);
        let mut unseen: Vec<_> = kept.messages.iter().filter(is_unseen).collect();
        unseen.retain(|message| message.request >= since);
        unseen.sort_by_key(|message| message.revision);
        let more = unseen.len() > MESSAGES_MAX;
        unseen.truncate(MESSAGES_MAX);
        // Of a follower that begins at a request, it is not known which messages before that were dropped.
        let dropped = kept.dropped_through.saturating_sub(mark.index);
        let is_kept = |message: &&Message| (mark.index + 1..=kept.dropped_through).contains(&message.index);
        let missed = if dropped == 0 || since > 0 {
            0
        } else {
            dropped.saturating_sub(kept.messages.iter().filter(is_kept).count() as u64)
        };
        let messages: Vec<_> = unseen.into_iter().cloned().collect();
        mark.revision = messages.last().filter(|_| more).map_or(last, |message| message.revision);
        let highest = messages.iter().map(|message| message.index).max().unwrap_or(0);
        mark.index = mark.index.max(highest).max(kept.dropped_through);
        mark.undelivered = kept.undelivered();
        MessageGlance { messages, missed, more }
    }
}
