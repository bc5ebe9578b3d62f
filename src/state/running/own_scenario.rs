//! Scenarios of clones, in place of the files': each is compiled beside the flags, holds in its clone alone, and is bounded
//! together with the others.

use crate::engine::Setup;
use crate::limits::Limits;
use crate::state::ledger::clones::Clones;
use crate::state::ledger::own_scenario::size_of;
use crate::state::{Cloned, Running};
use std::sync::Arc;

/// The scenarios of clones would together have more bytes, or more rules and expectations, than these.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the scenarios of all clones would exceed {bytes_max} bytes (clone_scenarios_bytes_max) or {rules_max} rules and \
     expectations (clone_rules_max)"
)]
pub(crate) struct NoRoom {
    bytes_max: usize,
    rules_max: usize,
}

impl Clones {
    /// These with room for a further scenario of a clone, in place of that of the one named, if one is. Those that ended are
    /// forgotten for it, the oldest first.
    pub(in crate::state) fn with_room_for(
        &self,
        own: &Setup,
        of: Option<&Cloned>,
        limits: &Limits,
    ) -> Result<Self, NoRoom> {
        let (bytes_max, rules_max) = (limits.clone_scenarios_bytes_max, limits.clone_rules_max);
        let kept = |clone: &Cloned| match of {
            Some(of) if of.index == clone.index => size_of(of.scenario.born.iter()),
            _ => clone.size(),
        };
        let add = |one: (usize, usize), other: (usize, usize)| (one.0 + other.0, one.1 + other.1);
        let mut size = self.with_gone().map(|clone| kept(clone)).fold(own.own_size(), add);
        let mut changed = self.clone();
        let mut gone: Vec<_> =
            self.gone.iter().flat_map(|shard| shard.values()).filter(|clone| clone.setup().is_some()).collect();
        gone.sort_unstable_by_key(|clone| std::cmp::Reverse(clone.index));
        while size.0 > bytes_max || size.1 > rules_max {
            let first = gone.pop().ok_or(NoRoom { bytes_max, rules_max })?;
            let less = first.size();
            size = (size.0 - less.0, size.1 - less.1);
            changed.forget(first);
        }
        Ok(changed)
    }
}

impl Running {
    /// What decides in a clone, or elsewhere.
    #[inline]
    pub(crate) fn set_up_of<'r>(&'r self, clone: Option<&'r Arc<Cloned>>) -> &'r Arc<Setup> {
        clone.and_then(|clone| clone.setup()).unwrap_or(&self.setup)
    }

    /// What decides in a project, by its id.
    pub(crate) fn set_up_in(&self, project: &str) -> &Arc<Setup> {
        self.set_up_of(self.clones.get(project))
    }

    /// Those clones by their ids, for a report.
    pub(crate) fn with_own_scenario_in_order(&self) -> Vec<(&Arc<Cloned>, &Arc<Setup>)> {
        let mut all: Vec<_> = self.with_own_scenario().collect();
        all.sort_by_key(|(clone, _)| clone.id());
        all
    }

    /// The clones with a scenario of their own, also those that ended: what they expect is judged in each of them alone.
    pub(crate) fn with_own_scenario(&self) -> impl Iterator<Item = (&Arc<Cloned>, &Arc<Setup>)> {
        self.clones.with_gone().filter_map(|clone| Some((clone, clone.setup()?)))
    }
}
