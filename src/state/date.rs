//! `Date`: hyper writes it, from a time that it remembers for a second. It goes on with that when the system's clock was
//! set back, for as long as the clock is behind; then the server sets the header itself.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The last second that has a date: HTTP's years have four digits.
const LAST_SECOND: u64 = 253_402_300_799;
/// For how long hyper goes on with a time that it has read, and then some.
const REMEMBERED_MS: i64 = 2_000;

/// Whether the system's clock is behind what it was.
#[derive(Debug)]
pub(super) struct Dates {
    /// The quarter of a second, by real time, in which it was looked at last.
    looked: AtomicU64,
    /// The latest time that it had, in milliseconds since 1970.
    latest_ms: AtomicI64,
    is_behind: AtomicBool,
}

impl Default for Dates {
    fn default() -> Self {
        Self {
            looked: AtomicU64::new(u64::MAX),
            latest_ms: AtomicI64::new(i64::MIN),
            is_behind: AtomicBool::new(false),
        }
    }
}

impl Dates {
    /// Whether hyper may remember a time that is yet to come. `now` is real time; the system's clock is read four times a
    /// second at most.
    #[inline]
    pub(super) fn are_behind(&self, now: Duration, unix_ms: impl FnOnce() -> i64) -> bool {
        let quarter = now.as_secs() << 2 | u64::from(now.subsec_nanos() / 250_000_000);
        if self.looked.load(Ordering::Relaxed) != quarter {
            self.look(quarter, unix_ms());
        }
        self.is_behind.load(Ordering::Relaxed)
    }

    #[cold]
    fn look(&self, quarter: u64, unix_ms: i64) {
        self.looked.store(quarter, Ordering::Relaxed);
        let latest = self.latest_ms.load(Ordering::Relaxed);
        let was_behind = self.is_behind.load(Ordering::Relaxed);
        let margin = if was_behind { REMEMBERED_MS } else { 0 };
        let is_behind = unix_ms < latest.saturating_add(margin);
        if !is_behind {
            self.latest_ms.store(unix_ms, Ordering::Relaxed);
        }
        self.is_behind.store(is_behind, Ordering::Relaxed);
    }
}

/// A time as `Date` has it. One before 1970 or after the year 9999 becomes the nearest that has a date.
pub(super) fn shown(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().min(LAST_SECOND);
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_date_become_the_nearest_that_has_one() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(shown(at(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(shown(SystemTime::UNIX_EPOCH - Duration::from_secs(5)), "Thu, 01 Jan 1970 00:00:00 GMT");
        for late in [LAST_SECOND, LAST_SECOND + 1, 1 << 50] {
            assert_eq!(shown(at(late)), "Fri, 31 Dec 9999 23:59:59 GMT");
        }
    }

    #[test]
    fn a_clock_set_back_is_behind_until_hyper_has_caught_up() {
        let dates = Dates::default();
        let at = |ms: u64, unix_ms: i64| dates.are_behind(Duration::from_millis(ms), || unix_ms);
        assert_eq!([at(0, 1_000_000), at(300, 1_000_300)], [false; 2]);
        // An hour back.
        assert_eq!([at(600, 997_000), at(900, 997_300), at(1_200, 1_000_000)], [true; 3]);
        assert_eq!([at(1_500, 1_002_299), at(1_800, 1_002_300), at(2_100, 1_002_600)], [true, false, false]);
        // Forward is what hyper does by itself.
        assert!(!at(2_400, 9_000_000));
        assert!(at(2_700, 8_999_999));
    }

    #[test]
    fn the_clock_is_read_once_in_a_quarter_of_a_second() {
        let (dates, read) = (Dates::default(), std::cell::Cell::new(0));
        for ms in 0..1_000 {
            dates.are_behind(Duration::from_millis(ms), || {
                read.set(read.get() + 1);
                i64::try_from(ms).unwrap()
            });
        }
        assert_eq!(read.get(), 4);
    }
}
