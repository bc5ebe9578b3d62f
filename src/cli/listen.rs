//! Where to listen, and who may use the admin API there.

use super::exit::{CANNOT_LISTEN, Failure, USAGE};
use crate::admin::Access;
use clap::Args;
use clap::builder::BoolishValueParser;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};

/// Where to listen.
#[derive(Debug, Args)]
pub(super) struct Listen {
    /// Address to listen on.
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_LISTEN", conflicts_with_all = ["host", "port"])]
    listen: Option<String>,

    /// Host to listen on.
    #[arg(long, value_name = "HOST", env = "WKSMOCK_HOST", default_value = "127.0.0.1")]
    host: String,

    /// Port to listen on; 0 takes a free one, which the ready line tells.
    #[arg(long, value_name = "PORT", env = "WKSMOCK_PORT", default_value_t = 7070)]
    port: u16,

    /// Token that the admin API asks for, as Authorization: Bearer TOKEN. Needed beyond loopback.
    #[arg(long, value_name = "TOKEN", env = "WKSMOCK_ADMIN_TOKEN", hide_env_values = true,
          conflicts_with = "no_admin", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    admin_token: Option<String>,

    /// No admin API at all.
    #[arg(long, env = "WKSMOCK_NO_ADMIN", value_parser = BoolishValueParser::new())]
    no_admin: bool,
}

impl Listen {
    /// The address. A name is looked up.
    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        let shown = self.shown();
        let found = match &self.listen {
            Some(address) => address.to_socket_addrs().map(|mut found| found.next()),
            None => (self.host.as_str(), self.port).to_socket_addrs().map(|mut found| found.next()),
        };
        match found {
            Ok(Some(address)) => Ok(address),
            Ok(None) => Err(Failure::new(USAGE, format!("{shown} has no address"))),
            Err(error) => Err(Failure::new(
                USAGE,
                format!("{shown} is no address to listen on: {error}; expected HOST:PORT, as in 127.0.0.1:7070"),
            )),
        }
    }

    /// Who may use the admin API. Beyond loopback it has a token, or there is none.
    pub(super) fn access(&self, address: SocketAddr) -> Result<Access, Failure> {
        let loopback = address.ip().is_loopback();
        if !loopback && self.admin_token.is_none() && !self.no_admin {
            return Err(Failure::new(
                USAGE,
                format!(
                    "{address} is beyond loopback, where the admin API needs a token: give --admin-token TOKEN, or --no-admin"
                ),
            ));
        }
        Ok(Access { enabled: !self.no_admin, loopback, token: self.admin_token.clone() })
    }

    fn shown(&self) -> String {
        self.listen.clone().unwrap_or_else(|| format!("{}:{}", self.host, self.port))
    }
}

/// Why nothing listens.
pub(super) fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AddrInUse {
        return Failure::new(
            CANNOT_LISTEN,
            format!(
                "port {} of {} is in use; choose another with --port, or 0 for a free one",
                address.port(),
                address.ip()
            ),
        );
    }
    Failure::new(CANNOT_LISTEN, format!("cannot listen on {address}: {error}"))
}
