//! Writes texts as string literals, with all but printable ASCII escaped, so that no text ends its literal, is invisible,
//! or depends on the encoding of a source file.

use crate::diagnostics::is_invisible;
use std::fmt::Write as _;

/// A text in double quotes. Characters in `special` get a backslash too; `escape` escapes all but printable ASCII.
fn quoted(text: &str, special: &[char], escape: impl Fn(char, &mut String)) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ if special.contains(&character) => literal.extend(['\\', character]),
            ' '..='~' => literal.push(character),
            _ => escape(character, &mut literal),
        }
    }
    literal.push('"');
    literal
}

/// `\u00e4`, with a surrogate pair beyond the first plane.
fn utf16(character: char, literal: &mut String) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        let _ = write!(literal, "\\u{unit:04x}");
    }
}

/// `\u00e4` or `\U0001f600`.
fn short_or_long(character: char, literal: &mut String) {
    let code = u32::from(character);
    let _ = if code > 0xffff { write!(literal, "\\U{code:08x}") } else { write!(literal, "\\u{code:04x}") };
}

/// `\u{e4}`.
fn braced(character: char, literal: &mut String) {
    let _ = write!(literal, "\\u{{{:x}}}", u32::from(character));
}

/// `\303\244`, the bytes of UTF-8 in octal.
fn octal_bytes(character: char, literal: &mut String) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(literal, "\\{byte:03o}");
    }
}

/// A literal of Python, Go and C#.
pub(super) fn common(text: &str) -> String {
    quoted(text, &[], short_or_long)
}

/// A literal of Java, where `\u0022` would end it, so control characters are octal.
pub(super) fn java(text: &str) -> String {
    quoted(
        text,
        &[],
        |character, literal| {
            if character < ' ' { octal_bytes(character, literal) } else { utf16(character, literal) }
        },
    )
}

/// A literal of JavaScript.
pub(super) fn node(text: &str) -> String {
    quoted(text, &[], braced)
}

/// A literal of PHP, where `$` begins a variable, and `{$` an expression.
pub(super) fn php(text: &str) -> String {
    quoted(text, &['$'], braced)
}

/// A literal of C++, where `??` may begin a trigraph.
pub(super) fn cpp(text: &str) -> String {
    quoted(text, &['?'], octal_bytes)
}

/// A JSON string in ASCII.
pub(super) fn json(text: &str) -> String {
    quoted(text, &[], utf16)
}

/// A literal of a shell.
///
/// Invisible characters are printed by `printf`, since not every `sh` knows `$'…'`. Trailing line feeds are literal, since a
/// command substitution would drop them.
pub(super) fn shell(text: &str) -> String {
    let bare = text.trim_end_matches('\n');
    let (bare, line_feeds) = text.split_at(bare.len());
    if !bare.contains(is_invisible) {
        return in_single_quotes(text);
    }
    let mut format = String::new();
    for (at, character) in bare.chars().enumerate() {
        match character {
            '\\' => format.push_str(r"\\"),
            '%' => format.push_str("%%"),
            // A leading dash would begin an option.
            '-' if at == 0 => octal_bytes(character, &mut format),
            _ if is_invisible(character) => octal_bytes(character, &mut format),
            _ => format.push(character),
        }
    }
    let line_feeds = if line_feeds.is_empty() { String::new() } else { in_single_quotes(line_feeds) };
    format!("\"$(printf {})\"{line_feeds}", in_single_quotes(&format))
}

fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ODD: &str = "a\"b\\c$d`e'f${g}%s\n\u{7}ä\u{202e}😀??=";

    #[test]
    fn characters_that_could_end_a_literal_are_escaped() {
        let start = r#""a\"b\\c"#;
        let of_utf16 = r"\u00e4\u202e\ud83d\ude00";
        assert_eq!(common(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\u0007\u00e4\u202e\U0001f600??=""#));
        assert_eq!(java(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\007{of_utf16}??=""#));
        assert_eq!(node(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\u{{7}}\u{{e4}}\u{{202e}}\u{{1f600}}??=""#));
        assert_eq!(php(ODD), format!(r#"{start}\$d`e'f\${{g}}%s\n\u{{7}}\u{{e4}}\u{{202e}}\u{{1f600}}??=""#));
        let octal = r"\007\303\244\342\200\256\360\237\230\200\?\?=";
        assert_eq!(cpp(ODD), format!(r#"{start}$d`e'f${{g}}%s\n{octal}""#));
        assert_eq!(shell("a'b"), r"'a'\''b'");
        assert_eq!(shell("-ä'%\\\u{202e}\n"), "\"$(printf '\\055ä'\\''%%\\\\\\342\\200\\256')\"'\n'");
    }

    /// Evaluates literals in a shell.
    fn read_by_sh(literals: &[String]) -> String {
        let script = format!("printf '%s\\035' {}", literals.join(" "));
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    proptest! {
        #[test]
        fn json_literal_round_trips(text in any::<String>()) {
            let literal = json(&text);
            prop_assert!(literal.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
        }

        #[test]
        fn shell_literal_round_trips_and_is_visible(
            texts in prop::collection::vec("([-%'\"\\\\$`a0\n]|\\PC|[\u{1}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{2069}]){0,12}", 1..20),
        ) {
            let literals: Vec<_> = texts.iter().map(|text| shell(text)).collect();
            let expected = texts.iter().flat_map(|text| [text, "\u{1d}"]).collect::<String>();
            prop_assert_eq!(read_by_sh(&literals), expected);
            for (literal, text) in literals.iter().zip(&texts) {
                let line_feeds = text.len() - text.trim_end_matches('\n').len();
                prop_assert_eq!(literal.matches('\n').count(), line_feeds);
                prop_assert!(!literal.chars().any(|character| character != '\n' && is_invisible(character)));
            }
        }

        #[test]
        fn no_literal_ends_early(text in any::<String>()) {
            for literal in [common(&text), java(&text), node(&text), php(&text), cpp(&text)] {
                let inside = literal.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                prop_assert!(literal.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                let mut characters = inside.chars();
                while let Some(character) = characters.next() {
                    prop_assert_ne!(character, '"');
                    prop_assert!(character != '\\' || characters.next().is_some());
                }
            }
        }
    }
}
