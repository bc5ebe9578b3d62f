//! The only reader of time.
//!
//! Real time runs from the start of the server: deadlines and lengths are counted by it. Virtual time starts at 0 with
//! the server, or where it waits for that with the first connection, and again with each reset; it runs with real time
//! unless it is stopped, and can be moved forward. Times of scenarios are virtual.

use super::date::{Dates, Second};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// Runs from its making.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Nanoseconds of the system's clock.
    started: u64,
    mode: ClockMode,
    /// Whether virtual time runs with real time now. Until it begins it stands still at 0.
    runs: AtomicBool,
    /// Nanoseconds of virtual time less those of real time, modulo 2⁶⁴; where it is stopped, of virtual time.
    origin: AtomicU64,
    /// When virtual time was at 0 last, in milliseconds since 1970.
    began: AtomicI64,
    /// Held while virtual time is moved.
    mover: Mutex<()>,
    /// Signals jumps of virtual time.
    jumped: Notify,
    dates: Dates,
}

named_enum! {
    /// Whether virtual time runs with real time.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ClockMode {
        /// It does. The default.
        #[default]
        Running = "running",
        /// It stands still but for being moved.
        Manual = "manual",
    }
}

/// The error of setting virtual time back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InThePast {
    pub(crate) now_ms: u64,
}

impl Clock {
    /// Begins virtual time at once, or where it `waits` with [`Clock::begin`].
    pub(crate) fn start(mode: ClockMode, waits: bool) -> Self {
        Self {
            started: monotonic(),
            mode,
            runs: AtomicBool::new(mode == ClockMode::Running && !waits),
            origin: AtomicU64::new(0),
            began: AtomicI64::new(unix_ms()),
            mover: Mutex::new(()),
            jumped: Notify::new(),
            dates: Dates::default(),
        }
    }

    pub(crate) fn mode(&self) -> ClockMode {
        self.mode
    }

    /// Whether virtual time has begun: a running clock may wait for that.
    pub(crate) fn has_begun(&self) -> bool {
        self.mode == ClockMode::Manual || self.runs.load(Ordering::Relaxed)
    }

    /// Begins virtual time, unless it has.
    #[cold]
    pub(crate) fn begin(&self) {
        let _mover = self.mover.lock();
        if self.has_begun() {
            return;
        }
        self.began.store(unix_ms(), Ordering::Relaxed);
        let origin = self.origin.load(Ordering::Relaxed).wrapping_sub(nanos(self.now()));
        self.origin.store(origin, Ordering::Relaxed);
        self.runs.store(true, Ordering::Release);
        self.rouse();
    }

    /// Real time from the start of the server, whatever was reset.
    pub(crate) fn now(&self) -> Duration {
        Duration::from_nanos(monotonic().saturating_sub(self.started))
    }

    /// The second of the day for a `Date` header, at a time that [`Clock::now`] gave.
    #[inline]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    pub(crate) fn date(&self, now: Duration) -> Second {
        self.dates.at(now, SystemTime::now)
    }

    /// Whether the system's clock says a time that has a date.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    pub(crate) fn has_date() -> bool {
        Second::has(SystemTime::now())
    }

    /// The time by the system's clock.
    #[cfg(feature = "tls")]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    pub(crate) fn system_time() -> SystemTime {
        SystemTime::now()
    }

    /// Milliseconds since 1970, by the system's clock.
    #[expect(clippy::unused_self, reason = "whoever reads time has a clock")]
    pub(crate) fn unix_ms(&self) -> i64 {
        unix_ms()
    }

    /// Milliseconds since 1970 when virtual time began, plus virtual time: moving virtual time lets tokens expire.
    pub(crate) fn moved_unix_ms(&self) -> i64 {
        let passed = i64::try_from(self.now_ms()).unwrap_or(i64::MAX);
        self.began.load(Ordering::Relaxed).saturating_add(passed)
    }

    /// Whole milliseconds of virtual time.
    pub(crate) fn now_ms(&self) -> u64 {
        self.ms_at(self.now())
    }

    /// Whole milliseconds of virtual time at a time from [`Clock::now`].
    pub(crate) fn ms_at(&self, real: Duration) -> u64 {
        whole_ms(self.virtual_at(real))
    }

    /// Virtual time now.
    pub(crate) fn virtual_now(&self) -> Duration {
        self.virtual_at(self.now())
    }

    fn virtual_at(&self, real: Duration) -> Duration {
        if self.runs.load(Ordering::Acquire) || self.mode == ClockMode::Manual {
            return self.read(real);
        }
        // The clock may begin at this moment.
        let _mover = self.mover.lock();
        self.read(real)
    }

    /// Virtual time at a real time. While a running clock waits to begin, the lock must be held.
    fn read(&self, real: Duration) -> Duration {
        let origin = self.origin.load(Ordering::Relaxed);
        let runs = self.runs.load(Ordering::Relaxed);
        Duration::from_nanos(if runs { nanos(real).wrapping_add(origin) } else { origin })
    }

    fn set(&self, real: Duration, virtual_time: Duration) {
        let runs = self.runs.load(Ordering::Relaxed);
        let origin = if runs { nanos(virtual_time).wrapping_sub(nanos(real)) } else { nanos(virtual_time) };
        self.origin.store(origin, Ordering::Relaxed);
        self.rouse();
    }

    /// Virtual time starts again at 0.
    pub(crate) fn restart(&self) {
        let _mover = self.mover.lock();
        self.began.store(unix_ms(), Ordering::Relaxed);
        self.set(self.now(), Duration::ZERO);
    }

    /// Moves virtual time forward to where `to` finds it, given where it is. Gives where it is then.
    pub(crate) fn advance(&self, to: impl FnOnce(Duration) -> Duration) -> Result<u64, InThePast> {
        let _mover = self.mover.lock();
        let real = self.now();
        let now = self.read(real);
        let then = to(now);
        if whole_ms(then) < whole_ms(now) {
            return Err(InThePast { now_ms: whole_ms(now) });
        }
        let then = then.max(now);
        self.set(real, then);
        Ok(whole_ms(then))
    }

    /// Waits until virtual time has come to `deadline`.
    pub(crate) async fn reach(&self, deadline: Duration) {
        let reached = |now| if now >= deadline { Ok(()) } else { Err(Some(deadline)) };
        self.wait_until(reached, tokio::time::sleep).await;
    }

    /// Waits until `is_so` gives a value at a virtual time; otherwise it gives the time of the next look at the latest. `sleep`
    /// waits in real time.
    pub(crate) async fn wait_until<T, S: Future<Output = ()>>(
        &self,
        is_so: impl Fn(Duration) -> Result<T, Option<Duration>>,
        sleep: impl Fn(Duration) -> S,
    ) -> T {
        loop {
            // Made before the look, so that no jump between the two is missed.
            let jumped = self.jumped.notified();
            let now = self.virtual_now();
            let left = match is_so(now) {
                Ok(so) => return so,
                Err(next) => next.map(|next| next.saturating_sub(now)),
            };
            match left {
                Some(left) if self.runs.load(Ordering::Relaxed) => tokio::select! {
                    () = sleep(left) => {}
                    () = jumped => {}
                },
                _ => jumped.await,
            }
        }
    }

    /// Makes all waiters look again, since their deadlines may have changed.
    pub(crate) fn rouse(&self) {
        self.jumped.notify_waiters();
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Nanoseconds that only go up. A number, since two are read for each request: to subtract instants costs more.
#[cfg(feature = "cli")]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
fn monotonic() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let [seconds, nanoseconds] = [time.tv_sec, time.tv_nsec].map(|part| u64::try_from(part).unwrap_or(0));
    seconds * 1_000_000_000 + nanoseconds
}

/// The same from the first call on, without rustix: a test that embeds the server would compile it for this alone.
#[cfg(not(feature = "cli"))]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
fn monotonic() -> u64 {
    static FIRST: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    nanos(std::time::Instant::now().saturating_duration_since(*FIRST))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn manual_clock_moves_only_forward_on_request() {
        let clock = Clock::start(ClockMode::Manual, false);
        assert_eq!(clock.now_ms(), 0);
        assert_eq!(clock.advance(|now| now + SECOND), Ok(1_000));
        assert_eq!(clock.advance(|_| SECOND * 3), Ok(3_000));
        assert_eq!(clock.advance(|_| SECOND), Err(InThePast { now_ms: 3_000 }));
        assert_eq!(clock.now_ms(), 3_000);
        clock.restart();
        assert_eq!(clock.now_ms(), 0);
    }

    #[test]
    fn running_clock_goes_on_after_a_move() {
        let clock = Clock::start(ClockMode::Running, false);
        clock.advance(|now| now + SECOND * 100).unwrap();
        let now = clock.now();
        assert!(clock.ms_at(now) >= 100_000);
        assert_eq!(clock.ms_at(now + SECOND) - clock.ms_at(now), 1_000);
    }

    #[test]
    fn waiting_clock_stays_at_0_until_it_begins() {
        let clock = Clock::start(ClockMode::Running, true);
        let later = clock.now() + SECOND * 100;
        assert_eq!((clock.has_begun(), clock.ms_at(later)), (false, 0));
        clock.begin();
        let begun = clock.now();
        assert!(clock.has_begun() && clock.ms_at(begun) <= clock.ms_at(begun + SECOND) - 1_000);
        assert!(clock.ms_at(later) <= 100_000, "it counts from where it began");
        clock.advance(|now| now + SECOND * 1_000).unwrap();
        clock.begin();
        assert!(clock.now_ms() >= 1_000_000, "it begins once");
        assert!(Clock::start(ClockMode::Manual, true).has_begun(), "who moves time by hand does not wait for it");
    }

    #[tokio::test]
    async fn wait_ends_when_the_clock_passes_it() {
        let clock = Clock::start(ClockMode::Manual, false);
        let mut wait = std::pin::pin!(clock.reach(SECOND * 2));
        assert!(waits(wait.as_mut()));
        clock.advance(|now| now + SECOND).unwrap();
        assert!(waits(wait.as_mut()));
        clock.advance(|now| now + SECOND).unwrap();
        wait.await;
    }

    /// Whether a future waits.
    fn waits(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        future.poll(&mut context).is_pending()
    }
}
