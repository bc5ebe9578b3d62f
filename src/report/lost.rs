//! Counts lost answers, as far as the journal reaches. They do not count as met.

use crate::ids::ProjectIndex;
use crate::state::{Entry, EntryState, Filter, Running, State};
use std::collections::HashMap;

/// Number of lost answers for each operation and decided status.
pub(super) struct Lost(HashMap<(String, u16), u64>);

impl Lost {
    /// Counts the lost answers among the entries that `counts` accepts, in one project or in all.
    pub(super) fn of(
        state: &State,
        running: &Running,
        project: Option<ProjectIndex>,
        counts: impl Fn(&Entry) -> bool,
    ) -> Self {
        let is_meant = |entry: &Entry| {
            let own = || entry.project.as_deref().and_then(|id| running.index_of(id));
            is_lost(entry) && project.is_none_or(|project| own() == Some(project)) && counts(entry)
        };
        let all = Filter { limit: usize::MAX, ..Filter::default() };
        let mut lost = HashMap::new();
        for entry in state.journal.page(&all, |entry| is_meant(entry)).entries {
            if let (Some(operation), Some(decision)) = (entry.operation, entry.decision) {
                *lost.entry((operation, decision.status)).or_default() += 1;
            }
        }
        Self(lost)
    }

    pub(super) fn times(&self, operation: &str, status: u16) -> u64 {
        self.0.get(&(operation.to_owned(), status)).copied().unwrap_or(0)
    }
}

fn is_lost(entry: &Entry) -> bool {
    matches!(entry.state, EntryState::Answered | EntryState::Cut) && entry.is_lost()
}
