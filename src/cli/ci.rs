//! Escapes text that the log of a CI system would take for commands.
//!
//! Names of users, rules and files are untrusted. GitHub Actions obeys lines that begin with `::`, and `##[` anywhere;
//! Azure Pipelines `##vso[`; TeamCity `##teamcity[`.

use memchr::memmem;
use std::borrow::Cow;

/// Beginnings of commands after two number signs.
const BEHIND_SIGNS: [&str; 3] = ["[", "vso[", "teamcity["];

/// `text` with beginnings of commands and Unicode line ends escaped.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let may_command = memmem::find(text.as_bytes(), b"##").is_some() || memmem::find(text.as_bytes(), b"::").is_some();
    if !may_command && !text.contains(is_line_end) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    // Whether only blanks precede on the line.
    let mut begins = true;
    for (at, character) in text.char_indices() {
        let rest = invariant!(text.get(at..), "", "a character begins there");
        match character {
            ':' if begins && rest.starts_with("::") => safe.push_str("\\u003a"),
            '#' if is_command(rest) => safe.push_str("\\u0023"),
            '\u{85}' => safe.push_str("\\u0085"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            other => safe.push(other),
        }
        // A CI system may treat these as line ends.
        begins = matches!(character, '\n' | '\r') || is_line_end(character) || (begins && character.is_whitespace());
    }
    Cow::Owned(safe)
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_command(text: &str) -> bool {
    let behind = text.strip_prefix("##");
    behind.is_some_and(|behind| {
        BEHIND_SIGNS.iter().any(|word| behind.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_ci_systems_are_escaped() {
        for (text, expected) in [
            ("::error::x", "\\u003a:error::x"),
            ("a\n  ::add-mask::x", "a\n  \\u003a:add-mask::x"),
            ("a\r::x", "a\r\\u003a:x"),
            ("failed: ##[group]x", "failed: \\u0023#[group]x"),
            ("x ##vso[task.setvariable]", "x \\u0023#vso[task.setvariable]"),
            ("###VSO[x", "#\\u0023#VSO[x"),
            ("##teamcity[x", "\\u0023#teamcity[x"),
            ("a\u{2028}::b\u{2029}c\u{85}", "a\\u2028\\u003a:b\\u2029c\\u0085"),
        ] {
            assert_eq!(harmless(text), expected, "{text:?}");
        }
        for text in ["", "a: b", "a::b", "http://[::1]:80", "## heading", "é ##", "{\"a\":\"##\"}"] {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text) || harmless(text) == text, "{text}");
        }
    }
}
