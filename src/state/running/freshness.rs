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
    /// The error of the certificates of HTTPS, if the last reload of theirs failed and earlier ones are still in force.
    pub(crate) certificates: Option<PlainProblem>,
}

impl Freshness {
    /// Forgets earlier losses: after a reset nothing is missing.
    pub(in crate::state) fn forget_losses(&mut self) {
        if !self.stale {
            self.problems.clear();
        }
    }
}
