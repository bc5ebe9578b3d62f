//! A rule, its facets and its label.

use super::{Asked, Calls, Conditions, Delay, Fault, Occasion, StatusFacet, Targets};
use crate::contract::{Operation, Scripted};
use std::sync::Arc;

/// One entry of a scenario, a `--fault` or an override.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) operation: Scripted,
    /// Shared with everything that names the rule as its cause.
    pub(crate) label: Arc<RuleLabel>,
    pub(crate) targets: Targets,
    pub(crate) calls: Calls,
    /// The uses of a token that it is for; it then has no other condition.
    pub(crate) token_calls: Option<Calls>,
    /// The counter of an override that is for a number of calls by any caller.
    pub(crate) turns: Option<u64>,
    /// Conditions beyond targets and calls; most rules have none.
    pub(crate) conditions: Option<Box<Conditions>>,
    pub(crate) status: Option<StatusFacet>,
    pub(crate) delay: Option<Delay>,
    pub(crate) fault: Option<Fault>,
    /// Of a failing status, and of a fault that strikes.
    pub(crate) phase: Phase,
}

named_enum! {
    /// Whether a rule strikes before the side effect, which then does not happen, or after it.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
    pub enum Phase {
        /// The password is not reset.
        #[default]
        Before = "before",
        /// The password is reset, and the answer says otherwise.
        After = "after",
    }
}

named_enum! {
    /// A part of an outcome that a rule can set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
    pub(crate) enum Facet {
        Status = "status",
        Delay = "delay",
        Fault = "fault",
    }
}

/// Some of the facets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facets(u8);

impl Rule {
    /// One that fails resets, for tests. `calls` is empty for all of them.
    #[cfg(test)]
    pub(super) fn failing(targets: Targets, calls: &str) -> Self {
        let calls = if calls.is_empty() { Calls::default() } else { Calls::parse(calls).ok().unwrap() };
        Self {
            operation: Operation::ResetRandomPassword.into(),
            label: Arc::new(RuleLabel { name: String::new(), place: String::new() }),
            targets,
            calls,
            token_calls: None,
            turns: None,
            conditions: None,
            status: Some(StatusFacet::plain(503)),
            delay: None,
            fault: None,
            phase: Phase::Before,
        }
    }

    /// The facets that it sets.
    pub(crate) fn facets(&self) -> Facets {
        let set = [
            (Facet::Status, self.status.is_some()),
            (Facet::Delay, self.delay.is_some()),
            (Facet::Fault, self.fault.is_some()),
        ];
        set.into_iter().filter(|(_, set)| *set).fold(Facets::default(), |facets, (facet, _)| facets.with(facet))
    }

    /// The first condition that a call of one of the rule's users does not meet, by its name.
    pub(crate) fn missed(&self, occasion: &Occasion<'_>) -> Option<&'static str> {
        if !self.calls.allow(occasion.call) {
            return Some("calls");
        }
        self.conditions.as_ref().and_then(|rest| rest.missed(occasion))
    }

    pub(crate) fn conditions(&self) -> &Conditions {
        const NONE: &Conditions = &Conditions::NONE;
        self.conditions.as_deref().unwrap_or(NONE)
    }

    /// The probability that it matches a call that meets all other conditions, if it has one.
    pub(crate) fn chance(&self) -> Option<f64> {
        self.conditions.as_ref().and_then(|rest| rest.chance())
    }

    /// The condition because of which it is not for a call of an operation, by its name.
    pub(crate) fn missed_target(&self, operation: Operation) -> &'static str {
        if self.token_calls.is_some() {
            "token_calls"
        } else if self.operation != operation.into() {
            "operation"
        } else if matches!(self.targets, Targets::Projects(_)) {
            "project"
        } else {
            "user"
        }
    }

    /// Whether nothing but the request decides if it holds, for some of the calls from the first to the last. A rule that
    /// counts the uses of a token hinges on the token.
    pub(crate) fn hinges_on_the_request(&self, first: u64, last: u64, asked: &dyn Asked, account_known: bool) -> bool {
        let looks = |rest: &Conditions| rest.hinge_on_the_request(asked, account_known);
        (self.token_calls.is_some() || self.conditions.as_deref().is_some_and(looks)) && self.calls.meet(first, last)
    }

    /// The status that it gives to a call that it matches; `None` if it leaves it to others.
    pub(crate) fn status_of(&self, call: u64) -> Option<u16> {
        self.status.as_ref()?.statuses.at(|| self.calls.rank(call))
    }

    /// Whether it decides a facet of every call that it is for and of which its conditions hold.
    pub(crate) fn takes_all(&self, facet: Facet) -> bool {
        self.chance().is_none_or(|chance| chance >= 1.0) && self.facets().has(facet) && !self.leaves_some(facet)
    }

    /// Whether it leaves a facet of some of the calls that it matches to others: a sequence may end.
    pub(crate) fn leaves_some(&self, facet: Facet) -> bool {
        facet == Facet::Status && self.status.as_ref().is_some_and(|status| status.statuses.ends())
    }
}

impl RuleLabel {
    /// Whether the rule is in the file or flag of that name.
    pub(crate) fn is_of(&self, source: &str) -> bool {
        self.place.strip_prefix(source).is_some_and(|rest| rest.starts_with(':'))
    }
}

impl Facets {
    pub(crate) const ALL: Self = Self(0b111);

    pub(crate) const fn has(self, facet: Facet) -> bool {
        self.0 & (1 << facet as u8) != 0
    }

    #[must_use]
    pub(crate) const fn with(self, facet: Facet) -> Self {
        Self(self.0 | 1 << facet as u8)
    }

    #[must_use]
    pub(crate) const fn without(self, facet: Facet) -> Self {
        Self(self.0 & !(1 << facet as u8))
    }

    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// How a rule is shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RuleLabel {
    pub(crate) name: String,
    /// `file:line:column`, `--fault`, or `override 3`.
    pub(crate) place: String,
}
