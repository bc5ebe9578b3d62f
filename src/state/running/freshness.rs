//! Whether the running setup is that of the files.

use crate::diagnostics::PlainProblem;

/// How the running setup compares to the files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Freshness {
    /// Whether the last reload failed, and the earlier setup is still in force.
    pub(crate) stale: bool,
    /// The number of reloads, failed ones included.
    pub(crate) reloads: u64,
    /// The errors of the files, or the overrides and clones lost by the reload.
    pub(crate) problems: Vec<PlainProblem>,
}

impl Freshness {
    /// Forgets earlier losses: after a reset nothing is missing.
    pub(in crate::state) fn forget_losses(&mut self) {
        if !self.stale {
            self.problems.clear();
        }
    }
}
