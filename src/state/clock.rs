//! The only reader of time. All times are counted from the start of the server, or its last reset.

use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Runs from its making.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Nanoseconds of the system's clock.
    started: u64,
    /// Milliseconds from the start to the last reset.
    anew_ms: AtomicU64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: monotonic(), anew_ms: AtomicU64::new(0) }
    }

    /// Counts from now on.
    pub(crate) fn begin_anew(&self) {
        self.anew_ms.store(whole_ms(self.now()), Ordering::Relaxed);
    }

    /// From the start of the server, whatever was reset: for the length of something.
    pub(crate) fn now(&self) -> Duration {
        Duration::from_nanos(monotonic().saturating_sub(self.started))
    }

    /// The date of day, as a `Date` header has it.
    #[expect(clippy::disallowed_methods, clippy::unused_self, reason = "this is the one place that reads time")]
    pub(crate) fn http_date(&self) -> String {
        httpdate::fmt_http_date(SystemTime::now())
    }

    /// Whole milliseconds since the start, or the last reset.
    pub(crate) fn now_ms(&self) -> u64 {
        self.ms_at(self.now())
    }

    /// The same for a time that [`Clock::now`] gave.
    pub(crate) fn ms_at(&self, time: Duration) -> u64 {
        whole_ms(time).saturating_sub(self.anew_ms.load(Ordering::Relaxed))
    }
}

/// Nanoseconds that only go up. A number, since two are read for each request: to subtract instants costs more.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
fn monotonic() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let [seconds, nanoseconds] = [time.tv_sec, time.tv_nsec].map(|part| u64::try_from(part).unwrap_or(0));
    seconds * 1_000_000_000 + nanoseconds
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
