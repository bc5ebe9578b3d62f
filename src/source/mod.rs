//! The text of a file, places in it, and what is wrong there.
//!
//! `text.rs` holds a file's text and finds line and column, `problem.rs` says what is wrong and where,
//! `drawing.rs` draws that for a person without what `secrets.rs` finds, `json.rs` parses JSON with the place of every value, and
//! `fields.rs` takes an object's fields apart, and `heading.rs` reads what all files may begin with.

mod drawing;
mod fields;
mod heading;
mod json;
mod problem;
mod secrets;
mod text;

pub(crate) use drawing::draw;
pub(crate) use fields::{Array, Fields, Text, Vocabulary};
pub(crate) use heading::{FORMAT, check_heading, seed_of};
pub(crate) use json::{Document, Value, parse, span_of};
pub(crate) use problem::{Location, Problem, Problems, Told, is_obeyed, nearest, quoted};
pub(crate) use text::{LineColumn, Source, body_text};

#[cfg(test)]
pub(crate) fn source_of(text: &str) -> std::sync::Arc<Source> {
    std::sync::Arc::new(Source::new("test.json", text))
}
