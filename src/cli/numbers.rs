//! Reads the numbers of flags.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A parser of whole numbers in a range. Its error names the range.
pub(super) fn whole<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let read = text.parse().ok().filter(|number| range.contains(number));
        read.ok_or_else(|| format!("expected a whole number from {} to {}", range.start(), range.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_read_within_its_range() {
        let parse = whole::<u8>(8..=20);
        assert_eq!((parse("8"), parse("20")), (Ok(8), Ok(20)));
        for wrong in ["7", "21", "300", "-1", "x", "1.5", "", " 9"] {
            assert_eq!(parse(wrong), Err("expected a whole number from 8 to 20".to_owned()), "{wrong}");
        }
    }
}
