//! The text of a file, places in it, and what is wrong there.
//!
//! - `text.rs` holds a text and finds line and column; `json.rs` parses JSON with the place of every value.
//! - `text_value.rs` is a string or a list with its place; `fields.rs` reads the fields of an object, `heading.rs` those
//!   that all files share, `number.rs` whole numbers.
//! - `problem.rs` says what is wrong and where; `drawing.rs` draws that for a person; `printable.rs` quotes texts safely.
//! - `secrets.rs` finds secrets in files, `secret_values.rs` in bodies, `needles.rs` known texts in others.
//! - `schema.rs` makes JSON Schemas of the types that describe files.
//! - `invisible.rs` names characters that cannot be seen.

mod drawing;
mod fields;
mod heading;
mod invisible;
mod json;
mod needles;
mod number;
mod printable;
mod problem;
#[cfg(test)]
mod schema;
mod secret_values;
mod secrets;
mod text;
mod text_value;

pub(crate) use drawing::draw;
pub(crate) use fields::{Fields, Vocabulary};
#[cfg(test)]
pub(crate) use heading::LINE_PATTERN;
pub(crate) use heading::{FORMAT, check_heading, seed_of};
pub(crate) use invisible::is_invisible;
pub(crate) use json::{Document, Value, elements, member, parse, pointer_to, span_of};
pub(crate) use needles::{Needles, Tail};
pub(crate) use number::whole;
pub(crate) use printable::{is_obeyed, message, quoted, shown};
pub(crate) use problem::{Location, PlainProblem, Problem, Problems, did_you_mean, near, nearest};
#[cfg(test)]
pub(crate) use schema::{Heading, for_readers, never_null, schema_of, tests as schema_tests, with_examples};
pub(crate) use secret_values::secret_values;
pub(crate) use text::{Source, body_text};
pub(crate) use text_value::{Array, Text};

#[cfg(test)]
pub(crate) fn source_of(text: &str) -> std::sync::Arc<Source> {
    std::sync::Arc::new(Source::new("test.json", text))
}
