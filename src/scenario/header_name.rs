//! The names of header fields.

use crate::diagnostics::{Problem, Text, shown};

/// A regular expression for names, for editors.
#[cfg(test)]
pub(crate) const HEADER_NAME_PATTERN: &str = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/// Checks a name.
pub(super) fn check_header_name(name: &Text<'_>) -> Result<(), Box<Problem>> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.value.is_empty() && name.value.bytes().all(is_allowed) {
        return Ok(());
    }
    let what = format!("`{}` is not a valid header name", shown(name.value));
    Err(Problem::new(what, name.location(), "expected letters, digits and !#$%&'*+-.^_`|~").boxed())
}
