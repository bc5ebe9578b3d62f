//! Invariants, stated where the code relies on them.

/// Unwraps an `Option` that always has a value. If it has none, tests and debug builds panic with the reason, and release
/// builds continue with the default.
macro_rules! invariant {
    ($option:expr, $default:expr, $reason:literal) => {
        match $option {
            Some(value) => value,
            None => {
                debug_assert!(false, $reason);
                $default
            }
        }
    };
}
