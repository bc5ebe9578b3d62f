//! The names of header fields.

use crate::contract::is_token;
use crate::diagnostics::{Problem, Text, shown};

/// A regular expression for names, for editors.
pub(crate) const HEADER_NAME_PATTERN: &str = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/// Checks a name.
pub(super) fn check_header_name(name: &Text<'_>) -> Result<(), Box<Problem>> {
    if is_token(name.value) {
        return Ok(());
    }
    let what = format!("`{}` is not a valid header name", shown(name.value));
    Err(Problem::new(what, name.location(), "expected letters, digits and !#$%&'*+-.^_`|~").boxed())
}
