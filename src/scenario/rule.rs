//! What a rule is.

use super::{Asked, Calls, Conditions, Statuses};
use crate::fixture::UserKey;
use std::sync::Arc;

/// One entry of a scenario, a `--fault` or an override.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Shared with everything that names the rule as its cause.
    pub(crate) label: Arc<RuleLabel>,
    pub(crate) targets: Targets,
    pub(crate) calls: Calls,
    /// Conditions beyond targets and calls; most rules have none.
    pub(crate) conditions: Option<Box<Conditions>>,
    pub(crate) status: StatusFacet,
    pub(crate) phase: Phase,
}

/// Whether a rule strikes before the side effect, which then does not happen, or after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Before,
    /// The password is reset, and the answer says otherwise.
    After,
}

impl Rule {
    /// The status that the rule gives to a call of someone whom it is for; `None` if it leaves it to others.
    pub(crate) fn status_of(&self, asked: &dyn Asked, stream: u64, call: u64) -> Option<u16> {
        if !self.calls.allow(call) || !self.conditions.as_ref().is_none_or(|rest| rest.hold(asked, stream, call)) {
            return None;
        }
        self.status.statuses.at(|| self.calls.rank(call))
    }

    /// Whether every call that it is for is decided by it.
    pub(crate) fn takes_all(&self) -> bool {
        self.conditions.is_none() && !self.status.statuses.ends()
    }
}

impl Phase {
    pub(crate) const ALL: [Self; 2] = [Self::Before, Self::After];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// How a rule is shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RuleLabel {
    pub(crate) name: String,
    /// `file:line:column`, `--fault`, or `override 3`.
    pub(crate) place: String,
}

/// For whom a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    Everyone,
    Projects(Vec<u32>),
    Users(Vec<UserKey>),
}

/// The status facet: what is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StatusFacet {
    pub(crate) statuses: Statuses,
    pub(crate) error: ErrorFacet,
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    /// Sent instead of the documented body; only where undocumented answers are allowed.
    pub(crate) body: Option<Box<str>>,
}

impl StatusFacet {
    /// A status with nothing beside it.
    pub(crate) fn plain(status: u16) -> Self {
        Self { statuses: Statuses::One(status), error: ErrorFacet::default(), headers: Vec::new(), body: None }
    }
}

/// What a rule changes of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorFacet {
    pub(crate) code: Option<Box<str>>,
    pub(crate) message: Option<Box<str>>,
    /// Sealed into `encoded_authorization_message`.
    pub(crate) reason: Option<Box<str>>,
}
