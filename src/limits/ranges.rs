//! The range of a limit, with the reasons for its ends.

use std::ops::RangeInclusive;

/// The allowed values of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitRange {
    /// The name that [`Limits::set`](crate::Limits::set) takes.
    pub name: &'static str,
    /// Its values; times are in milliseconds.
    pub values: RangeInclusive<u64>,
    /// Why it cannot be less.
    pub why_least: &'static str,
    /// Why it cannot be more; empty if there is no maximum.
    pub why_most: &'static str,
}

pub(super) const GIB: u64 = 1 << 30;
/// 30 days. Delays, and the ticks by which slow clients are found, are stored in 32 bits.
const LONGEST_MS: u64 = 30 * 86_400_000;
pub(super) const ANY: u64 = u64::MAX;

pub(super) const IN_MEMORY: &str = "they are kept in memory";
pub(super) const BYTES_IN_MEMORY: &str = "it is kept in memory";
pub(super) const INDEXED: &str = "they are kept in memory, with 32-bit indices";

/// Values, with the reasons why they cannot be less or more.
type Range = (RangeInclusive<u64>, &'static str, &'static str);

/// The range of every time.
pub(super) const TIME: Range = (1..=LONGEST_MS, "a time of 0 would expire at once", "times are limited to 30 days");

impl LimitRange {
    pub(super) const fn new(name: &'static str, (values, why_least, why_most): Range) -> Self {
        Self { name, values, why_least, why_most }
    }

    /// Checks a value; `shown` is its text for the error.
    pub(super) fn check(&self, value: u64, shown: &str) -> Result<(), String> {
        let (name, least, most) = (self.name, self.values.start(), self.values.end());
        let why = if value < *least {
            self.why_least
        } else if value > *most {
            self.why_most
        } else {
            return Ok(());
        };
        let expected = match (*most, name.ends_with("_ms")) {
            (ANY, _) => format!("at least {least}"),
            (most, true) => format!("between {least} and {most} milliseconds"),
            (most, false) => format!("between {least} and {most}"),
        };
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        Err(format!("{name} must be {expected}, not {shown}{why}"))
    }
}
