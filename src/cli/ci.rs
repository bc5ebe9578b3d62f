//! Text on its way to the log of a CI system, which takes some of it for commands.
//!
//! Names of users, rules and files are written by others. GitHub Actions obeys a line that begins with `::`, and `##[`
//! anywhere; Azure Pipelines `##vso[`; TeamCity `##teamcity[`.

use memchr::memmem;
use std::borrow::Cow;

/// What commands begin with, behind two number signs.
const BEHIND_SIGNS: [&str; 3] = ["[", "vso[", "teamcity["];

/// The text with the beginnings of commands, and line ends that only Unicode knows, written as escapes.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let may_command = memmem::find(text.as_bytes(), b"##").is_some() || memmem::find(text.as_bytes(), b"::").is_some();
    if !may_command && !text.contains(is_line_end) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    // Whether nothing but blanks stands before on the line.
    let mut begins = true;
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or("");
        match character {
            ':' if begins && rest.starts_with("::") => safe.push_str("\\u003a"),
            '#' if is_command(rest) => safe.push_str("\\u0023"),
            '\u{85}' => safe.push_str("\\u0085"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            other => safe.push(other),
        }
        // Others may take a line of Unicode's for a line.
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
    fn no_command_of_a_ci_system_is_left() {
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
