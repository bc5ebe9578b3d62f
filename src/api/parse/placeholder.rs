//! Ids for which a client has sent the name of the parameter, in braces.

use crate::diagnostics::quoted;
use percent_encoding::percent_decode_str;

/// Characters of a name that are quoted.
const NAME_CHARS_MAX: usize = 64;

/// The hint for such ids.
pub(crate) const PLACEHOLDER: &str = "The client sent the name of a path parameter instead of its value: set the project id in \
                           its credentials, or the parameter in its request.";

/// The addition to an error about an id that is a name in braces, and the hint.
pub(crate) fn placeholder_note(id: &str) -> Option<(String, &'static str)> {
    let name = placeholder(id)?;
    let note = format!(" The client did not replace the placeholder {}.", quoted(&name, NAME_CHARS_MAX));
    Some((note, PLACEHOLDER))
}

/// The name in braces that was left where a value belongs, if that is all of a segment.
pub(crate) fn placeholder(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let name = decoded.strip_prefix('{')?.strip_suffix('}')?;
    is_name(name).then(|| decoded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_name_in_braces() {
        assert_eq!(placeholder("%7Bproject_id%7D").as_deref(), Some("{project_id}"));
        assert_eq!(placeholder("{user_id}").as_deref(), Some("{user_id}"));
        for segment in ["", "{}", "{a b}", "p", "{project_id", "x{project_id}", "%ff"] {
            assert_eq!(placeholder(segment), None, "{segment}");
        }
    }
}
