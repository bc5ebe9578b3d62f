//! Whether what decides is what the files now say.

use crate::diagnostics::Told;

/// How what decides compares to the files that it is to come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Freshness {
    /// The files were read again, and were bad: what they said before is in force.
    pub(crate) stale: bool,
    /// How often they were read again, with whatever result.
    pub(crate) reloads: u64,
    /// What is wrong with them, or what their change has cost.
    pub(crate) problems: Vec<Told>,
}

impl Freshness {
    /// After a reset nothing is missing that was lost before.
    pub(in crate::state) fn forget_losses(&mut self) {
        if !self.stale {
            self.problems.clear();
        }
    }
}
