//! How much of the journal, the outbox and the history a follower has seen.

use crate::state::journal::looking::EntryMark;
use crate::state::outbox::looking::MessageMark;

/// How much a follower has seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    pub(super) entries: EntryMark,
    pub(super) messages: MessageMark,
    /// The number of the last change.
    pub(super) change: u64,
    /// The index at which the follower began: it sees no events of earlier requests.
    pub(super) since: u64,
}

impl Mark {
    /// The mark of a follower that has seen everything that belongs to requests up to an index.
    pub(crate) fn since(index: u64) -> Self {
        Self { entries: EntryMark::at(index), since: index, ..Self::default() }
    }

    /// The index from which another follower misses nothing that this one has not seen.
    pub(crate) fn cursor(&self) -> u64 {
        let ended = self.entries.ended_through();
        self.messages.undelivered().map_or(ended, |request| ended.min(request))
    }

    /// Memory beside the mark itself.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.bytes()
    }
}
