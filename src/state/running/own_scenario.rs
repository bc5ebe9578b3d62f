//! Scenarios of clones, in place of the files'. Each applies to its clone alone; one bound holds for all together.

use crate::engine::Setup;
use crate::ids::ProjectIndex;
use crate::limits::Limits;
use crate::state::ledger::clones::Clones;
use crate::state::ledger::own_scenario::size_of;
use crate::state::{Cloned, Running};
use std::sync::Arc;

/// The scenarios of all clones would exceed these limits.
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
    /// The clones with room for a scenario: a new one, or in place of that of `of`. Deleted clones are forgotten for it, the
    /// oldest first.
    pub(in crate::state) fn with_room_for(
        &self,
        own: &Setup,
        of: Option<&Cloned>,
        limits: &Limits,
    ) -> Result<Self, NoRoom> {
        let (bytes_max, rules_max) = (limits.clone_scenarios_bytes_max, limits.clone_rules_max);
        let mut changed = self.clone();
        // Room that the scenario takes over from the one in force.
        let freed = of.map_or((0, 0), |of| {
            let (size, born) = (of.size(), size_of(of.scenario.born.iter()));
            (size.0 - born.0, size.1 - born.1)
        });
        let (bytes, rules) = own.own_size();
        let is_past = |(all_bytes, all_rules): (usize, usize)| {
            all_bytes + bytes - freed.0 > bytes_max || all_rules + rules - freed.1 > rules_max
        };
        while is_past(changed.size()) {
            if !changed.forget_a_scenario() {
                return Err(NoRoom { bytes_max, rules_max });
            }
        }
        Ok(changed)
    }
}

impl Running {
    /// The setup that decides in a clone, or elsewhere.
    #[inline]
    pub(crate) fn set_up_of<'r>(&'r self, clone: Option<&'r Arc<Cloned>>) -> &'r Arc<Setup> {
        clone.and_then(|clone| clone.setup()).unwrap_or(&self.setup)
    }

    /// The setup that decides in a project, by id, or elsewhere.
    pub(crate) fn set_up_in(&self, project: Option<&str>) -> &Arc<Setup> {
        self.set_up_of(project.and_then(|id| self.clones.get(id)))
    }

    /// The setup of a clone that has a scenario of its own, deleted ones included.
    pub(crate) fn own_setup(&self, project: ProjectIndex) -> Option<&Arc<Setup>> {
        self.place_at(project)?.clone?.setup()
    }

    /// The clones with their own scenario, sorted by id.
    pub(crate) fn with_own_scenario_in_order(&self) -> Vec<(&Arc<Cloned>, &Arc<Setup>)> {
        let mut all: Vec<_> = self.with_own_scenario().collect();
        all.sort_by_key(|(clone, _)| clone.id());
        all
    }

    /// The clones with their own scenario, deleted ones included. Their expectations are judged in each of them alone.
    pub(crate) fn with_own_scenario(&self) -> Box<dyn Iterator<Item = (&Arc<Cloned>, &Arc<Setup>)> + '_> {
        Box::new(self.clones.with_gone().filter_map(|clone| Some((clone, clone.setup()?))))
    }
}
