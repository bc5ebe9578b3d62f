//! Texts of others as an error quotes them: not too long, and without control characters.

use std::borrow::Cow;

/// Characters of a value that an error quotes at most: it may be as long as a file.
pub(super) const SHOWN_CHARS: usize = 100;

/// Characters of a message at most, whatever it quotes.
pub(super) const MESSAGE_CHARS: usize = 1_000;

/// Replaces what a terminal would obey.
pub(super) fn printable(text: String) -> String {
    let text = message(text);
    if text.contains(is_obeyed) { text.replace(is_obeyed, "\u{fffd}") } else { text }
}

/// The first characters of a text, printable.
pub(crate) fn quoted(text: &str, chars_max: usize) -> String {
    printable(cut(text, chars_max).map_or_else(|| text.to_owned(), |beginning| format!("{beginning}…")))
}

/// Cuts a message that is longer than a person reads.
pub(crate) fn message(text: String) -> String {
    match cut(&text, MESSAGE_CHARS) {
        Some(beginning) => format!("{beginning}…"),
        None => text,
    }
}

/// The beginning of a value, as an error quotes it.
pub(crate) fn shown(value: &str) -> Cow<'_, str> {
    cut(value, SHOWN_CHARS).map_or(Cow::Borrowed(value), |beginning| format!("{beginning}…").into())
}

/// The beginning of a text that has more characters than that.
fn cut(text: &str, chars: usize) -> Option<&str> {
    // A text has at most as many characters as bytes.
    if text.len() <= chars {
        return None;
    }
    let (end, _) = text.char_indices().nth(chars)?;
    text.get(..end)
}

/// Whether a terminal, or a page, obeys a character rather than shows it: controls, line ends of Unicode, and what turns the
/// direction of text.
pub(crate) fn is_obeyed(character: char) -> bool {
    let turns_or_ends_a_line = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    turns_or_ends_a_line || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_are_cut_and_obeyed_by_nothing() {
        assert_eq!(quoted("ok\u{1b}]0;x\u{7}", 10), "ok\u{fffd}]0;x\u{fffd}");
        assert_eq!([quoted("äöü", 3), quoted("äöü", 2)], ["äöü", "äö…"]);
    }
}
