//! Names characters that cannot be seen, so that an error about one can be understood.

/// The code and the name of the first invisible character of a text. Of a long text the beginning is looked at. Line ends
/// and tabs are expected between words.
pub(super) fn invisible(text: &str) -> Option<(u32, &'static str)> {
    let mut looked_at = text.chars().take(LOOKED_AT);
    looked_at.find_map(|character| {
        let is_usual = matches!(character, '\n' | '\r' | '\t') && text.len() > 1;
        name(character).filter(|_| !is_usual).map(|name| (u32::from(character), name))
    })
}

/// Whether a character cannot be seen, or moves others.
pub(crate) fn is_invisible(character: char) -> bool {
    name(character).is_some()
}

/// Characters.
const LOOKED_AT: usize = 1_000;

fn name(character: char) -> Option<&'static str> {
    Some(match character {
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        '\u{0}' => "null",
        '\u{1b}' => "escape",
        '\u{7f}' => "delete",
        '\u{85}' => "next line",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "grapheme joiner",
        '\u{61c}' => "Arabic letter mark",
        '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => "special space",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "Hangul filler",
        '\u{180e}' => "Mongolian vowel separator",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "direction mark",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{2800}' => "blank Braille pattern",
        '\u{fe00}'..='\u{fe0f}' => "variation selector",
        '\u{feff}' => "byte order mark",
        '\u{fff9}'..='\u{fffb}' => "annotation mark",
        '\u{e0000}'..='\u{e007f}' => "tag",
        control if control.is_control() => "control character",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_character_is_named() {
        for (text, expected) in [
            ("\u{a0}", Some((0xa0, "no-break space"))),
            ("bob\u{200b}", Some((0x200b, "zero width space"))),
            ("\u{feff}bob", Some((0xfeff, "byte order mark"))),
            ("b\u{202e}ob", Some((0x202e, "direction mark"))),
            ("b\u{7}ob", Some((7, "control character"))),
            ("\t", Some((9, "tab"))),
            ("a\tb\n", None),
            ("bob \u{e9} “x” \u{1f600}", None),
            ("", None),
        ] {
            assert_eq!(invisible(text), expected, "{text:?}");
        }
    }
}
