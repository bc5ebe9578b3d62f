//! The listener, its connections, and everything that waits.
//!
//! `listener.rs` accepts, `connection.rs` serves one connection, `exchange.rs` one request on it, and `body.rs`
//! reads a request's body within its limits. `wire.rs` is the socket as hyper sees it, `progress.rs` notices who is
//! too slow, and `ending.rs` says what hyper leaves unsaid before a connection is closed.

mod body;
mod connection;
mod ending;
mod exchange;
mod listener;
mod progress;
mod wire;

pub(crate) use listener::{bind, run};

use crate::admin::Access;
use crate::state::State;

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: State,
    pub(crate) access: Access,
}
