//! Gives clones their indices, ids and lives.

use super::cloned::Cloned;
use crate::draw::clone_id;
use crate::engine::Setup;
use crate::ids::CloneIndex;
use std::collections::HashMap;
use std::sync::Arc;

/// Gives clones their indices, ids and lives.
#[derive(Debug, Default)]
pub(in crate::state) struct Nursery {
    made: u32,
    named: u64,
    /// The last lives of ids that are gone.
    lives: HashMap<Box<str>, u64>,
    /// The highest life that is not remembered.
    forgotten: u64,
}

impl Nursery {
    /// A clone of a loaded project, with counters at zero. `None` once indices are used up.
    pub(in crate::state) fn bear(
        &mut self,
        id: &str,
        template: &str,
        account: Option<&str>,
        born: Option<Arc<Setup>>,
    ) -> Option<Cloned> {
        let index = CloneIndex::new(self.made);
        self.made = self.made.checked_add(1)?;
        Some(Cloned::new(id.into(), index, template.into(), account.map(Into::into), self.life(id), born))
    }

    /// A free id: the same ids in the same order, for each template, on every run.
    pub(in crate::state) fn name(&mut self, template: &str, is_taken: impl Fn(&str) -> bool) -> String {
        loop {
            self.named += 1;
            let id = clone_id(template, self.named);
            if !is_taken(&id) {
                return id;
            }
        }
    }

    /// The next life of an id, past all that it had.
    pub(in crate::state) fn life(&self, id: &str) -> u64 {
        self.lives.get(id).copied().unwrap_or(0).max(self.forgotten) + 1
    }

    /// Remembers the last life of an id that goes, for at most `most` ids. Past that, new lives begin after all forgotten ones.
    pub(in crate::state) fn remember(&mut self, id: &str, life: u64, most: usize) {
        if self.lives.len() >= most && !self.lives.contains_key(id) {
            self.forgotten = self.lives.values().copied().fold(self.forgotten, u64::max);
            self.lives.clear();
        }
        self.lives.insert(id.into(), life);
    }

    pub(in crate::state) fn remember_clone(&mut self, clone: &Cloned, most: usize) {
        self.remember(&clone.id, clone.ledger.life, most);
    }
}
