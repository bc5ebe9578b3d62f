//! Times as RFC 3339 has them, in UTC, from 1970 to 9999.

use humantime::{format_rfc3339_micros, format_rfc3339_millis, format_rfc3339_seconds, parse_rfc3339};
use std::time::{Duration, SystemTime};

/// The last millisecond with a year of four digits.
const LAST_MS: u64 = 253_402_300_799_999;

/// A time with milliseconds, from those since 1970: `2026-12-31T00:00:00.000Z`.
pub(crate) fn with_millis(unix_ms: i64) -> Option<String> {
    Some(format_rfc3339_millis(time_of(unix_ms)?).to_string())
}

/// A time with microseconds, from milliseconds since 1970: `2026-12-31T00:00:00.000000Z`.
pub(crate) fn with_micros(unix_ms: i64) -> Option<String> {
    Some(format_rfc3339_micros(time_of(unix_ms)?).to_string())
}

/// A time in the basic format, from seconds since 1970: `20261231T000000Z`.
pub(crate) fn compact(seconds: i64) -> Option<String> {
    let time = format_rfc3339_seconds(time_of(seconds.checked_mul(1000)?)?).to_string();
    Some(time.replace(['-', ':'], ""))
}

/// Seconds since 1970 of a time in the basic format.
pub(crate) fn read_compact(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let pairs = |text: &str, between: &str| Some([text.get(..2)?, text.get(2..4)?, text.get(4..)?].join(between));
    let day = pairs(date.get(2..)?, "-")?;
    let time = read_rfc3339(&format!("{}{day}T{}Z", date.get(..2)?, pairs(time, ":")?))?;
    (text.len() == 16 && time % 1000 == 0).then_some(time / 1000)
}

/// Milliseconds since 1970 of a time, in UTC or with an offset: `2026-12-31T08:00:00+08:00`.
pub(crate) fn read_rfc3339(text: &str) -> Option<i64> {
    let (time, minutes_ahead) = match text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) {
        Some((time, offset)) if offset.starts_with(['+', '-']) => (format!("{time}Z"), minutes(offset)?),
        _ => (text.to_owned(), 0),
    };
    // The parser reads on after a first `Z`.
    let time = Some(time).filter(|time| time.find('Z') == time.len().checked_sub(1))?;
    let since = parse_rfc3339(&time).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(i64::try_from(since.as_millis()).ok()? - minutes_ahead * 60_000)
}

/// Minutes of an offset from UTC, as in `+08:00`.
fn minutes(offset: &str) -> Option<i64> {
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
    let (hours, minutes) = (digits(hours).filter(|&hours| hours < 24)?, digits(minutes).filter(|&it| it < 60)?);
    let total = hours * 60 + minutes;
    Some(if offset.starts_with('-') { -total } else { total })
}

fn time_of(unix_ms: i64) -> Option<SystemTime> {
    let unix_ms = u64::try_from(unix_ms).ok().filter(|&unix_ms| unix_ms <= LAST_MS)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_millis(unix_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_back() {
        let ms = 1_798_761_599_007;
        assert_eq!(with_millis(ms).as_deref(), Some("2026-12-31T23:59:59.007Z"));
        assert_eq!(with_micros(ms).as_deref(), Some("2026-12-31T23:59:59.007000Z"));
        assert_eq!(compact(ms / 1000).as_deref(), Some("20261231T235959Z"));
        assert_eq!(read_rfc3339("2026-12-31T23:59:59.007Z"), Some(ms));
        assert_eq!(read_compact("20261231T235959Z"), Some(ms / 1000));
        for seconds in [0, 951_782_400, 4_107_542_400, 253_402_300_799] {
            assert_eq!(read_compact(&compact(seconds).unwrap()), Some(seconds));
        }
    }

    #[test]
    fn times_outside_of_four_digit_years_have_no_text() {
        let last = i64::try_from(LAST_MS).unwrap();
        assert_eq!(
            [with_millis(-1), with_millis(last + 1), with_micros(i64::MAX), compact(i64::MIN)],
            [const { None }; 4]
        );
        assert_eq!(with_millis(last).as_deref(), Some("9999-12-31T23:59:59.999Z"));
    }

    #[test]
    fn offsets_are_subtracted() {
        let utc = read_rfc3339("2026-12-31T00:00:00Z").unwrap();
        assert_eq!(read_rfc3339("2026-12-31T08:00:00+08:00"), Some(utc));
        assert_eq!(read_rfc3339("2026-12-30T20:30:00.000-03:30"), Some(utc));
        assert_eq!(read_rfc3339("1970-01-01T00:00:00+08:00"), Some(-8 * 3_600_000));
    }

    #[test]
    fn other_texts_are_not_times() {
        for text in
            ["", "soon", "0", "2026-12-31", "2026-02-29T00:00:00Z", "2026-12-31T00:00:00", "2026-12-31T00:00:00+0x:00"]
                .into_iter()
                .chain(["2026-12-31T00:00:00+24:00", "2026-12-31T00:00:00Z+08:00", "2026-12-31T00:00:00é8:00", "é"])
        {
            assert_eq!(read_rfc3339(text), None, "{text}");
        }
        for text in
            ["", "20261231T235959", "20261331T235959Z", "2026123T1235959Z", "20261231T235959.5Z", "2é61231T235959Z"]
        {
            assert_eq!(read_compact(text), None, "{text}");
        }
    }
}
