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

/// The part of a text or a list that lies within these bounds. They are in it, and between characters of a text.
macro_rules! part {
    ($whole:expr, $bounds:expr) => {
        invariant!($whole.get($bounds), Default::default(), "the bounds of a part lie in the whole")
    };
}
