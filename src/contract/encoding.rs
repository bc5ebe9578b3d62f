//! Percent-encoding, as the vendor's SDKs do it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// A text encoded for a segment of a path, or for a query.
pub(crate) fn encoded(text: &str) -> PercentEncode<'_> {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, PLAIN)
}
