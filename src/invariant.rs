//! For what cannot be: said where it is relied on.

/// Gives what is always there, an `Option`'s value. Without it, tests and debug builds panic with the reason, and a release
/// build goes on with the default.
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
