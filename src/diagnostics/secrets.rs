//! Finds secrets in the text of a file, so that an error about a word near them does not show them.
//!
//! A text with an error is often not JSON, so it is read word by word: a word that cannot be understood, where secrets may
//! be, is hidden.

use crate::redact::{is_secret, shown_access_key};
use std::borrow::Cow;
use std::ops::Range;

/// Parts of names whose values are secrets: letters and digits in lower case.
const SECRET: [&str; 7] = ["pass", "secret", "token", "pwd", "credential", "authorization", "cookie"];
/// A condition of rules, which counts tokens.
const NO_SECRET: &str = "tokencalls";
/// Public fields of accounts.
const PUBLIC: [&str; 5] = ["domain", "name", "projects", "permissions", "description"];
const ACCESS_KEY: &str = "access_key";
/// Secret fields of accounts.
const KEPT_SECRET: [&str; 3] = ["password", "secret_key", ACCESS_KEY];

/// The contents of a bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// No secrets, except values that are named like one.
    Plain,
    /// Accounts, in which all is secret except known public fields.
    Accounts,
    /// Header fields, some of which are.
    Headers,
    Secret,
}

/// A field's name without escapes, and whether its value is secret; kept, since many words may follow a long name.
struct Name<'t> {
    text: Cow<'t, str>,
    looks_secret: bool,
    hides_header: bool,
}

impl<'t> Name<'t> {
    fn of(word: &'t str) -> Self {
        let text = unescaped(word);
        Self { looks_secret: looks_secret(&text), hides_header: is_secret(&text.to_ascii_lowercase()), text }
    }

    fn is_public(&self) -> bool {
        PUBLIC.contains(&self.text.as_ref())
    }
}

/// A reader of a text, with its place in the structure.
struct Reader<'t> {
    text: &'t str,
    /// The open brackets.
    inside: Vec<(char, Inside)>,
    /// The field whose value comes next.
    name: Option<Name<'t>>,
    /// Whether accounts come somewhere before.
    has_accounts: bool,
    /// Whether a value has just ended, without a mark before the next.
    after_value: bool,
    /// Whether something on this line could not be understood, so that the rest of it cannot be either.
    spoiled: bool,
    /// Whether this line has a word like a secret's name; found on first use.
    line_has_secret: Option<bool>,
    found: Vec<Range<usize>>,
}

/// Byte ranges of all values that are likely to be secrets, in ascending order, none within another.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut reader = Reader {
        text,
        inside: Vec::new(),
        name: None,
        has_accounts: false,
        after_value: false,
        spoiled: false,
        line_has_secret: None,
        found: Vec::new(),
    };
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at = reader.read(at, next);
    }
    reader.found
}

impl<'t> Reader<'t> {
    /// Reads one part of the text. Returns its end.
    fn read(&mut self, at: usize, next: char) -> usize {
        let after = at + next.len_utf8();
        match next {
            '\n' => {
                (self.spoiled, self.line_has_secret) = (false, None);
                self.part();
            }
            '{' | '[' => {
                let inside = self.inside_of_name();
                self.has_accounts |= inside == Inside::Accounts;
                self.inside.push((next, inside));
                self.name = None;
                self.after_value = false;
            }
            '}' | ']' => {
                let opened = self.inside.pop().map(|(opened, _)| opened);
                let is_torn = opened != Some(if next == '}' { '{' } else { '[' });
                self.spoiled = self.spoiled || (is_torn && self.is_guarded(at));
                self.part();
                self.after_value = self.name.is_none();
            }
            ',' => self.part(),
            ':' | '=' => {
                self.spoiled =
                    self.spoiled || (self.name.is_none() && self.here() != Inside::Secret && self.is_guarded(at));
                self.after_value = false;
            }
            '"' | '\'' => {
                let inner = after..after + quoted(self.rest(after), next);
                let end = inner.end + usize::from(self.rest(inner.end).starts_with(next));
                self.word(inner, end);
                return end;
            }
            _ if next.is_whitespace() => (),
            _ => {
                let ends = |character: char| character.is_whitespace() || "{}[]:=,\"'".contains(character);
                let end = self.rest(at).find(ends).map_or(self.text.len(), |length| at + length);
                self.word(at..end, end);
                return end;
            }
        }
        after
    }

    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or("")
    }

    fn here(&self) -> Inside {
        self.inside.last().map_or(Inside::Plain, |(_, inside)| *inside)
    }

    /// Another field begins. A name without a value keeps waiting for it.
    fn part(&mut self) {
        if self.after_value {
            self.name = None;
        }
        self.after_value = false;
    }

    /// Reads a name or a value: a text in quotes, or one without them up to the next mark.
    fn word(&mut self, part: Range<usize>, end: usize) {
        let word = self.text.get(part.clone()).unwrap_or("");
        let is_quoted = part.end < end;
        // Words without a mark between them, or a quote that is never closed: one is missing, or one too many.
        let is_open = !is_quoted && self.text.get(..part.start).is_some_and(|before| before.ends_with(['"', '\'']));
        let is_torn = self.rest(end).starts_with(|next: char| !next.is_whitespace() && !"{}[]:=,".contains(next));
        self.spoiled = self.spoiled || ((is_open || is_torn || self.after_value) && self.is_guarded(part.start));
        if self.here() != Inside::Secret && !self.spoiled && !self.after_value {
            let is_awaited = self.name.as_ref().is_some_and(|name| name.looks_secret);
            let is_followed = !is_awaited && self.rest(end).trim_start().starts_with([':', '=']);
            // A name without its colon is still a name.
            if is_followed || (self.name.is_none() && is_known(&unescaped(word))) {
                self.name = Some(Name::of(word));
                return;
            }
        }
        let is_literal = !is_quoted && matches!(word, "true" | "false" | "null");
        if !part.is_empty() && !is_literal && (self.spoiled || self.is_secret(word)) {
            self.found.push(part);
        }
        self.after_value = true;
    }

    /// Whether secrets may stand in the rest of the line, where it cannot be understood.
    fn is_guarded(&mut self, at: usize) -> bool {
        let rest = self.rest(at);
        self.has_accounts
            || self.here() != Inside::Plain
            || self.name.as_ref().is_some_and(|name| name.looks_secret)
            // Asked once a line, since one may be as long as a file.
            || *self.line_has_secret.get_or_insert_with(|| looks_secret(rest.split('\n').next().unwrap_or("")))
    }

    fn is_secret(&self, value: &str) -> bool {
        let name = self.name.as_ref();
        match self.here() {
            Inside::Secret => true,
            _ if name.is_some_and(|name| name.looks_secret) => true,
            Inside::Plain => false,
            Inside::Headers => name.is_none_or(|name| name.hides_header),
            Inside::Accounts if name.is_some_and(|name| name.text == ACCESS_KEY) => shown_access_key(value) != value,
            Inside::Accounts => name.is_none_or(|name| !name.is_public()),
        }
    }

    /// The contents of a bracket that is the value of the last name.
    fn inside_of_name(&self) -> Inside {
        let name = self.name.as_ref();
        match self.here() {
            Inside::Secret => Inside::Secret,
            _ if name.is_some_and(|name| name.looks_secret) => Inside::Secret,
            Inside::Headers => Inside::Headers,
            Inside::Accounts if name.is_some_and(Name::is_public) => Inside::Plain,
            Inside::Accounts => Inside::Accounts,
            Inside::Plain => match name.map(|name| name.text.as_ref()) {
                Some("accounts") => Inside::Accounts,
                Some("header" | "headers") => Inside::Headers,
                _ => Inside::Plain,
            },
        }
    }
}

/// Whether this is the name of a field, and can hardly be a value.
fn is_known(name: &str) -> bool {
    KEPT_SECRET.contains(&name) || PUBLIC.contains(&name) || is_secret(&name.to_ascii_lowercase())
}

pub(super) fn looks_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    plain != NO_SECRET && SECRET.iter().any(|word| plain.contains(word))
}

/// A name without its escapes.
pub(super) fn unescaped(name: &str) -> Cow<'_, str> {
    if !name.contains('\\') {
        return Cow::Borrowed(name);
    }
    serde_json::from_str(&format!("\"{name}\"")).map_or(Cow::Borrowed(name), Cow::Owned)
}

/// The length of the text before the closing quote, or before the end of the line without one.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().find(|(_, character)| {
        let ends = *character == '\n' || (*character == quote && !is_escaped);
        is_escaped = *character == '\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        let secrets = secrets(text);
        let hidden = |at: usize| secrets.iter().any(|range| range.contains(&at));
        text.char_indices().map(|(at, character)| if hidden(at) { '*' } else { character }).collect()
    }

    #[test]
    fn values_that_are_named_like_secrets_are_found() {
        for (text, expected) in [
            (r#"{"password": "ab", "x": "y"}"#, r#"{"password": "**", "x": "y"}"#),
            (r#"{"secret_key":"a\"b","x":1}"#, r#"{"secret_key":"****","x":1}"#),
            ("{\"Secret_Key\"\n:\n\"äö\"}", "{\"Secret_Key\"\n:\n\"**\"}"),
            ("{\"password\": \"ab\n\"x\": 1", "{\"password\": \"**\n\"x\": 1"),
            ("{passwort: 'ab', x: 1}", "{passwort: '**', x: 1}"),
            ("{\"password\": ab, \"x\": 1}", "{\"password\": **, \"x\": 1}"),
            ("{\"password\": 12}", "{\"password\": **}"),
            (r#"{"password": ["ab", ["cd"], "ef"], "x": 1}"#, r#"{"password": ["**", ["**"], "**"], "x": 1}"#),
            (r#"{"password": {"x": "ab"}, "x": 1}"#, r#"{"password": {"*": "**"}, "x": 1}"#),
            (r#"{"p\u0061ssword": "ab"}"#, r#"{"p\u0061ssword": "**"}"#),
            (r#"{"pass word": "ab", "pwd": "cd"}"#, r#"{"pass word": "**", "pwd": "**"}"#),
            (r#"{"password" "ab"}"#, r#"{"password" "**"}"#),
            (r#"{"note": 'a", "password": "ab"}"#, r#"{"note": '*********************"#),
            (r#"{"access_key": "AK", "password"#, r#"{"access_key": "AK", "********"#),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn fields_of_accounts_are_secret_unless_known_as_public() {
        let whole = r#"{"accounts": [{"domain": "acme", "name": "ci", "permissions": ["a:*"], "access_key": "AK1"}]}"#;
        assert_eq!(shown(whole), whole);
        for (text, expected) in [
            (r#"{"sk": "ab"}"#, r#"{"sk": "**"}"#),
            (
                r#"{"access_key": "0123456789012345678901234567890123456789"}"#,
                r#"{"access_key": "****************************************"}"#,
            ),
            (r#"{"name": "ci", "ab"}"#, r#"{"name": "ci", "**"}"#),
            (
                r#"{"name": "ci", "password": ""ab"cd", "name": "x"}"#,
                r#"{"name": "ci", "password": ""**"**", "****": "*"}"#,
            ),
            (r#"{"secret_key": "ab", "cd"}"#, r#"{"secret_key": "**", "**"}"#),
        ] {
            let [text, expected] = [text, expected].map(|one| format!("{{\"accounts\": [{one}"));
            assert_eq!(shown(&text), expected);
        }
    }

    #[test]
    fn of_header_fields_those_are_secret_that_are_so_in_requests() {
        let text =
            r#"{"header": {"Authorization": "Bearer x", "Cookie": "y", "X-Sdk-Content-Key": "z", "Accept": "*"}}"#;
        let expected = text.replace("Bearer x", "********").replace("\"y\"", "\"*\"").replace("\"z\"", "\"*\"");
        assert_eq!(shown(text), expected);
        assert_eq!(shown(r#"{"headers": {"Set-Cookie": "ab", "cd"}}"#), r#"{"headers": {"Set-Cookie": "**", "**"}}"#);
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            r#"{"name": "wrong password", "when": {"token_calls": "1-2"}}"#,
            r#"{"X-Auth-Token": true, "password_never_expired": false}"#,
            r#"{"projects": [{"id": "p", "users": [{"id": "bob" "user_name": "bob"}]}]}"#,
            "bob=500:3",
            "",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    proptest! {
            /// However a line of an account is broken in one place.
            #[test]
            fn no_secret_is_shown_of_a_broken_line(at in 0_usize..140, with in r#"[\[\]{}"',:a \\]{0,2}"#, drop in 0_usize..3) {
                let account = r#"{"domain": "acme", "name": "ci", "password": "SECRET", "access_key": "AK", "secret_key": "CANARY", "projects": ["p"]}"#;
                let mut text = format!("{{\"accounts\": [{account}]}}");
                let secrets = ["SECRET", "CANARY"].map(|secret| { let at = text.find(secret).unwrap(); at..at + secret.len() });
                let start = "{\"accounts\": [".len();
                let at = start + at % (text.len() - start);
                let cut = at..(at + drop).min(text.len());
    // A changed secret is another text.
    if secrets.iter().any(|secret| secret.start < cut.end && cut.start < secret.end) {
                return Ok(());
            }
                text.replace_range(cut, &with);
                let shown = shown(&text);
                prop_assert!(!shown.contains("SECRET") && !shown.contains("CANARY"), "{}\n{}", text, shown);
            }

            #[test]
            fn any_text_can_be_read(text in "\\PC*|[\\[\\]{}\":=, a\n'\\\\é]{0,40}") {
                let found = secrets(&text);
                prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
                prop_assert!(found.iter().all(|part| text.get(part.clone()).is_some()));
            }
        }
}
