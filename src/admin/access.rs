//! The path of the admin API, and how it is reached.

use std::fmt;

/// The path of the admin API.
pub(super) const ROOT: &str = "/__admin";

/// Whether a path belongs to the admin API.
pub(crate) fn is_admin(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How the admin API is reached.
#[derive(Clone)]
pub(crate) struct Access {
    /// Whether it is served here.
    pub(crate) enabled: bool,
    /// Whether the console is served with it.
    pub(crate) console: bool,
    /// Whether the server listens on loopback only.
    pub(crate) loopback: bool,
    /// Further names for loopback.
    pub(crate) allowed_hosts: Vec<String>,
    /// The admin token. Beyond loopback there is always one.
    pub(crate) token: Option<String>,
}

impl Access {
    /// Open to every program of this machine, on loopback.
    pub(crate) fn on_loopback() -> Self {
        Self {
            enabled: true,
            console: cfg!(feature = "console"),
            loopback: true,
            allowed_hosts: Vec::new(),
            token: None,
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { enabled, console, loopback, allowed_hosts, token } = self;
        let mut shown = out.debug_struct("Access");
        shown
            .field("enabled", enabled)
            .field("console", console)
            .field("loopback", loopback)
            .field("allowed_hosts", allowed_hosts);
        shown.field("has_token", &token.is_some()).finish()
    }
}

/// The part of the admin API that a request is admitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Full,
    /// Only the console's assets, which have no secrets.
    Assets,
    /// Only the status of `health`, without a token.
    StatusOnly,
}
