//! Where to listen, and who may use the admin API there.

use super::exit::{CANNOT_LISTEN, Failure, USAGE};
use crate::admin::Access;
use clap::Args;
use clap::builder::BoolishValueParser;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// An address to listen on.
#[derive(Debug, Args)]
pub(super) struct Address {
    /// Address to listen on.
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_LISTEN", conflicts_with_all = ["host", "port"])]
    listen: Option<String>,

    /// Host to listen on.
    #[arg(long, value_name = "HOST", env = "WKSMOCK_HOST", default_value = "127.0.0.1")]
    host: String,

    /// Port to listen on; 0 takes a free one, which the ready line tells.
    #[arg(long, value_name = "PORT", env = "WKSMOCK_PORT", default_value_t = 7070)]
    port: u16,
}

/// Where to listen.
#[derive(Debug, Args)]
pub(super) struct Listen {
    #[command(flatten)]
    address: Address,

    /// Threads that serve, each with a runtime and a socket of its own.
    #[arg(long, value_name = "N", env = "WKSMOCK_THREADS", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) threads: u8,

    /// Address of its own for the admin API, which then is nowhere else.
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_ADMIN_LISTEN")]
    admin_listen: Option<String>,

    /// Token that the admin API asks for, as Authorization: Bearer TOKEN. Needed beyond loopback.
    #[arg(long, value_name = "TOKEN", env = "WKSMOCK_ADMIN_TOKEN", hide_env_values = true, value_parser = token)]
    admin_token: Option<String>,

    /// Further name by which the admin API may be asked on loopback, such as a container's; repeatable.
    #[arg(long, value_name = "NAME", env = "WKSMOCK_ALLOW_HOST")]
    allow_host: Vec<String>,

    /// No admin API at all.
    #[arg(long, env = "WKSMOCK_NO_ADMIN", value_parser = BoolishValueParser::new())]
    no_admin: bool,
}

/// Where the admin API is, and who may use it there.
#[derive(Debug)]
pub(super) struct Admin {
    /// Its own address; `None` is that of the emulated API.
    pub(super) address: Option<SocketAddr>,
    pub(super) access: Access,
}

impl Address {
    /// As it stands in a URL.
    pub(super) fn shown(&self) -> String {
        match &self.listen {
            Some(address) => address.clone(),
            None if self.host.contains(':') && !self.host.starts_with('[') => format!("[{}]:{}", self.host, self.port),
            None => format!("{}:{}", self.host, self.port),
        }
    }
}

impl Listen {
    /// The address. A name is looked up.
    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        let Address { listen, host, port } = &self.address;
        if let Some(address) = listen {
            return looked_up(address, address.as_str());
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        looked_up(&self.address.shown(), (bare, *port))
    }

    /// Whether the admin API has an address of its own.
    pub(super) fn has_admin_apart(&self) -> bool {
        self.admin_listen.is_some()
    }

    /// Where the admin API is. Beyond loopback it has a token, or there is none.
    pub(super) fn admin(&self, address: SocketAddr) -> Result<Admin, Failure> {
        let own = self.admin_listen.as_ref().map(|own| looked_up(own, own.as_str())).transpose()?;
        if self.no_admin && (own.is_some() || self.admin_token.is_some()) {
            return Err(Failure::new(
                USAGE,
                "--no-admin takes the admin API away: leave out --admin-token and --admin-listen",
            ));
        }
        let admin = own.unwrap_or(address);
        let loopback = admin.ip().is_loopback();
        if !loopback && self.admin_token.is_none() && !self.no_admin {
            return Err(Failure::new(
                USAGE,
                format!(
                    "{admin} is beyond loopback, where the admin API needs a token: give --admin-token TOKEN, or --no-admin"
                ),
            ));
        }
        let access = Access {
            enabled: !self.no_admin,
            loopback,
            allowed_hosts: self.allow_host.clone(),
            token: self.admin_token.clone(),
        };
        Ok(Admin { address: own, access })
    }
}

fn looked_up(shown: &str, address: impl ToSocketAddrs) -> Result<SocketAddr, Failure> {
    match address.to_socket_addrs().map(|mut found| found.next()) {
        Ok(Some(address)) => Ok(address),
        Ok(None) => Err(Failure::new(USAGE, format!("{shown} has no address"))),
        Err(error) => Err(Failure::new(
            USAGE,
            format!("{shown} is no address to listen on: {error}; expected HOST:PORT, as in 127.0.0.1:7070"),
        )),
    }
}

/// A token that can be shown in a header.
fn token(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("expected visible ASCII characters without spaces".to_owned())
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
