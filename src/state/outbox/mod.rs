//! The outbox: messages to users, with address, text and state.
//!
//! - `store`: the outbox
//! - `queues`: which messages wait for delivery, and which are on their way
//! - `looking`: the changes that a follower has not seen

pub(super) mod looking;
pub(super) mod queues;
pub(super) mod store;
