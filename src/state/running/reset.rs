//! A reset: counters, current passwords and journal return to their start.

use super::setup::Running;
use crate::state::State;
use std::sync::Arc;

impl State {
    /// Resets counters, current passwords, overrides and journal entries of a project, or of all; with all of them the
    /// scenario and the clock too. Gives the number of the new epoch; `None` if the project is unknown.
    pub(crate) fn reset(&self, project: Option<&str>) -> Option<u64> {
        let _writer = self.writer.lock();
        let running = self.running.load_full();
        let loaded = project.and_then(|id| running.setup.directory().project(id)).map(|(index, _)| index);
        let clone = project.filter(|_| loaded.is_none()).and_then(|id| running.clones.get(id));
        if project.is_some() && loaded.is_none() && clone.is_none() {
            return None;
        }
        let epoch = match clone {
            Some(_) => running.epoch.next_without(),
            None => running.epoch.next(loaded),
        };
        let number = epoch.number();
        let index = clone.map_or(loaded, |clone| Some(clone.index.project()));
        let setup = if project.is_none() { &running.loaded } else { &running.setup };
        let next = Running {
            names: running.names_with(setup),
            setup: Arc::clone(setup),
            since: Arc::new(running.since.after_reset(index)),
            overrides: Arc::new(running.overrides.after_reset(index)),
            clones: match (project, clone) {
                (Some(_), None) => Arc::clone(&running.clones),
                (Some(_), Some(clone)) => Arc::new(running.clones.with(clone.renewed())),
                (None, _) => Arc::new(running.clones.renewed()),
            },
            epoch: Arc::new(epoch),
            ..Running::clone(&running)
        };
        // Under the journal's lock, so that entry and call number of a request are of one epoch.
        self.restart(project, |after| {
            match clone {
                Some(clone) => clone.ledger.ended.cancel(),
                None => running.epoch.end(loaded),
            }
            if project.is_none() {
                running.clones.iter().for_each(|clone| clone.ledger.ended.cancel());
            }
            self.running.store(Arc::new(next));
            if project.is_none() {
                self.clock.restart();
                self.tokens.forget_uses();
                self.freshness.lock().forget_losses();
            }
            self.note_reset(after, project, number);
        });
        Some(number)
    }

    /// Removes journal entries and messages of a project, or all, and runs `together` with it.
    pub(in crate::state) fn restart(&self, project: Option<&str>, together: impl FnOnce(u64)) {
        self.journal.restart(project, |after| {
            together(after);
            // Calls that would still send messages were cancelled before.
            self.outbox.restart(project);
        });
    }
}
