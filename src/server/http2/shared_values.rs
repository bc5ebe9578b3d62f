//! Values of fields that the requests and answers of a connection share for as long as they stay the same.

use crate::state::Second;
use hyper::header::HeaderValue;
use hyper::http::uri::Authority;
use parking_lot::Mutex;

/// The place of the value in a line with a date.
const DATE_AT: std::ops::Range<usize> = 6..35;

#[derive(Debug, Default)]
pub(super) struct SharedValues {
    date: Last<Second>,
    length: Last<u64>,
    host: Last<Authority>,
}

/// The last value of a field, and what it was made from.
#[derive(Debug)]
struct Last<K>(Mutex<Option<(K, HeaderValue)>>);

impl<K> Default for Last<K> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<K> Last<K> {
    fn get(
        &self,
        fits: impl FnOnce(&K) -> bool,
        make: impl FnOnce() -> Option<(K, HeaderValue)>,
    ) -> Option<HeaderValue> {
        let mut last = self.0.lock();
        if last.as_ref().is_none_or(|(made_from, _)| !fits(made_from)) {
            *last = make();
        }
        last.as_ref().map(|(_, value)| value.clone())
    }
}

impl SharedValues {
    /// Whether no answer had a date yet.
    pub(super) fn is_first(&self) -> bool {
        self.date.0.lock().is_none()
    }

    pub(super) fn date(&self, second: Second) -> Option<HeaderValue> {
        let make = || Some((second, HeaderValue::from_bytes(second.line().get(DATE_AT)?).ok()?));
        self.date.get(|last| *last == second, make)
    }

    pub(super) fn length(&self, length: u64) -> Option<HeaderValue> {
        self.length.get(|last| *last == length, || Some((length, length.into())))
    }

    /// The field `Host` that a target has in HTTP/1, in the spelling of the client.
    pub(super) fn host(&self, authority: &Authority) -> Option<HeaderValue> {
        let make = || Some((authority.clone(), HeaderValue::from_str(authority.as_str()).ok()?));
        self.host.get(|last| last.as_str() == authority.as_str(), make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn values_are_those_of_their_answer() {
        let values = SharedValues::default();
        assert!(values.is_first());
        for second in [7, 7, 8, 7] {
            let at = Second::of(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
            assert_eq!(values.date(at).unwrap(), format!("Thu, 01 Jan 1970 00:00:0{second} GMT"));
            assert_eq!(values.length(second).unwrap(), second.to_string());
        }
        for host in ["a:1", "a:1", "A:1", "b"] {
            assert_eq!(values.host(&Authority::from_static(host)).unwrap(), host);
        }
        assert!(!values.is_first());
    }
}
