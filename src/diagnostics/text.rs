//! The text of one file or flag, and its name.

use super::printable::printable;
use super::secrets::secrets;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// The text of a file, a flag or a request body.
pub(crate) struct Source {
    name: String,
    text: String,
    /// Found on first use.
    secrets: OnceLock<Vec<Range<usize>>>,
}

/// A place for a reader: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineColumn {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Leaves out the text, which may hold secrets that would end up in logs.
impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The text of a request's body, or the error in its encoding.
pub(crate) fn body_text(body: &[u8]) -> Result<&str, String> {
    let wrong = match body {
        [0xef, 0xbb, 0xbf, ..] => "The body begins with a byte order mark. Send it as UTF-8 without one.".to_owned(),
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, _, ..] | [_, 0, ..] => {
            "The body is UTF-16 or UTF-32. Send it as UTF-8.".to_owned()
        }
        _ => match std::str::from_utf8(body) {
            Ok(text) => return Ok(text),
            Err(error) => format!("The body is not valid UTF-8 at byte {}. Send it as UTF-8.", error.valid_up_to()),
        },
    };
    Err(wrong)
}

impl Source {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: printable(name.into()), text: text.into(), secrets: OnceLock::new() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A part of the text as it may be shown: with a star for each character of a secret.
    pub(crate) fn shown(&self, part: Range<usize>) -> String {
        let secrets = self.secrets.get_or_init(|| secrets(&self.text));
        let first = secrets.partition_point(|secret| secret.end <= part.start);
        let secrets = part!(secrets, first..);
        let is_hidden =
            |at: usize| secrets.iter().take_while(|secret| secret.start <= at).any(|secret| secret.contains(&at));
        let characters = self.text.get(part.clone()).unwrap_or("").char_indices();
        characters.map(|(at, character)| if is_hidden(part.start + at) { '*' } else { character }).collect()
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub(crate) fn line_column(&self, offset: usize) -> LineColumn {
        let mut cursor = self.cursor();
        cursor.advance_to(offset)
    }

    /// For many places in ascending order: each byte of the text is looked at once.
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor { text: &self.text, offset: 0, at: LineColumn { line: 1, column: 1 } }
    }

    /// The line around an offset, without its line end, as a byte range.
    pub(crate) fn line_around(&self, offset: usize) -> Range<usize> {
        let offset = self.text.floor_char_boundary(offset);
        let (before, after) = self.text.split_at(offset);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = after.find('\n').map_or(self.text.len(), |newline| offset + newline);
        start..end
    }
}

/// Counts lines and columns while it moves forward through a text.
pub(crate) struct Cursor<'s> {
    text: &'s str,
    offset: usize,
    at: LineColumn,
}

impl Cursor<'_> {
    /// Moves to `offset`, which must not lie before the last one.
    pub(crate) fn advance_to(&mut self, offset: usize) -> LineColumn {
        let offset = self.text.floor_char_boundary(offset);
        for character in part!(self.text, self.offset..offset).chars() {
            if character == '\n' {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        self.offset = offset.max(self.offset);
        self.at
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let source = Source::new("x", "ab\ncé d\n");
        assert_eq!(source.line_column(0).to_string(), "1:1");
        assert_eq!(source.line_column(3).to_string(), "2:1");
        assert_eq!(source.line_column(6).to_string(), "2:3");
        assert_eq!(source.line_column(999).to_string(), "3:1");
    }

    #[test]
    fn a_cursor_agrees_with_single_look_ups() {
        let source = Source::new("x", "ä\n\nbc\nd");
        let mut cursor = source.cursor();
        for offset in 0..=source.text().len() {
            assert_eq!(cursor.advance_to(offset), source.line_column(offset));
        }
    }

    #[test]
    fn a_line_ends_before_its_line_feed() {
        let source = Source::new("x", "one\ntwo\n");
        assert_eq!(source.line_around(5), 4..7);
        assert_eq!(source.line_around(0), 0..3);
        assert_eq!(source.line_around(8), 8..8);
    }
}
