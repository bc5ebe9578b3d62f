//! Finds secrets in the body of a request or an answer, which may be cut or broken.
//!
//! JSON is walked field by field, as far as it goes: an object that is named like a secret, as in `"token": {"id": …}`, has one
//! in a field of its own, and the objects below it are read as any other. A body that is not JSON is read by
//! `secrets.rs`, which hides whatever it cannot understand. A single word may be a secret as a whole.

use super::secrets::{looks_secret, secrets, unescaped};
use crate::redact::shown_access_key;
use std::ops::Range;

/// Objects within objects; what nests deeper is not read as JSON.
const DEPTH_MAX: usize = 64;
/// Public fields of an object that is named like a secret.
const PUBLIC: [&str; 7] = ["access", "duration_seconds", "expires_at", "issued_at", "methods", "name", "type"];
const ACCESS_KEY: [&str; 2] = ["access", "access_key"];
/// Fields whose names have a secret's in them, and whose values are none: a sealed reason, and a time.
const NOT_SECRET: [&str; 2] = ["encoded_authorization_message", "password_expires_at"];

/// Byte ranges of all values that are likely to be secrets, in ascending order, none within another.
pub(crate) fn secret_values(text: &str) -> Vec<Range<usize>> {
    if let Some(word) = only_word(text) {
        return vec![word];
    }
    let mut walk = Walk { text, at: 0, found: Vec::new() };
    match walk.value(Kept::Openly, 0).and_then(|()| walk.end()) {
        Ok(()) | Err(Stop::Cut) => walk.found,
        Err(Stop::Odd) => secrets(text),
    }
}

/// The word that a text consists of, if it is one word without any structure.
fn only_word(text: &str) -> Option<Range<usize>> {
    let word = text.trim();
    let begin = text.len() - text.trim_start().len();
    let is_word = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || "{[\":=".contains(c));
    is_word.then(|| begin..begin + word.len())
}

/// Why a walk ends early.
enum Stop {
    /// The text ends.
    Cut,
    /// It is not JSON.
    Odd,
}

/// Whether a value is hidden, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Openly,
    Secretly,
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn value(&mut self, kept: Kept, depth: usize) -> Result<(), Stop> {
        if depth > DEPTH_MAX {
            return Err(Stop::Odd);
        }
        match self.next()? {
            b'{' => self.object(kept, depth),
            b'[' => self.items(b']', |walk| walk.value(kept, depth + 1)),
            b'"' => {
                let part = self.string();
                self.note(kept, part?);
                self.closed()
            }
            _ => {
                let part = self.literal()?;
                let is_literal = matches!(self.text.get(part.clone()), Some("true" | "false" | "null"));
                if !is_literal {
                    self.note(kept, part);
                }
                Ok(())
            }
        }
    }

    fn object(&mut self, around: Kept, depth: usize) -> Result<(), Stop> {
        self.items(b'}', |walk| {
            if walk.next()? != b'"' {
                return Err(Stop::Odd);
            }
            let name = walk.string()?;
            walk.closed()?;
            if walk.next()? != b':' {
                return Err(Stop::Odd);
            }
            walk.at += 1;
            let name = unescaped(part!(walk.text, name));
            let is_deeper = matches!(walk.next()?, b'{' | b'[');
            let is_public = NOT_SECRET.contains(&name.as_ref()) || PUBLIC.contains(&name.as_ref());
            let by_object = around == Kept::Secretly && !is_deeper && !is_public;
            let is_secret = by_object || (looks_secret(&name) && !NOT_SECRET.contains(&name.as_ref()));
            let is_odd_key = ACCESS_KEY.contains(&name.as_ref()) && walk.holds_no_access_key();
            let kept = if is_secret || is_odd_key { Kept::Secretly } else { Kept::Openly };
            walk.value(kept, depth + 1)
        })
    }

    /// Whether the string that comes is not shaped like an access key: it may be a secret that was put there.
    fn holds_no_access_key(&self) -> bool {
        let mut ahead = Walk { text: self.text, at: self.at, found: Vec::new() };
        ahead.string().is_ok_and(|part| {
            let value = part!(self.text, part);
            shown_access_key(value) != value
        })
    }

    /// The contents of brackets, separated by commas.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        self.at += 1;
        if self.next()? == close {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            let mark = self.next()?;
            self.at += 1;
            if mark == close {
                return Ok(());
            }
            if mark != b',' {
                return Err(Stop::Odd);
            }
        }
    }

    /// The inside of a string that begins here, as far as it goes.
    fn string(&mut self) -> Result<Range<usize>, Stop> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return Err(Stop::Odd);
        }
        self.at = start;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => break,
                b'\\' => self.at += 1,
                0..0x20 => return Err(Stop::Odd),
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(bytes.len());
        Ok(start..self.at)
    }

    /// Skips the quote that ends a string.
    fn closed(&mut self) -> Result<(), Stop> {
        if self.at == self.text.len() {
            return Err(Stop::Cut);
        }
        self.at += 1;
        Ok(())
    }

    /// A number or a word.
    fn literal(&mut self) -> Result<Range<usize>, Stop> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or(&[]);
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        if length == 0 {
            return Err(Stop::Odd);
        }
        self.at += length;
        let word = part!(self.text, start..self.at);
        let is_begun = |known: &str| known == word || (self.at == self.text.len() && known.starts_with(word));
        let is_number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if is_number || ["true", "false", "null"].into_iter().any(is_begun) {
            Ok(start..self.at)
        } else {
            Err(Stop::Odd)
        }
    }

    /// The next byte that is not blank.
    fn next(&mut self) -> Result<u8, Stop> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let blanks = rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.at += blanks;
        rest.get(blanks).copied().ok_or(Stop::Cut)
    }

    /// Checks that nothing follows the value.
    fn end(&mut self) -> Result<(), Stop> {
        match self.next() {
            Ok(_) => Err(Stop::Odd),
            Err(stop) => Err(stop),
        }
    }

    fn note(&mut self, kept: Kept, part: Range<usize>) {
        if kept == Kept::Secretly && !part.is_empty() {
            self.found.push(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        let secrets = secret_values(text);
        let hidden = |at: usize| secrets.iter().any(|range| range.contains(&at));
        text.char_indices().map(|(at, character)| if hidden(at) { '*' } else { character }).collect()
    }

    #[test]
    fn secrets_in_bodies_of_the_api_are_found_and_nothing_else() {
        for (text, expected) in [
            (r#"{"password":"ab"}"#, r#"{"password":"**"}"#),
            (
                r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"ci","password":"ab"}}}}}"#,
                r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"ci","password":"**"}}}}}"#,
            ),
            (
                r#"{"auth":{"identity":{"methods":["token"],"token":{"id":"ab","duration_seconds":900}}}}"#,
                r#"{"auth":{"identity":{"methods":["token"],"token":{"id":"**","duration_seconds":900}}}}"#,
            ),
            (
                r#"{"token":{"project":{"id":"p","name":"n"},"user":{"id":"u","password_expires_at":"x"}}}"#,
                r#"{"token":{"project":{"id":"p","name":"n"},"user":{"id":"u","password_expires_at":"x"}}}"#,
            ),
            (
                r#"{"credential":{"access":"HST0123456789ABCDEFG","secret":"ab","securitytoken":"cd","expires_at":"t"}}"#,
                r#"{"credential":{"access":"HST0123456789ABCDEFG","secret":"**","securitytoken":"**","expires_at":"t"}}"#,
            ),
            (r#"{"encoded_authorization_message":"x"}"#, r#"{"encoded_authorization_message":"x"}"#),
            (
                r#" {"p\u0061ssword" : [ "ab", 12, true, {"x": "cd"} ] } "#,
                r#" {"p\u0061ssword" : [ "**", **, true, {"x": "**"} ] } "#,
            ),
            (
                r#"{"access_key":"0123456789012345678901234567890123456789"}"#,
                r#"{"access_key":"****************************************"}"#,
            ),
            (
                r#"{"password_never_expired": false, "user_name": "bob"}"#,
                r#"{"password_never_expired": false, "user_name": "bob"}"#,
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_body_that_is_cut_or_broken_shows_no_secret() {
        let whole = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"password":"SECRET"}}}}}"#;
        for end in 0..=whole.len() {
            assert!(!shown(&whole[..end]).contains('S'), "{}", &whole[..end]);
        }
        for broken in [
            r#"{"password":"SECRET"#,
            r#"{"password":"SECRET",}"#,
            r#"{"password" "SECRET"}"#,
            r#"{"x":'"', "password":"SECRET"}"#,
            "{password: SECRET}",
            "password=SECRET&user=x",
            r#"{"password":"SECRET"} {"password":"SECRET"}"#,
            "my password is SECRET",
            "SECRET",
            " SECRET\n",
        ] {
            assert!(!shown(broken).contains("SECRET"), "{}", shown(broken));
        }
        let deep = format!("{}{}", "[".repeat(5_000), r#"{"password":"SECRET"}"#);
        assert!(!shown(&deep).contains("SECRET"));
    }

    proptest! {
        #[test]
        fn any_body_can_be_read(text in "\\PC*|[\\[\\]{}\":=, a1\n'\\\\é]{0,40}") {
            let found = secret_values(&text);
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.iter().all(|part| text.get(part.clone()).is_some()));
        }
    }
}
