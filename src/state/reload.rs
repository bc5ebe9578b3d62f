//! Changes of what was loaded, while the server runs.

use super::{Found, Running, State};
use std::sync::Arc;

impl State {
    /// What a call goes on with whose counters have moved: `None` if a reset came in between, or the project went,
    /// and the call counts for nobody.
    #[cold]
    pub(crate) fn moved(&self, running: &Running, project: &str) -> Option<Arc<Running>> {
        // Counters move under the journal's lock: whoever has it finds where they have gone.
        let now = self.journal.locked(|| self.running.load_full());
        let life = |running: &Running| {
            let (index, _) = running.set_up.directory().project(project)?;
            Some(running.epoch.life(index))
        };
        let life_now = life(&now)?;
        (Some(life_now) == life(running)).then_some(now)
    }

    /// The side effect of a call: its password is the current one, unless a later call's is.
    pub(crate) fn succeed(&self, running: &Running, found: &Found<'_>, project: &str, call: u64) {
        if !running.succeed(found, call) {
            self.succeed_elsewhere(running, project, &found.user.id(), call);
        }
    }

    #[cold]
    fn succeed_elsewhere(&self, running: &Running, project: &str, user: &str, call: u64) {
        let mut next = self.moved(running, project);
        while let Some(running) = next {
            next = match running.find(project, user) {
                Ok(found) if !running.succeed(&found, call) => self.moved(&running, project),
                _ => None,
            };
        }
    }
}
