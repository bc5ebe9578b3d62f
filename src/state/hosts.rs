//! The accepted names of `Host`: others get into no link and no message.

use hyper::http::uri::Authority;

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
    if let Ok(address) = bare.parse::<std::net::IpAddr>() {
        return address.is_loopback();
    }
    let lower = name.to_ascii_lowercase();
    lower == "localhost"
        || lower.ends_with(".localhost")
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

impl Hosts {
    pub(super) fn take(&self, host: &str) -> bool {
        !host.is_empty() && (!self.loopback || is_loopback_name(host, &self.allowed))
    }
}
