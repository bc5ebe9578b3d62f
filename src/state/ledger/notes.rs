//! Notes on calls in one project or clone, or outside all projects: those of clients, or those of the console.

use super::by_name::CallsByName;
use super::coverage::Met;
use super::rejections::Rejections;
use super::strikes::Strikes;
use crate::scenario::RuleLabel;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) calls: CallsByName,
    pub(in crate::state) met: Met,
    pub(crate) strikes: Strikes,
    pub(crate) rejections: Rejections,
}

impl Notes {
    /// Adds the notes of a project or clone that goes, but for its callers.
    pub(super) fn inherit(&self, going: &Self, is_left: impl Fn(&RuleLabel) -> bool) {
        self.met.add(&going.met);
        self.strikes.inherit(&going.strikes, is_left);
        self.rejections.inherit(&going.rejections);
    }
}
