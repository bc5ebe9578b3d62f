//! HTTPS of an embedded server.

use crate::server::{self, Entrance, tls};
use crate::state::Clock;
use std::io;

/// How HTTPS is reached and trusted.
#[derive(Debug)]
pub(super) struct Https {
    pub(super) url: String,
    /// The certificate of the authority.
    pub(super) ca_pem: String,
}

impl Https {
    /// Listens on a free port, with a certificate of a new authority.
    pub(super) fn listen() -> io::Result<(Self, Entrance)> {
        let now = Clock::system_time();
        let authority = tls::Authority::new(now).map_err(io::Error::other)?;
        let identity = authority.issue(&[], now).map_err(io::Error::other)?;
        let tls = tls::ServerTls::new(identity).map_err(io::Error::other)?;
        let socket = server::bind_free()?;
        let url = format!("https://{}", socket.local_addr()?);
        Ok((Self { url, ca_pem: authority.pem().to_owned() }, Entrance::tls(socket, tls)))
    }
}
