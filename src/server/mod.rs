//! The listener, its connections, and everything that waits.
//!
//! - `listener.rs` accepts; `connection.rs` serves one connection; `wire.rs` is the socket as hyper sees it
//! - `http2/` serves a connection of HTTP/2
//! - `exchange.rs`: one request; `api_exchange.rs` and `admin_exchange.rs`: of the emulated API, and of the admin API
//! - `body.rs` reads the body of a request, `request_body.rs`, within its limits; `memory.rs` reserves the memory of long answers
//! - `injection.rs` delays, loses and spoils answers as rules say; `wire_faults.rs` ends a connection by a fault,
//!   with the bytes of `hand_written.rs`
//! - `log_line.rs`, `counting.rs`, `noting.rs`, `coverage.rs`, `secrets.rs`: the notes on an answer
//! - `sending.rs` gives hyper an answer, a long one in pieces; `live.rs` an answer without an end; `titles.rs` writes its
//!   head; `encode.rs` writes an answer without hyper
//! - `deadlines.rs` watches for connections that are too slow, by the phases of `phase.rs`; `timekeeper.rs` has the timers,
//!   `within.rs` what runs by them
//! - `close.rs` answers malformed requests and closes; `tcp_close.rs` closes a socket, which `stream.rs` is
//! - `handshake.rs` begins a connection over TLS; `tls/` has its stream, and the certificates
//! - `trying.rs` sends the console's requests to this server; `framing.rs` reads their answers
//! - `delivery/` delivers messages

mod admin_exchange;
mod api_exchange;
mod body;
mod close;
mod connection;
mod counting;
mod coverage;
mod deadlines;
mod delivery;
mod encode;
mod exchange;
#[cfg(feature = "console")]
mod framing;
mod hand_written;
#[cfg(feature = "tls")]
mod handshake;
#[cfg(not(feature = "tls"))]
#[path = "no_handshake.rs"]
mod handshake;
#[cfg(feature = "http2")]
mod http2;
mod injection;
mod listener;
mod live;
mod log_line;
mod memory;
mod noting;
mod phase;
mod request_body;
mod secrets;
mod sending;
mod stream;
mod tcp_close;
mod timekeeper;
mod titles;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
pub(crate) mod tls;
#[cfg(feature = "console")]
mod trying;
mod wire;
mod wire_faults;
mod within;

pub(crate) use delivery::{Delivering, Post};
pub(crate) use listener::{Entrance, bind, bind_free, run_admin, run_all, together};
pub(crate) use timekeeper::Timekeeper;

use crate::admin::Access;
use crate::state::{Hosts, State};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

/// State that all connections of an address share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: Arc<State>,
    pub(crate) access: Access,
    /// Whether the emulated API is served here; else the admin API alone.
    pub(crate) api: bool,
    pub(crate) timekeeper: Arc<Timekeeper>,
    /// The address of this process's own client, which does not start virtual time.
    pub(crate) own: OnceLock<SocketAddr>,
    permits: Arc<Semaphore>,
    /// Places for handshakes of TLS.
    handshakes: Semaphore,
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
        let handshakes = Semaphore::new(state.limits.handshakes_max.min(Semaphore::MAX_PERMITS));
        Self { state, access, api, timekeeper, own: OnceLock::new(), permits, handshakes }
    }
}
