//! The last changes of the setup, within a bound.

use crate::state::changes::Changes;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// The changes of a server.
#[derive(Debug)]
pub(crate) struct History {
    kept: Mutex<Kept>,
    /// Signals each change.
    pub(in crate::state) changes: Changes,
    most: usize,
}

#[derive(Debug, Default)]
struct Kept {
    /// By ascending number.
    changes: VecDeque<Arc<Change>>,
    last: u64,
    dropped: u64,
}

/// A change of the setup.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Change {
    /// The number, from 1 in order. Resets do not start it again.
    pub(crate) number: u64,
    /// The time, in milliseconds of virtual time.
    pub(crate) at_ms: u64,
    /// The index of the last journal entry before it.
    pub(crate) after: u64,
    /// The kind of change.
    pub(crate) kind: ChangeKind,
    /// The change as a sentence.
    pub(crate) what: String,
    /// The project or clone that it concerns; `None` for all.
    pub(crate) project: Option<String>,
    /// The event for it.
    #[serde(skip)]
    pub(crate) told: Told,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeKind {
    Override,
    Scenario,
    Files,
    Clone,
    Clock,
    Reset,
    Token,
}

/// The event for a change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    /// The change itself.
    Setup,
    /// Where virtual time is.
    Clock { now_ms: u64, mode: &'static str },
    /// Which epoch began.
    Reset { epoch: u64 },
}

/// A page of changes of the setup.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ChangePage {
    /// In order.
    pub(crate) changes: Vec<Arc<Change>>,
    /// The cursor of the next page; given even if the page is empty.
    pub(crate) next: u64,
    /// Whether changes after `since` were dropped before they could be read.
    pub(crate) truncated: bool,
    /// Number of changes that were dropped for lack of space since the server started.
    pub(crate) dropped: u64,
}

impl History {
    pub(in crate::state) fn new(most: usize) -> Self {
        Self { kept: Mutex::default(), changes: Changes::default(), most }
    }

    /// Adds a change, whose number is given here.
    pub(in crate::state) fn add(&self, change: Change) {
        let mut kept = self.kept.lock();
        if kept.changes.len() >= self.most {
            kept.changes.pop_front();
            kept.dropped += 1;
        }
        kept.last += 1;
        let number = kept.last;
        kept.changes.push_back(Arc::new(Change { number, ..change }));
        self.changes.tell();
    }

    /// The number of the last change.
    pub(in crate::state) fn last(&self) -> u64 {
        self.kept.lock().last
    }

    /// The changes with a higher number, at most `limit`.
    pub(crate) fn page(&self, since: u64, limit: usize) -> ChangePage {
        let kept = self.kept.lock();
        let later = kept.changes.iter().filter(|change| change.number > since);
        let changes: Vec<_> = later.take(limit).cloned().collect();
        let last = changes.last().filter(|_| changes.len() == limit);
        ChangePage {
            next: last.map_or(kept.last.max(since), |change| change.number),
            // Numbers follow one another, so these are the first ones.
            truncated: since < kept.dropped,
            dropped: kept.dropped,
            changes,
        }
    }
}
