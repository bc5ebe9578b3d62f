//! Texts as literals. Everything but printable ASCII is escaped, so that no text ends its literal, hides from a reader, or
//! depends on the encoding of a source file.

use std::fmt::Write as _;

/// Writes a text in double quotes. `special` are characters that need a backslash besides quotes and backslashes, and
/// `escape` writes those that are not printable ASCII.
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

/// `\u00e4`, and two of them for a character beyond the first plane.
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

/// `\303\244`, each byte of UTF-8.
fn octal_bytes(character: char, literal: &mut String) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(literal, "\\{byte:03o}");
    }
}

/// Of Python, Go and C#, which have the same escapes.
pub(super) fn common(text: &str) -> String {
    quoted(text, &[], short_or_long)
}

/// Of Java, whose `\u0022` would end a literal: what is below a blank is octal.
pub(super) fn java(text: &str) -> String {
    quoted(
        text,
        &[],
        |character, literal| {
            if character < ' ' { octal_bytes(character, literal) } else { utf16(character, literal) }
        },
    )
}

/// Of JavaScript.
pub(super) fn node(text: &str) -> String {
    quoted(text, &[], braced)
}

/// Of PHP, where a dollar begins a variable, and a brace before one an expression.
pub(super) fn php(text: &str) -> String {
    quoted(text, &['$'], braced)
}

/// Of C++. Two question marks may begin a trigraph.
pub(super) fn cpp(text: &str) -> String {
    quoted(text, &['?'], octal_bytes)
}

/// A JSON text in ASCII.
pub(super) fn json(text: &str) -> String {
    quoted(text, &[], utf16)
}

/// Of a shell.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ODD: &str = "a\"b\\c$d`e'f${g}%s\n\u{7}ä\u{202e}😀??=";

    #[test]
    fn what_could_end_a_literal_is_escaped() {
        let start = r#""a\"b\\c"#;
        let of_utf16 = r"\u00e4\u202e\ud83d\ude00";
        assert_eq!(common(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\u0007\u00e4\u202e\U0001f600??=""#));
        assert_eq!(java(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\007{of_utf16}??=""#));
        assert_eq!(node(ODD), format!(r#"{start}$d`e'f${{g}}%s\n\u{{7}}\u{{e4}}\u{{202e}}\u{{1f600}}??=""#));
        assert_eq!(php(ODD), format!(r#"{start}\$d`e'f\${{g}}%s\n\u{{7}}\u{{e4}}\u{{202e}}\u{{1f600}}??=""#));
        let octal = r"\007\303\244\342\200\256\360\237\230\200\?\?=";
        assert_eq!(cpp(ODD), format!(r#"{start}$d`e'f${{g}}%s\n{octal}""#));
        assert_eq!(shell("a'b"), r"'a'\''b'");
    }

    proptest! {
        #[test]
        fn a_json_text_is_read_back_as_it_was(text in any::<String>()) {
            let literal = json(&text);
            prop_assert!(literal.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
        }

        #[test]
        fn no_literal_ends_before_its_end(text in any::<String>()) {
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
