//! The accepted names of `Host`: others get into no link and no message.

use hyper::http::uri::Authority;
use std::net::IpAddr;
#[cfg(any(feature = "cli", feature = "console"))]
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// Marks a request that came over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls;

/// The names that are accepted at an address.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// Whether the server listens on loopback only. Beyond it, any name may lead here.
    pub(crate) loopback: bool,
    /// Further names by which loopback may be asked.
    pub(crate) allowed: Vec<String>,
}

/// Whether a `Host` is a loopback name or an allowed one. Any other may be pointed at this machine by an attacker.
pub(crate) fn is_loopback_name(host: &str, allowed: &[String]) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    if host.contains('@') {
        return false;
    }
    let name = authority.host();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let lower = name.to_ascii_lowercase();
    lower == "localhost"
        || lower.ends_with(".localhost")
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

/// An address as called from this machine: loopback in place of an unspecified address.
#[cfg(any(feature = "cli", feature = "console"))]
pub(crate) fn callable_address(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Hosts {
    pub(super) fn take(&self, host: &str) -> bool {
        !host.is_empty() && (!self.loopback || is_loopback_name(host, &self.allowed))
    }
}
