//! Whole numbers as JSON Schema has them: `503`, `503.0` and `5.03e2` are one.

/// The whole number that a JSON number is, if it is one from 0 to 2⁶⁴ − 1. Nothing is rounded, and an exponent costs
/// nothing, however large it is.
pub(crate) fn whole(number: &str) -> Option<u64> {
    if let Ok(plain) = number.parse() {
        return Some(plain);
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or((1, mantissa), |mantissa| (-1, mantissa));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.is_empty() {
        return None;
    }
    let significant = [before, after].concat();
    let significant = significant.trim_start_matches('0');
    let digits = significant.trim_end_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    if sign < 0 || digits.len() > DIGITS_MAX {
        return None;
    }
    let places = i64::try_from(significant.len() - digits.len()).ok()?.checked_sub(i64::try_from(after.len()).ok()?)?;
    let zeros = u32::try_from(exponent.parse::<i64>().ok()?.checked_add(places)?).ok()?;
    digits.parse::<u64>().ok()?.checked_mul(10_u64.checked_pow(zeros)?)
}

/// Of 2⁶⁴ − 1.
const DIGITS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_whole_however_it_is_written() {
        for (written, expected) in [
            ("503", 503),
            ("503.0", 503),
            ("1e2", 100),
            ("1E+2", 100),
            ("5.03e2", 503),
            ("50300e-2", 503),
            ("0", 0),
            ("-0", 0),
            ("0.0e5", 0),
            ("-0.00e999999999999999999999", 0),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551615.000", u64::MAX),
            ("1844674407370955161500e-2", u64::MAX),
            ("9007199254740993.0", 9_007_199_254_740_993),
        ] {
            assert_eq!(whole(written), Some(expected), "{written}");
        }
        let long = format!("1{}e-1000", "0".repeat(1_000));
        assert_eq!(whole(&long), Some(1));
    }

    #[test]
    fn fractions_and_large_numbers_are_not_whole() {
        for written in [
            "0.5",
            "503.5",
            "1e-1",
            "-1",
            "-1.0",
            "18446744073709551616",
            "18446744073709551616.0",
            "1e20",
            "1e400",
            "1e999999999",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "2e19",
            "",
            "x",
        ] {
            assert_eq!(whole(written), None, "{written}");
        }
        assert_eq!(whole(&"9".repeat(1_000_000)), None);
    }

    proptest! {
        #[test]
        fn a_shifted_point_changes_nothing(number in any::<u64>(), places in 0_usize..30) {
            let mut digits = format!("{number:0>width$}", width = places + 1);
            digits.insert(digits.len() - places, '.');
            digits.push_str(if places > 0 { "" } else { "0" });
            prop_assert_eq!(whole(&format!("{digits}e{places}")), Some(number));
        }
    }
}
