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

pub(crate) use after_lost::AFTER_LOST;
pub(crate) use bounds::BOUNDS;
pub(crate) use case::{Case, Miss, Seen, whole_ms};
pub(crate) use kind::{Basis, Requirement, Shape};
pub(crate) use notified::NOTIFIED;
pub(crate) use read::{EXPECT_WHEN, EXPECTATION, Expectation, KINDS, expectations};
pub(crate) use sent::SENT;
