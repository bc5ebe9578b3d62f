//! What an expectation is: what the consumer must do.

use super::{RuleLabel, Targets};
use crate::contract::{NotificationType, Operation};
use crate::ids::AccountIndex;
use std::sync::Arc;

/// One entry of a scenario's `expect`.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) label: Arc<RuleLabel>,
    /// Users that are named are judged also if they never called; of others those that did.
    pub(crate) targets: Targets,
    /// Of an operation whose calls are counted for users, the accounts whose calls are looked at; of others, the accounts
    /// that are judged, also if they never called. None are all.
    pub(crate) accounts: Vec<AccountIndex>,
    pub(crate) operation: &'static Operation,
    /// In the order in which they are shown; at least one.
    pub(crate) conditions: Vec<Condition>,
}

impl Expectation {
    /// Whether it looks at the calls of some accounts among those of a user.
    pub(crate) fn is_of_some_calls(&self) -> bool {
        !self.accounts.is_empty() && !self.operation.is_of_accounts()
    }
}

/// One thing that must hold of a user's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// So many calls are counted.
    Calls(Bounds),
    /// So many milliseconds lie between the end of an answer and the next arrival.
    GapMs(Bounds),
    /// No gap is more than a tenth shorter than the one before.
    BackoffGrowing,
    /// Every call is sent with this header field, or without it.
    SentHeader(Box<str>, Sent),
    /// Every call asks for these notifications and no others.
    SentNotifications(Vec<NotificationType>),
    /// These statuses are met, in this order, and no others.
    Statuses(Vec<u16>),
    /// The last call meets this status.
    EndsWith(u16),
    /// So many calls at most follow a reset that was done while its answer was lost.
    AfterLost(u64),
    /// So many messages of this type are sent, and not lost by a rule.
    Notified(NotificationType, Bounds),
}

/// What a header field must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    There,
    Absent,
    Value(Box<str>),
}

/// Both ends included; one of them at least is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

impl Bounds {
    /// Whether a number is within them.
    pub(crate) fn has(self, number: u64) -> bool {
        self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
    }
}

impl Condition {
    /// The field that says it.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Self::Calls(_) => "calls",
            Self::GapMs(_) => "gap_ms",
            Self::BackoffGrowing => "backoff",
            Self::SentHeader(..) | Self::SentNotifications(_) => "sent",
            Self::Statuses(_) => "statuses",
            Self::EndsWith(_) => "ends_with",
            Self::AfterLost(_) => "after_lost",
            Self::Notified(..) => "notified",
        }
    }

    /// Whether it is about single calls; else their number is enough.
    pub(crate) fn needs_each_call(&self) -> bool {
        !matches!(self, Self::Calls(_) | Self::Notified(..))
    }

    /// Whether of the single calls the last is enough.
    pub(crate) fn needs_the_last_call(&self) -> bool {
        matches!(self, Self::EndsWith(_))
    }

    /// Whether it is about a side effect or a notification, which the operations of accounts have not.
    pub(crate) fn is_of_users(&self) -> bool {
        matches!(self, Self::AfterLost(_) | Self::SentNotifications(_) | Self::Notified(..))
    }

    /// Whether somebody who never calls fails it.
    pub(crate) fn needs_a_call(&self) -> bool {
        match self {
            Self::Calls(bounds) | Self::Notified(_, bounds) => bounds.min.is_some_and(|min| min > 0),
            Self::Statuses(_) | Self::EndsWith(_) => true,
            _ => false,
        }
    }
}
