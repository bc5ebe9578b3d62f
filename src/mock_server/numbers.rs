//! Numbers and times of typed rules and expectations, as scenario files write them.

use serde_json::{Map, Value, json};
use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeToInclusive};
use std::time::Duration;

/// Call numbers, from 1: `3`, `1..=2`, `1..3`, `5..`, `..=4`, or a text of a scenario file such as `"1-2,7"` or `"*/3"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNumbers(pub(super) String);

impl From<u64> for CallNumbers {
    fn from(call: u64) -> Self {
        Self(call.to_string())
    }
}

impl From<RangeInclusive<u64>> for CallNumbers {
    fn from(calls: RangeInclusive<u64>) -> Self {
        Self(format!("{}-{}", calls.start(), calls.end()))
    }
}

impl From<Range<u64>> for CallNumbers {
    fn from(calls: Range<u64>) -> Self {
        (calls.start..=calls.end.saturating_sub(1)).into()
    }
}

impl From<RangeFrom<u64>> for CallNumbers {
    fn from(calls: RangeFrom<u64>) -> Self {
        Self(format!("{}-", calls.start))
    }
}

impl From<RangeToInclusive<u64>> for CallNumbers {
    fn from(calls: RangeToInclusive<u64>) -> Self {
        (1..=calls.end).into()
    }
}

impl From<&str> for CallNumbers {
    fn from(calls: &str) -> Self {
        Self(calls.to_owned())
    }
}

impl From<String> for CallNumbers {
    fn from(calls: String) -> Self {
        Self(calls)
    }
}

/// The number of calls or messages that is expected: `3`, `1..=2`, `2..` or `..=4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times(pub(super) Value);

impl From<u64> for Times {
    fn from(times: u64) -> Self {
        (times..=times).into()
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(times: RangeInclusive<u64>) -> Self {
        Self(bounds(Some(*times.start()), Some(*times.end())))
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(times: RangeFrom<u64>) -> Self {
        Self(bounds(Some(times.start), None))
    }
}

impl From<RangeToInclusive<u64>> for Times {
    fn from(times: RangeToInclusive<u64>) -> Self {
        Self(bounds(None, Some(times.end)))
    }
}

fn bounds(min: Option<u64>, max: Option<u64>) -> Value {
    let ends = [("min", min), ("max", max)].into_iter();
    ends.filter_map(|(name, end)| Some((name.to_owned(), json!(end?)))).collect::<Map<_, _>>().into()
}

/// Milliseconds, those of part of one rounded up: a pause of 1.5 ms is not over after 1 ms.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A window of time: from the first millisecond up to the second, which is outside; null is open.
pub(super) fn window(time: &impl RangeBounds<Duration>) -> Value {
    json!([moved(time.start_bound(), 0, 1), moved(time.end_bound(), 1, 0)])
}

/// A length of time between two bounds, in milliseconds.
pub(super) fn lengths(time: &impl RangeBounds<Duration>) -> Value {
    bounds(moved(time.start_bound(), 0, 1), moved(time.end_bound(), 0, -1))
}

/// The milliseconds of a bound, moved by the first number if it is included, and by the second if it is not.
fn moved(bound: Bound<&Duration>, included: i64, excluded: i64) -> Option<u64> {
    let (time, by) = match bound {
        Bound::Included(time) => (time, included),
        Bound::Excluded(time) => (time, excluded),
        Bound::Unbounded => return None,
    };
    Some(millis(*time).saturating_add_signed(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_numbers_are_written_as_in_files() {
        let written = |numbers: CallNumbers| numbers.0;
        assert_eq!(
            [written(3.into()), written((1..=2).into()), written((1..3).into()), written((5..).into())],
            ["3", "1-2", "1-2", "5-"]
        );
        assert_eq!([written((..=4).into()), written("*/3".into())], ["1-4", "*/3"]);
    }

    #[test]
    fn bounds_and_windows_are_written_as_in_files() {
        let ms = Duration::from_millis;
        assert_eq!(Times::from(2).0, json!({ "min": 2, "max": 2 }));
        assert_eq!([Times::from(2..).0, Times::from(..=2).0], [json!({ "min": 2 }), json!({ "max": 2 })]);
        assert_eq!(lengths(&(ms(5)..)), json!({ "min": 5 }));
        assert_eq!(lengths(&(ms(5)..ms(9))), json!({ "min": 5, "max": 8 }));
        assert_eq!(window(&(ms(5)..ms(9))), json!([5, 9]));
        assert_eq!(window(&(..=ms(9))), json!([null, 10]));
        assert_eq!(millis(Duration::from_micros(1_500)), 2);
    }
}
