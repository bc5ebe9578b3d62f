//! Kinds of expectations, and the requirements that they read.

use super::{Case, Miss};
use crate::diagnostics::{Fields, Problems};
use std::fmt;

/// A kind of expectation: a field of a file.
pub(crate) struct ExpectationKind {
    pub(crate) field: &'static str,
    /// The meaning of the field, for the schema and the guide.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests make the schema of it"))]
    pub(crate) description: &'static str,
    /// Reads the field, if it is there. Every problem is kept.
    pub(crate) read: fn(&Fields<'_>, &mut Problems) -> Vec<Box<dyn Requirement>>,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests make the schema of it"))]
    pub(crate) shape: Shape,
}

/// The shape of a field's value, which the schema describes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    AtMost,
    Bounds,
    Messages,
    Sent,
    Status,
    Statuses,
    /// This text and no other.
    Word(#[cfg_attr(not(test), expect(dead_code, reason = "tests make the schema of it"))] &'static str),
}

/// The requirements of a field that has at most one.
pub(super) fn at_most_one(read: Option<impl Requirement + 'static>) -> Vec<Box<dyn Requirement>> {
    read.into_iter().map(|one| Box::new(one) as Box<dyn Requirement>).collect()
}

/// The facts that a requirement is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The number of calls.
    Count,
    /// The last call alone.
    LastCall,
    EachCall,
    /// The messages that the user was sent.
    Messages,
}

/// One thing that must hold of a user's calls.
pub(crate) trait Requirement: fmt::Debug + Send + Sync {
    /// The requirement in words.
    fn expected(&self) -> String;

    /// The miss, if the requirement does not hold.
    fn check(&self, case: &Case<'_>) -> Option<Miss>;

    fn basis(&self) -> Basis {
        Basis::EachCall
    }

    /// Whether the number of calls alone shows that it holds.
    fn holds_by_count(&self, _calls: u64) -> bool {
        false
    }

    /// Whether a user who never calls fails it.
    fn needs_a_call(&self) -> bool {
        false
    }

    /// Whether it proves something only if the answer to a reset was lost or delayed.
    fn needs_a_lost_answer(&self) -> bool {
        false
    }

    /// Whether it is about a side effect or a notification, which only resets have.
    fn is_about_resets(&self) -> bool {
        false
    }
}
