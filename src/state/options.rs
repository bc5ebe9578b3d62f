//! Choices that a server is started with, whatever its setup.

use super::ClockMode;

/// Choices about time and answers, independent of the setup.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) clock: ClockMode,
    /// Whether virtual time begins with the first connection, and not with the server.
    pub(crate) time_waits: bool,
    /// Whether delays are recorded and not waited for.
    pub(crate) instant_delays: bool,
    pub(crate) beside: Beside,
    /// Whether clients may speak HTTP/2 without TLS.
    #[cfg(feature = "http2")]
    pub(crate) h2c: bool,
}

/// The parts that are served beside the emulated API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Beside {
    Nothing,
    /// The admin API, without its page.
    #[cfg_attr(not(feature = "console"), default)]
    Admin,
    /// The admin API and its page.
    #[cfg_attr(feature = "console", default)]
    Console,
}

impl Beside {
    pub(crate) fn of(admin: bool, console: bool) -> Self {
        match (admin, console) {
            (false, _) => Self::Nothing,
            (true, false) => Self::Admin,
            (true, true) => Self::Console,
        }
    }
}
