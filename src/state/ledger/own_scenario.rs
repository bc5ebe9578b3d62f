//! The scenario that a clone has in place of the files'.

use crate::engine::Setup;
use crate::scenario::RuleLabel;
use std::sync::Arc;

/// The scenario that a clone has in place of the files', if it has one.
#[derive(Clone, Debug, Default)]
pub(in crate::state) struct OwnScenario {
    /// The scenario with which the clone was created; a reset restores it.
    pub(in crate::state) born: Option<Arc<Setup>>,
    /// The scenario in force.
    pub(in crate::state) now: Option<Arc<Setup>>,
}

impl OwnScenario {
    /// The scenario of the clone's creation, and the one in force if it differs.
    pub(in crate::state) fn all(&self) -> impl Iterator<Item = &Arc<Setup>> {
        let is_born = |now: &&Arc<Setup>| self.born.as_ref().is_some_and(|born| Arc::ptr_eq(born, now));
        self.born.iter().chain(self.now.iter().filter(move |now| !is_born(now)))
    }
}

/// The place of rules with which a clone was created, before its id.
pub(in crate::state) const BORN_AT: &str = "POST /__admin/projects (";
const PUT_AT: &str = "PUT /__admin/scenario?project=";

/// The place of rules that were put in a clone.
pub(in crate::state) fn put_at(id: &str) -> String {
    format!("{PUT_AT}{id}")
}

/// Whether a rule is from the scenario of a clone.
pub(in crate::state) fn is_of_a_clone(label: &RuleLabel) -> bool {
    [BORN_AT, PUT_AT].iter().any(|at| label.place.starts_with(at))
}

/// The size of scenarios: bytes of text, and rules and expectations.
pub(in crate::state) fn size_of<'s>(setups: impl Iterator<Item = &'s Arc<Setup>>) -> (usize, usize) {
    setups.map(|setup| setup.own_size()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}
