//! The stream of events: entries, messages and changes of the setup.
//!
//! - `history`: the last changes of the setup
//! - `changes`: notes a change
//! - `mark`: how much a follower has seen
//! - `feed`: entries, messages and changes in one order
//! - `hub`: the last events as text, written once for all followers

pub(super) mod changes;
pub(super) mod feed;
pub(super) mod history;
pub(super) mod hub;
pub(super) mod mark;
