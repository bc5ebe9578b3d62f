//! The listener, its connections, and everything that waits.
//!
//! `listener.rs` accepts, `connection.rs` serves one connection, `exchange.rs` one request on it, and `body.rs`
//! reads a request's body within its limits.

mod body;
mod connection;
mod exchange;
mod listener;

pub(crate) use listener::{bind, run};

use crate::admin::Access;
use crate::state::State;

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: State,
    pub(crate) access: Access,
}
