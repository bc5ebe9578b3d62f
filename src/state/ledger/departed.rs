//! Deleted clones. Their calls are still judged, until their id is used again or a limit makes the server forget them.

use super::cloned::Cloned;
use super::shards::Shards;
use std::sync::Arc;

/// Number of a deletion.
type Turn = u64;

/// Deleted clones, in the order of their deletion.
#[derive(Clone, Debug, Default)]
pub(in crate::state) struct Departed {
    by_id: Shards<Arc<str>, (Turn, Arc<Cloned>)>,
    by_turn: Shards<Turn, Arc<Cloned>>,
    next: Turn,
    /// No clone that is remembered was deleted before this turn.
    first: Turn,
    /// The same for those with a scenario of their own.
    first_with_scenario: Turn,
}

impl Departed {
    pub(in crate::state) fn count(&self) -> usize {
        self.by_id.count()
    }

    pub(in crate::state) fn get(&self, id: &str) -> Option<&Arc<Cloned>> {
        self.by_id.get(id).map(|(_, clone)| clone)
    }

    pub(in crate::state) fn iter(&self) -> Box<dyn Iterator<Item = &Arc<Cloned>> + '_> {
        self.by_turn.values()
    }

    pub(in crate::state) fn insert(&mut self, clone: &Arc<Cloned>) {
        self.remove(&clone.id);
        self.by_id.insert(Arc::clone(&clone.id), (self.next, Arc::clone(clone)));
        self.by_turn.insert(self.next, Arc::clone(clone));
        self.next += 1;
    }

    pub(in crate::state) fn remove(&mut self, id: &str) -> Option<Arc<Cloned>> {
        let (turn, clone) = self.by_id.remove(id)?;
        self.by_turn.remove(&turn);
        Some(clone)
    }

    /// Removes the one that was deleted first.
    pub(in crate::state) fn remove_first(&mut self) -> Option<Arc<Cloned>> {
        self.first = self.turn_from(self.first, |_| true);
        let first = Arc::clone(self.by_turn.get(&self.first)?);
        self.remove(&first.id)
    }

    /// Removes the one that was deleted first of those with a scenario of their own.
    pub(in crate::state) fn remove_first_with_scenario(&mut self) -> Option<Arc<Cloned>> {
        let from = self.first_with_scenario.max(self.first);
        self.first_with_scenario = self.turn_from(from, |clone| clone.setup().is_some());
        let first = Arc::clone(self.by_turn.get(&self.first_with_scenario)?);
        self.remove(&first.id)
    }

    /// The first turn of such a clone, from one on, or the next turn of all. Each turn is passed once, so this takes constant time
    /// on average.
    fn turn_from(&self, from: Turn, is_it: impl Fn(&Cloned) -> bool) -> Turn {
        (from..self.next).find(|turn| self.by_turn.get(turn).is_some_and(|clone| is_it(clone))).unwrap_or(self.next)
    }

    /// The clones to keep, changed, in their order.
    pub(in crate::state) fn kept(&self, keep: impl Fn(&Arc<Cloned>) -> Option<Arc<Cloned>>) -> Self {
        let mut all: Vec<_> = self.by_id.values().filter_map(|(turn, clone)| Some((*turn, keep(clone)?))).collect();
        all.sort_unstable_by_key(|(turn, _)| *turn);
        let mut kept = Self::default();
        for (_, clone) in &all {
            kept.insert(clone);
        }
        kept
    }
}
