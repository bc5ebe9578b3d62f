//! `Date`, written by the server itself: hyper goes on with an old one for as long as the system's clock is behind it, and panics
//! at a time that has none.

use httpdate::HttpDate;
use std::cell::Cell;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The last second that has a date: HTTP's years have four digits.
const LAST_SECOND: u64 = 253_402_300_799;
/// Nanoseconds for which a time of the system's clock is believed: so soon a clock that was set back is noticed.
const BELIEVED: u32 = 250_000_000;

/// A line of a head: name, date, and the end of the line.
pub(crate) type DateLine = [u8; 37];

/// A second that has a date, counted from 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Second(u64);

/// The second that it is by the system's clock.
#[derive(Debug, Default)]
pub(super) struct Dates {
    second: AtomicU64,
    /// The real time from which on the clock is read again.
    until: AtomicU64,
}

impl Dates {
    /// The second at a real time. The system's clock is read when its second ends, and four times a second at least.
    #[inline]
    pub(super) fn at(&self, now: Duration, system: impl FnOnce() -> SystemTime) -> Second {
        if in_order(now) >= self.until.load(Ordering::Acquire) {
            self.look(now, system());
        }
        Second(self.second.load(Ordering::Relaxed))
    }

    #[cold]
    fn look(&self, now: Duration, system: SystemTime) {
        let Second(second) = Second::of(system);
        let passed = system.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let left = Duration::from_nanos(u64::from(BELIEVED.min(1_000_000_000 - passed)));
        self.second.store(second, Ordering::Relaxed);
        self.until.store(in_order(now + left), Ordering::Release);
    }
}

/// A number that grows with the time, and costs no multiplication.
fn in_order(time: Duration) -> u64 {
    time.as_secs() << 30 | u64::from(time.subsec_nanos())
}

impl Second {
    /// The second of a time. One before 1970 or after the year 9999 becomes the nearest that has a date.
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs().min(LAST_SECOND))
    }

    /// Whether a time has a date.
    pub(super) fn has(time: SystemTime) -> bool {
        time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() <= LAST_SECOND)
    }

    /// The header field. A thread writes it once in a second.
    #[inline]
    pub(crate) fn line(self) -> DateLine {
        WRITTEN.with(|written| {
            let (second, line) = written.get();
            if second == self {
                return line;
            }
            let line = self.write();
            written.set((self, line));
            line
        })
    }

    #[cold]
    fn write(self) -> DateLine {
        let mut line = *b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.0);
        // It has this length, whatever the date.
        let _ = write!(line.as_mut_slice(), "Date: {}\r\n", HttpDate::from(time));
        line
    }
}

thread_local! {
    /// The second that was written last, and its line.
    static WRITTEN: Cell<(Second, DateLine)> =
        const { Cell::new((Second(0), *b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n")) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn shown(time: SystemTime) -> String {
        String::from_utf8(Second::of(time).line().to_vec()).unwrap()
    }

    #[test]
    fn time_without_a_date_becomes_the_nearest_date() {
        assert_eq!(shown(at(784_111_777)), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        for (early, has_date) in [(SystemTime::UNIX_EPOCH, true), (at(0) - Duration::from_nanos(1), false)] {
            assert_eq!(shown(early), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
            assert_eq!(Second::has(early), has_date);
        }
        assert_eq!(shown(at(0) - Duration::from_secs(1 << 40)), shown(at(0)));
        for late in [LAST_SECOND, LAST_SECOND + 1, 1 << 50] {
            assert_eq!(Second::has(at(late)), late == LAST_SECOND);
            assert_eq!(shown(at(late)), "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n");
        }
    }

    #[test]
    fn seconds_are_written_like_httpdate() {
        for second in (0..LAST_SECOND).step_by(999_999_937) {
            assert_eq!(shown(at(second)), format!("Date: {}\r\n", httpdate::fmt_http_date(at(second))));
        }
    }

    #[test]
    fn date_follows_a_set_clock_within_a_quarter_second() {
        let dates = Dates::default();
        let at = |ms: u64, unix_ms: u64| {
            let system = SystemTime::UNIX_EPOCH + Duration::from_millis(unix_ms);
            dates.at(Duration::from_millis(ms), || system).0
        };
        assert_eq!(at(0, 5_000_100), 5_000);
        assert_eq!(at(249, 1_000_349), 5_000, "the clock is not read for each answer");
        // Back an hour, and another; then forward.
        assert_eq!(at(250, 1_400_350), 1_400);
        assert_eq!([at(500, 600), at(750, 850), at(900, 1_000)], [0, 0, 1]);
        assert_eq!(at(1_150, 9_000_000), 9_000);
    }

    #[test]
    fn second_ends_with_the_systems_second() {
        let dates = Dates::default();
        let start = SystemTime::UNIX_EPOCH + Duration::from_millis(7_900);
        for ms in 0..5_000 {
            let now = Duration::from_millis(ms);
            assert_eq!(dates.at(now, || start + now).0, (7_900 + ms) / 1_000);
        }
    }

    #[test]
    fn clock_is_read_four_times_a_second() {
        let (dates, read) = (Dates::default(), Cell::new(0));
        for ms in 0..1_000 {
            dates.at(Duration::from_millis(ms), || {
                read.set(read.get() + 1);
                SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
            });
        }
        assert_eq!(read.get(), 4);
        // Before 1970 too.
        read.set(0);
        for ms in 1_000..2_000 {
            dates.at(Duration::from_millis(ms), || {
                read.set(read.get() + 1);
                SystemTime::UNIX_EPOCH - Duration::from_millis(ms)
            });
        }
        assert_eq!(read.get(), 4);
    }
}
