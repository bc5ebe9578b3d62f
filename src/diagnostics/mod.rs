//! The text of a file, places in it, and what is wrong there.
//!
//! `text.rs` holds a file's text and finds line and column, `problem.rs` says what is wrong and where,
//! `drawing.rs` draws that for a person without what `secrets.rs` finds, `secret_values.rs` finds secrets in bodies, `json.rs` parses JSON with the place of every value, and
//! `fields.rs` takes an object's fields apart, `number.rs` says which numbers are whole, `needles.rs` finds known texts in others, `invisible.rs` names characters that
//! nobody sees, and `heading.rs` reads what all files may begin with.

mod drawing;
mod fields;
mod heading;
mod invisible;
mod json;
mod needles;
mod number;
mod problem;
mod secret_values;
mod secrets;
mod text;

pub(crate) use drawing::draw;
pub(crate) use fields::{Array, Fields, Text, Vocabulary};
pub(crate) use heading::{FORMAT, check_heading, seed_of};
pub(crate) use invisible::is_invisible;
pub(crate) use json::{Document, Value, parse, pointer_to, span_of};
pub(crate) use needles::{Needles, Tail};
pub(crate) use number::whole;
pub(crate) use problem::{
    Location, Problem, Problems, Told, did_you_mean, is_obeyed, message, near, nearest, quoted, shown,
};
pub(crate) use secret_values::secret_values;
pub(crate) use text::{LineColumn, Source, body_text};

#[cfg(test)]
pub(crate) fn source_of(text: &str) -> std::sync::Arc<Source> {
    std::sync::Arc::new(Source::new("test.json", text))
}
