//! The listener, its connections, and everything that waits.
//!
//! `listener.rs` accepts, `connection.rs` serves one connection, `exchange.rs` one request on it, and `body.rs`
//! reads a request's body within its limits. `injection.rs` holds, loses and spoils answers as rules have it, `meeting.rs` counts
//! for coverage what clients meet. `wire.rs` is
//! the socket as hyper sees it, `progress.rs` notices who is too slow, `ending.rs` says what hyper leaves unsaid before a
//! connection is closed, `strike.rs` ends one by a fault, `raw.rs` writes answers without hyper, `sending.rs` gives long ones in pieces, `live.rs` those that have no end, `room.rs` takes memory for them, and `log_line.rs` logs a request.
//! `trying.rs` sends the console's requests to this server, and `framing.rs` reads their answers.
//! `timekeeper.rs` waits in their place for what has a time, and `post/` delivers messages.

mod body;
mod close;
mod connection;
mod coverage;
mod deadlines;
mod delivery;
mod encode;
mod exchange;
mod framing;
mod injection;
mod listener;
mod live;
mod log_line;
mod noting;
mod room;
mod sending;
mod timekeeper;
mod titles;
mod trying;
mod wire;
mod wire_faults;

pub(crate) use delivery::{Delivering, Post};
pub(crate) use listener::{bind, run, run_admin};
pub(crate) use timekeeper::Timekeeper;

use crate::admin::Access;
use crate::state::{Hosts, State};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

/// What all connections of an address share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: Arc<State>,
    pub(crate) access: Access,
    /// Whether the emulated API is served here; else the admin API alone.
    pub(crate) api: bool,
    pub(crate) timekeeper: Arc<Timekeeper>,
    /// The address of this process's own client, with whom virtual time does not begin.
    pub(crate) own: OnceLock<SocketAddr>,
    permits: Arc<Semaphore>,
}

/// Makes the runtime of a thread that serves. It has sockets, and takes its timers from the [`Timekeeper`].
pub(crate) fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_io().build()
}

impl Shared {
    pub(crate) fn new(state: Arc<State>, access: Access, api: bool, timekeeper: Arc<Timekeeper>) -> Self {
        let connections_max = state.limits.connections_max.min(Semaphore::MAX_PERMITS);
        if api {
            let Access { loopback, allowed_hosts, .. } = &access;
            state.answer_to(Hosts { loopback: *loopback, allowed: allowed_hosts.clone() });
        }
        let permits = Arc::new(Semaphore::new(connections_max));
        Self { state, access, api, timekeeper, own: OnceLock::new(), permits }
    }
}
