//! Times as texts of RFC 3339, and back.

use humantime::{format_rfc3339_micros, format_rfc3339_millis, format_rfc3339_seconds, parse_rfc3339};
use std::time::{Duration, SystemTime};

/// The last millisecond of the year 9999: years have four digits.
const LAST_MS: u64 = 253_402_300_799_999;

/// A time that can be written. One before 1970 or after the year 9999 becomes the nearest that can.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnixTime(SystemTime);

impl UnixTime {
    pub(crate) fn from_ms(unix_ms: i64) -> Self {
        let since = Duration::from_millis(u64::try_from(unix_ms).unwrap_or(0).min(LAST_MS));
        Self(SystemTime::UNIX_EPOCH + since)
    }

    /// As in `2026-12-31T00:00:00.000Z`.
    pub(crate) fn with_millis(self) -> String {
        format_rfc3339_millis(self.0).to_string()
    }

    /// As in `2026-12-31T00:00:00.000000Z`.
    pub(crate) fn with_micros(self) -> String {
        format_rfc3339_micros(self.0).to_string()
    }

    /// As in `20261231T000000Z`.
    pub(crate) fn compact(self) -> String {
        format_rfc3339_seconds(self.0).to_string().replace(['-', ':'], "")
    }
}

/// Reads a time, as in `2026-12-31T00:00:00Z` or `2026-12-31T08:00:00+08:00`, into milliseconds since 1970.
pub(crate) fn unix_ms(text: &str) -> Option<i64> {
    if text.ends_with('Z') {
        let since = parse_rfc3339(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        return i64::try_from(since.as_millis()).ok();
    }
    // The library reads UTC only.
    let (local, offset) = text.split_at_checked(text.len().checked_sub("+08:00".len())?)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let [hours, minutes] = [(hours, 23), (minutes, 59)].map(|(digits, most)| {
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?;
        number.filter(|number| *number <= most)
    });
    let ahead = (hours? * 60 + minutes?) * 60_000;
    let local = unix_ms(&format!("{local}Z"))?;
    match offset.as_bytes().first()? {
        b'+' => Some(local - ahead),
        b'-' => Some(local + ahead),
        _ => None,
    }
}

/// Reads a time as in `20261231T000000Z` into seconds since 1970.
pub(crate) fn compact_seconds(text: &str) -> Option<i64> {
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 8..11, 11..13, 13..16].map(|piece| text.get(piece).unwrap_or_default());
    let ms = unix_ms(&format!("{year}-{month}-{day}{hour}:{minute}:{second}"))?;
    (text.len() == 16).then_some(ms / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_back() {
        for unix_ms in [0, 951_782_400_000, 1_798_675_200_123, 253_402_300_799_999] {
            let time = UnixTime::from_ms(unix_ms);
            assert_eq!(super::unix_ms(&time.with_millis()), Some(unix_ms));
            assert_eq!(super::unix_ms(&time.with_micros()), Some(unix_ms));
            assert_eq!(compact_seconds(&time.compact()), Some(unix_ms / 1_000));
        }
        let time = UnixTime::from_ms(1_798_675_200_120);
        assert_eq!(time.with_millis(), "2026-12-31T00:00:00.120Z");
        assert_eq!(time.with_micros(), "2026-12-31T00:00:00.120000Z");
        assert_eq!(time.compact(), "20261231T000000Z");
    }

    #[test]
    fn times_without_a_text_become_the_nearest() {
        assert_eq!(UnixTime::from_ms(i64::MIN).with_millis(), "1970-01-01T00:00:00.000Z");
        assert_eq!(UnixTime::from_ms(i64::MAX).with_millis(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn offsets_are_read() {
        let utc = Some(1_798_675_200_000);
        for text in ["2026-12-31T00:00:00Z", "2026-12-31T08:00:00+08:00", "2026-12-30T18:30:00.000-05:30"] {
            assert_eq!(unix_ms(text), utc, "{text}");
        }
        for text in
            ["", "soon", "2026-12-31", "2026-12-31T00:00:00", "2026-02-30T00:00:00Z", "2026-12-31T00:00:00+24:00"]
        {
            assert_eq!(unix_ms(text), None, "{text}");
        }
        for text in ["2026-12-31T00:00:00+0x:00", "2026-12-31T00:00:00*08:00", "2026-12-31T00:00:00é08:0", "é"] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }

    #[test]
    fn compact_times_have_one_form() {
        for text in
            ["20261231T000000", "20261231 000000Z", "2026-12-31T00:00:00Z", "20261231T000000ZZ", "20261331T000000Z"]
        {
            assert_eq!(compact_seconds(text), None, "{text}");
        }
    }
}
