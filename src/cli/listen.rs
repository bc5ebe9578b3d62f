//! The flags for addresses, and access to the admin API.

use super::exit::{CANNOT_LISTEN, Failure};
use super::groups::{ADMIN, LISTENING};
use super::numbers::whole;
use crate::admin::Access;
use crate::server;
use crate::state::callable_address;
use clap::Args;
use clap::builder::BoolishValueParser;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// An address to listen on.
#[derive(Debug, Args)]
pub(super) struct Address {
    /// Address to listen on, in place of --host and --port
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_LISTEN", conflicts_with_all = ["host", "port"],
          help_heading = LISTENING, hide_short_help = true)]
    listen: Option<String>,

    /// Host to listen on
    ///
    /// A name such as localhost stands for all its addresses.
    #[arg(long, value_name = "HOST", env = "WKSMOCK_HOST", default_value = "127.0.0.1", help_heading = LISTENING)]
    host: String,

    /// Port to listen on; 0 picks one
    ///
    /// The ready line shows it.
    #[arg(long, value_name = "PORT", env = "WKSMOCK_PORT", default_value_t = 7070, help_heading = LISTENING,
          value_parser = whole(0..=u16::MAX))]
    port: u16,
}

/// The usual port of HTTPS.
const HTTPS_PORT: u16 = 7443;

/// Where to listen.
#[derive(Debug, Args)]
pub(super) struct Listen {
    #[command(flatten)]
    address: Address,

    /// Serving threads, each with its own runtime and socket
    #[arg(long, value_name = "N", env = "WKSMOCK_THREADS", default_value_t = 1, help_heading = LISTENING,
          hide_short_help = true, value_parser = whole::<u8>(1..=64))]
    pub(super) threads: u8,

    /// Separate address for the admin API, which is then not served on the main address
    #[arg(long, value_name = "HOST:PORT", env = "WKSMOCK_ADMIN_LISTEN", help_heading = ADMIN, hide_short_help = true)]
    admin_listen: Option<String>,

    /// Token that the admin API requires
    ///
    /// Clients send it as Authorization: Bearer TOKEN. Beyond loopback the server starts with this or with --no-admin only.
    /// The value generate makes a random token at each start, and prints it to stdout in the line after the ready lines.
    #[arg(long, value_name = "TOKEN", env = "WKSMOCK_ADMIN_TOKEN", hide_env_values = true, value_parser = token,
          help_heading = ADMIN)]
    admin_token: Option<AdminToken>,

    /// Further host name under which the admin API answers on loopback, such as a container's; repeatable
    #[arg(long, value_name = "NAME", env = "WKSMOCK_ALLOW_HOST", help_heading = ADMIN, hide_short_help = true)]
    allow_host: Vec<String>,

    /// Disable the admin API
    #[arg(long, env = "WKSMOCK_NO_ADMIN", value_parser = BoolishValueParser::new(), help_heading = ADMIN,
          hide_short_help = true)]
    no_admin: bool,

    /// Disable the console, the web page of the admin API
    #[arg(long, env = "WKSMOCK_NO_CONSOLE", value_parser = BoolishValueParser::new(), help_heading = ADMIN,
          hide_short_help = true)]
    no_console: bool,
}

/// The value of `--admin-token`.
#[derive(Clone, Debug)]
enum AdminToken {
    Given(String),
    /// A random one is made at each start.
    Generate,
}

/// Addresses of the admin API, and access to it.
#[derive(Debug)]
pub(super) struct AdminListen {
    /// Separate addresses; `None` for those of the emulated API.
    pub(super) addresses: Option<Vec<SocketAddr>>,
    pub(super) access: Access,
    /// The token, if it was generated.
    pub(super) generated: Option<String>,
}

impl Address {
    /// The server's address as called from this machine.
    pub(super) fn reachable(&self) -> String {
        callable(self.shown())
    }

    fn shown(&self) -> String {
        match &self.listen {
            Some(address) => address.clone(),
            None if self.host.contains(':') && !self.host.starts_with('[') => format!("[{}]:{}", self.host, self.port),
            None => format!("{}:{}", self.host, self.port),
        }
    }

    /// The host as given, without brackets.
    fn host(&self) -> String {
        let shown = self.shown();
        let host = shown.rsplit_once(':').map_or(shown.as_str(), |(host, _)| host);
        host.trim_matches(['[', ']']).to_owned()
    }

    /// HOST:PORT of HTTPS: `given`, else this host with a port of its own.
    fn https(&self, given: Option<&str>) -> String {
        let shown = self.shown();
        match (given, shown.rsplit_once(':')) {
            (Some(given), _) => given.to_owned(),
            // With a free port for the API, this one is free too.
            (None, Some((host, "0"))) => format!("{host}:0"),
            (None, Some((host, _))) => format!("{host}:{HTTPS_PORT}"),
            (None, None) => format!("{shown}:{HTTPS_PORT}"),
        }
    }

    /// The address of HTTPS as called from this machine.
    pub(super) fn https_reachable(&self, given: Option<&str>) -> String {
        callable(self.https(given))
    }

    /// The addresses; a name is looked up, and may have several.
    pub(super) fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let Self { listen, host, port } = self;
        if let Some(address) = listen {
            return looked_up(address, address.as_str());
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        looked_up(&self.shown(), (bare, *port))
    }
}

/// HOST:PORT as called from this machine.
pub(super) fn callable(address: String) -> String {
    address.parse().map_or(address, |address| callable_address(address).to_string())
}

impl Listen {
    pub(super) fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        self.address.addresses()
    }

    /// The addresses of HTTPS: `given`, else those of the API with a port of their own.
    pub(super) fn https_addresses(&self, given: Option<&str>) -> Result<Vec<SocketAddr>, Failure> {
        let shown = self.address.https(given);
        looked_up(&shown, shown.as_str())
    }

    /// The names by which the server may be called.
    pub(super) fn names(&self) -> Vec<String> {
        std::iter::once(self.address.host()).chain(self.allow_host.iter().cloned()).collect()
    }

    pub(super) fn has_admin(&self) -> bool {
        !self.no_admin
    }

    pub(super) fn has_console(&self) -> bool {
        !self.no_admin && !self.no_console
    }

    /// Whether the admin API has a separate address.
    pub(super) fn has_separate_admin(&self) -> bool {
        self.admin_listen.is_some()
    }

    /// The admin API's addresses and access; beyond loopback a token is required.
    pub(super) fn admin(&self, addresses: &[SocketAddr]) -> Result<AdminListen, Failure> {
        let own = self.admin_listen.as_ref().map(|own| looked_up(own, own.as_str())).transpose()?;
        let is_given = matches!(self.admin_token, Some(AdminToken::Given(_)));
        if self.no_admin && (own.is_some() || is_given) {
            return Err(Failure::usage(
                "--no-admin disables the admin API: leave out --admin-token and --admin-listen",
            ));
        }
        let beyond = own.as_deref().unwrap_or(addresses).iter().find(|address| !address.ip().is_loopback());
        if let Some(beyond) = beyond.filter(|_| self.admin_token.is_none() && !self.no_admin) {
            return Err(Failure::usage(format!(
                "{beyond} is beyond loopback, where the admin API needs a token: add --admin-token TOKEN, --admin-token generate \
                 or --no-admin"
            )));
        }
        let generated = match self.admin_token {
            Some(AdminToken::Generate) if !self.no_admin => Some(generated_token()?),
            _ => None,
        };
        let token = match &self.admin_token {
            Some(AdminToken::Given(token)) => Some(token.clone()),
            _ => generated.clone(),
        };
        let access = Access {
            enabled: self.has_admin(),
            console: self.has_console(),
            loopback: beyond.is_none(),
            allowed_hosts: self.allow_host.clone(),
            token,
        };
        Ok(AdminListen { addresses: own, access, generated })
    }
}

/// Maximum number of attempts to find a port that is free on every address.
const TRIES_MAX: usize = 16;

/// How to choose another port of the API.
pub(super) const OTHER_PORT: &str = "choose another with --port, or 0 for a free one";

/// Listens on all addresses, with the same port if it is free to choose. Returns the sockets of each thread. `remedy` says how
/// to choose another port.
pub(super) fn bind_all(
    addresses: &[SocketAddr],
    threads: usize,
    remedy: &str,
) -> Result<Vec<Vec<TcpListener>>, Failure> {
    let is_free = addresses.first().is_some_and(|first| first.port() == 0);
    let mut tries = 1;
    loop {
        match bind_once(addresses, threads) {
            Err((_, error)) if is_free && error.kind() == io::ErrorKind::AddrInUse && tries < TRIES_MAX => tries += 1,
            bound => return bound.map_err(|(address, error)| cannot_listen(address, &error, remedy)),
        }
    }
}

fn bind_once(addresses: &[SocketAddr], threads: usize) -> Result<Vec<Vec<TcpListener>>, (SocketAddr, io::Error)> {
    let mut by_thread: Vec<Vec<TcpListener>> = (0..threads).map(|_| Vec::new()).collect();
    let mut port = 0;
    let mut failed = None;
    for address in addresses {
        let mut address = *address;
        if address.port() == 0 {
            address.set_port(port);
        }
        match server::bind(address, threads) {
            Ok(sockets) => {
                port = sockets.first().and_then(|first| first.local_addr().ok()).map_or(0, |address| address.port());
                by_thread.iter_mut().zip(sockets).for_each(|(thread, socket)| thread.push(socket));
            }
            // The machine lacks this address, as without IPv6, but may have the others.
            Err(error) if is_absent(&error) => failed = Some((address, error)),
            Err(error) => return Err((address, error)),
        }
    }
    match failed {
        Some(failed) if by_thread.iter().all(Vec::is_empty) => Err(failed),
        _ => Ok(by_thread),
    }
}

fn is_absent(error: &io::Error) -> bool {
    let absent = [rustix::io::Errno::ADDRNOTAVAIL, rustix::io::Errno::AFNOSUPPORT];
    absent.iter().any(|absent| error.raw_os_error() == Some(absent.raw_os_error()))
}

/// The distinct addresses of a name.
pub(super) fn looked_up(shown: &str, address: impl ToSocketAddrs) -> Result<Vec<SocketAddr>, Failure> {
    let found = address.to_socket_addrs().map(|found| {
        let mut addresses = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    });
    match found {
        Ok(addresses) if addresses.is_empty() => Err(Failure::usage(format!("{shown} has no address"))),
        Ok(addresses) => Ok(addresses),
        Err(error) => {
            Err(Failure::usage(format!("cannot listen on {shown}: {error}; expected HOST:PORT, as in 127.0.0.1:7070")))
        }
    }
}

/// Checks that a token can be sent in a header.
fn token(text: &str) -> Result<AdminToken, String> {
    if text == "generate" {
        Ok(AdminToken::Generate)
    } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(AdminToken::Given(text.to_owned()))
    } else {
        Err("expected visible ASCII characters without spaces".to_owned())
    }
}

/// A random token, in hexadecimal digits.
fn generated_token() -> Result<String, Failure> {
    let mut random = [0; size_of::<u128>()];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::internal(format!("cannot generate an admin token: {error}; give one with --admin-token TOKEN"))
    })?;
    Ok(format!("{:032x}", u128::from_ne_bytes(random)))
}

/// The error for an address that cannot be bound.
fn cannot_listen(address: SocketAddr, error: &io::Error, remedy: &str) -> Failure {
    if error.kind() == io::ErrorKind::AddrInUse {
        let (port, host) = (address.port(), address.ip());
        return Failure::new(CANNOT_LISTEN, format!("port {port} of {host} is in use; {remedy}"));
    }
    Failure::new(CANNOT_LISTEN, format!("cannot listen on {address}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(all: &[&str]) -> Vec<SocketAddr> {
        all.iter().map(|one| one.parse().unwrap()).collect()
    }

    #[test]
    fn free_port_is_the_same_on_every_address() {
        let sockets = bind_all(&addresses(&["127.0.0.1:0", "127.0.0.2:0", "127.0.0.3:0"]), 2, OTHER_PORT).ok().unwrap();
        assert_eq!(sockets.len(), 2);
        let first = sockets[0][0].local_addr().unwrap();
        for thread in &sockets {
            let bound: Vec<_> = thread.iter().map(|socket| socket.local_addr().unwrap()).collect();
            let ips =
                ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|ip| SocketAddr::new(ip.parse().unwrap(), first.port()));
            assert_eq!(bound, ips);
        }
        assert!(bind_all(&[first], 1, OTHER_PORT).is_err(), "it is in use");
    }

    #[test]
    fn absent_address_is_skipped_beside_another() {
        let sockets = bind_all(&addresses(&["192.0.2.1:0", "127.0.0.1:0"]), 1, OTHER_PORT).ok().unwrap();
        assert_eq!(sockets[0].len(), 1);
        assert!(bind_all(&addresses(&["192.0.2.1:0"]), 1, OTHER_PORT).is_err());
    }

    #[test]
    fn unspecified_address_is_called_on_loopback() {
        for (address, called) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:2", "[::1]:2"),
            ("127.0.0.9:3", "127.0.0.9:3"),
            ("[fe80::1]:4", "[fe80::1]:4"),
        ] {
            assert_eq!(callable_address(address.parse().unwrap()), called.parse().unwrap());
        }
    }
}
