//! What a rule is.

use super::Calls;
use crate::fixture::UserKey;
use std::sync::Arc;

/// One entry of a scenario, a `--fault` or an override.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Shared with everything that names the rule as its cause.
    pub(crate) label: Arc<RuleLabel>,
    pub(crate) targets: Targets,
    pub(crate) calls: Calls,
    pub(crate) status: StatusFacet,
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
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StatusFacet {
    pub(crate) status: u16,
    pub(crate) error: ErrorFacet,
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    /// Sent instead of the documented body; only where undocumented answers are allowed.
    pub(crate) body: Option<Box<str>>,
}

/// What a rule changes of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorFacet {
    pub(crate) code: Option<Box<str>>,
    pub(crate) message: Option<Box<str>>,
    /// Sealed into `encoded_authorization_message`.
    pub(crate) reason: Option<Box<str>>,
}
