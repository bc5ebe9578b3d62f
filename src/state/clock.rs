//! The only reader of time. All times are counted from the start of the server.

use std::time::{Duration, Instant, SystemTime};

/// Runs from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(&self) -> Duration {
        self.0.elapsed()
    }

    /// The date of day, as a `Date` header has it.
    #[expect(clippy::disallowed_methods, clippy::unused_self, reason = "this is the one place that reads time")]
    pub(crate) fn http_date(&self) -> String {
        httpdate::fmt_http_date(SystemTime::now())
    }

    /// Whole milliseconds since the start.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }
}
