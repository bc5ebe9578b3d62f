//! The fields that both kinds of files may begin with: `$schema`, `format` and `seed`.

use super::number::whole;
use super::{
    Document, Fields, Location, Problems, Value,
    json::{member, span_of},
};

/// The only format there is.
pub(crate) const FORMAT: u64 = 1;

/// Checks the optional heading of a file. Every problem is kept.
pub(crate) fn check_heading(fields: &Fields<'_>, problems: &mut Problems) {
    problems.keep(fields.text("$schema"));
    problems.keep(fields.whole_number("format", FORMAT..=FORMAT));
    problems.keep(fields.whole_number("seed", 0..=u64::MAX));
}

/// The seed of a file. [`check_heading`] reports one that is not a number.
pub(crate) fn seed_of(document: &Document<'_>) -> Option<(u64, Location)> {
    let value = member(&document.root, "seed")?;
    let Value::NumberLit(number) = value else { return None };
    let at = Location::new(document.source, span_of(value));
    Some((whole(number.value)?, at))
}

/// A regular expression for text without control characters, for editors.
#[cfg(test)]
pub(crate) const LINE_PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
