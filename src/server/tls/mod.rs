//! TLS: the certificates of the HTTPS listener, and its connections.
//!
//! - `authority.rs` is a certificate authority, which issues the server's certificate
//! - `config.rs` has what rustls needs for a connection, exchanged whole when certificates change
//! - `stream.rs` is a connection after its handshake, which `handshake.rs` of the room does

mod authority;
mod config;
mod stream;

pub(crate) use authority::{Authority, Identity};
pub(crate) use config::ServerTls;
pub(in crate::server) use stream::{Beneath, TlsStream};
