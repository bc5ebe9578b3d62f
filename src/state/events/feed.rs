//! Events in order: entries of the journal, messages and changes of the setup. Each follower has a mark of its position.

use super::history::{Change, Told};
use super::mark::Mark;
use crate::state::changes::Waiting;
use crate::state::{Entry, Message, State};
use std::sync::Arc;

/// Changes of the setup that are taken at once.
const CHANGES_MAX: usize = 256;

/// One event.
#[derive(Debug)]
pub(crate) enum Event {
    /// An entry of the journal is new, or in another state.
    Request(Box<Entry>),
    /// A message is new, or something became of it.
    Message(Box<Message>),
    /// The setup was changed.
    Setup(Arc<Change>),
    Clock {
        now_ms: u64,
        mode: &'static str,
    },
    Reset {
        epoch: u64,
        project: Option<String>,
    },
    /// Number of entries, messages and changes that were dropped before the follower could read them.
    Truncated(u64),
}

/// The events that a follower has not seen.
#[derive(Debug)]
pub(crate) struct News {
    /// In order, each with the index from which a follower that saw nothing later misses nothing.
    pub(crate) events: Vec<(u64, Event)>,
    /// Whether there is more to see now.
    pub(crate) more: bool,
}

/// Where an event stands among others: the index of the entry that it follows, and its place after that.
type Place = (u64, u8);

impl Event {
    /// Of a change.
    fn of(change: Arc<Change>) -> Self {
        match change.told {
            Told::Setup => Self::Setup(change),
            Told::Clock { now_ms, mode } => Self::Clock { now_ms, mode },
            Told::Reset { epoch } => Self::Reset { epoch, project: change.project.clone() },
        }
    }
}

impl State {
    /// The mark of a follower that has seen all there is.
    pub(crate) fn mark(&self) -> Mark {
        let entries = self.journal.mark();
        Mark { entries, messages: self.outbox.mark(), change: self.history.last(), since: 0 }
    }

    /// Waits for entries, messages and changes of the setup.
    pub(crate) fn waiting(&self) -> [Waiting<'_>; 3] {
        [self.journal.changes.wait(), self.outbox.changes.wait(), self.history.changes.wait()]
    }

    /// Whether an index is one that the journal has reached.
    pub(crate) fn has_reached(&self, index: u64) -> bool {
        index <= self.journal.last_index()
    }

    /// A bounded part of the events that a follower has not seen, up to those that the follower `through` has. Moves the mark.
    pub(crate) fn news(&self, mark: &mut Mark, through: Option<&Mark>) -> News {
        let before = (mark.entries.seen, mark.cursor());
        // In this order, since a message is put into the outbox before its request ends, and a change into the history before
        // the next request arrives.
        let glance = self.journal.look(&mut mark.entries, through.map(|mark| &mark.entries));
        let messages = self.outbox.look(&mut mark.messages, mark.since, through.map(|mark| &mark.messages));
        let (changes, dropped, more_changes) = self.changes(mark, through);
        let running = self.running();
        let mut events: Vec<(Place, Event)> = Vec::new();
        let missed = glance.missed + messages.missed + dropped;
        events.extend((missed > 0).then_some(((0, 0), Event::Truncated(missed))));
        // Events of requests that were seen before come first.
        let place = |index: u64, rank: u8| if index > before.0 { (index, rank) } else { (0, 1) };
        for mut entry in glance.entries() {
            entry.complete(&running.setup, self.started_unix_ms);
            events.push((place(entry.index, 0), Event::Request(Box::new(entry))));
        }
        for message in messages.messages {
            events.push((place(message.request, 1), Event::Message(Box::new(message))));
        }
        for change in changes {
            events.push((place(change.after, 2), Event::of(change)));
        }
        events.sort_by_key(|(place, _)| *place);
        let cursor = mark.cursor();
        let id = |(index, _): Place| if index == 0 { before.1.min(cursor) } else { index.min(cursor) };
        News {
            events: events.into_iter().map(|(place, event)| (id(place), event)).collect(),
            more: glance.more || messages.more || more_changes,
        }
    }

    /// The changes that a follower has not seen, how many were dropped before it could, and whether there are more.
    fn changes(&self, mark: &mut Mark, through: Option<&Mark>) -> (Vec<Arc<Change>>, u64, bool) {
        let page = self.history.page(mark.change, CHANGES_MAX);
        let is_full = page.changes.len() == CHANGES_MAX;
        let last = through.map_or(u64::MAX, |through| through.change);
        let seen = mark.entries.seen;
        // One that follows entries which are still to be seen waits for them.
        let is_due = |change: &&Arc<Change>| change.number <= last && change.after <= seen;
        let due: Vec<_> = page.changes.iter().take_while(is_due).cloned().collect();
        let dropped = if mark.since > 0 { 0 } else { page.dropped.saturating_sub(mark.change) };
        mark.change = due.last().map_or(mark.change, |change| change.number).max(page.dropped);
        let more = is_full && due.len() == CHANGES_MAX;
        (due.into_iter().filter(|change| change.after >= mark.since).collect(), dropped, more)
    }
}
