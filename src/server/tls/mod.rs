//! Certificates of the HTTPS listener.
//!
//! - `authority.rs` is a certificate authority, which issues the server's certificate
//! - `config.rs` has what rustls needs for a connection, exchanged whole when certificates change

mod authority;
mod config;

pub(crate) use authority::{Authority, Identity};
pub(crate) use config::ServerTls;
