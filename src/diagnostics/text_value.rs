//! Strings and lists of a document, with their places.

use super::json::Value;
use super::{Location, Problem, Problems, Source};
use std::ops::Range;
use std::sync::Arc;

/// A string value and its place.
#[derive(Clone)]
pub(crate) struct Text<'v> {
    pub(crate) source: &'v Arc<Source>,
    pub(crate) value: &'v str,
    pub(crate) span: Range<usize>,
}

/// An array value and its place.
pub(crate) struct Array<'v> {
    pub(crate) source: &'v Arc<Source>,
    pub(crate) elements: &'v [Value<'v>],
    pub(crate) span: Range<usize>,
}

impl Array<'_> {
    /// The opening bracket, which marks the whole list.
    pub(crate) fn opening(&self) -> Location {
        Location::new(self.source, self.span.start..self.span.start + 1)
    }

    /// Whether the list is within a bound on all files together. If not, that is a problem.
    pub(crate) fn has_at_most(&self, most: usize, what: &str, problems: &mut Problems) -> bool {
        let count = self.elements.len();
        if count > most {
            let expected = format!("expected at most {most} {what} over all files");
            problems.push(Problem::new(format!("{count} {what}"), self.opening(), expected));
        }
        count <= most
    }
}

impl Text<'_> {
    pub(crate) fn location(&self) -> Location {
        Location::new(self.source, self.span.clone())
    }

    /// A part of the text, by byte range of the value. Where the file writes it with escapes, the whole text.
    pub(crate) fn part(&self, part: Range<usize>) -> Location {
        let inner = self.span.start + 1;
        let plain = self.span.len() == self.value.len() + 2;
        if plain && part.end <= self.value.len() {
            Location::new(self.source, inner + part.start..inner + part.end)
        } else {
            self.location()
        }
    }
}
