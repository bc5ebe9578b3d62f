//! Expectations: what the consumer must do.
//!
//! - Each kind is a file with its field, its check, its words and its description: `calls.rs`, `gap_ms.rs`, `backoff.rs`,
//!   `sent.rs`, `statuses.rs`, `ends_with.rs`, `after_lost.rs`, `notified.rs`.
//! - `kind.rs` says what a kind is, and `case.rs` has the facts about a user's calls.
//! - `bounds.rs` is a range of numbers, and `words.rs` counts in words.
//! - `read.rs` reads a list of expectations.

mod after_lost;
mod backoff;
mod bounds;
mod calls;
mod case;
mod ends_with;
mod gap_ms;
mod kind;
mod notified;
mod read;
mod sent;
mod statuses;
pub(crate) mod words;

pub(crate) use case::{Case, Miss, Seen, whole_ms};
pub(crate) use kind::{Basis, Requirement};
pub(crate) use read::{Expectation, expectations};

// The parts of the schema, which tests make.
#[cfg(test)]
pub(crate) use self::{
    after_lost::AFTER_LOST,
    bounds::BOUNDS,
    kind::Shape,
    notified::NOTIFIED,
    read::{EXPECT_WHEN, EXPECTATION, KINDS},
    sent::SENT,
};
