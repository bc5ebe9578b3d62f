//! Which messages went out: to which address, with what text, and what became of them.
//!
//! - `store`: the outbox
//! - `queues`: which messages wait for delivery, and which are on their way
//! - `looking`: what a follower has not seen

pub(super) mod looking;
pub(super) mod queues;
pub(super) mod store;
