//! TLS: the certificates of the HTTPS listener, and its connections.
//!
//! - `authority.rs` is a certificate authority, which issues the server's certificate; `names.rs` has the names in it
//! - `pem.rs` reads PEM files, `identity.rs` certificates and key of them; `validity.rs` verifies them as clients do
//! - `config.rs` has what rustls needs for a connection, exchanged whole when certificates change
//! - `stream.rs` is a connection after its handshake, which `handshake.rs` of the room does

mod authority;
mod config;
mod identity;
mod names;
mod pem;
mod stream;
mod validity;

pub(crate) use authority::Authority;
pub(crate) use config::ServerTls;
pub(crate) use identity::{Identity, certificates};
pub(crate) use names::CertificateName;
pub(crate) use pem::{Pem, certificate_pem};
pub(in crate::server) use stream::{Beneath, TlsStream};
pub(crate) use validity::validity_problem;
