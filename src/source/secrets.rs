//! Where secrets stand in the text of a file, so that nobody finds them in a log because another word on their line was
//! wrong. It reads no grammar: what is told of is often no JSON.

use std::ops::Range;

/// What the names of fields have in them whose values are secrets, in lower case.
const SECRET: [&str; 3] = ["pass", "secret", "token"];
/// A condition of rules, which counts tokens.
const NO_SECRET: &str = "token_calls";

/// Byte ranges of all values that are named like secrets, in ascending order, none within another.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let ends = |word: &'static str| lower.match_indices(word).map(|(at, found)| at + found.len());
    let found = SECRET.into_iter().flat_map(ends);
    let mut found: Vec<_> = found.filter_map(|end| value_after(&lower, end)).collect();
    found.sort_unstable_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        last.end = if overlaps { last.end.max(next.end) } else { last.end };
        overlaps
    });
    found
}

/// The value of the field in whose name the word ends.
fn value_after(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let in_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    let after_name = rest.trim_start_matches(in_name);
    let name_end = text.len() - after_name.len();
    if text.get(..name_end)?.ends_with(NO_SECRET) {
        return None;
    }
    let after_name = after_name.strip_prefix(['"', '\'']).unwrap_or(after_name).trim_start();
    let value = after_name.strip_prefix([':', '='])?.trim_start();
    let start = text.len() - value.len();
    match value.chars().next()? {
        quote @ ('"' | '\'') => {
            let value = value.get(1..)?;
            Some(start + 1..start + 1 + quoted(value, quote))
        }
        // A list of them, or more, which is wrong.
        '[' | '{' => Some(start..start + value.find([']', '}', '\n']).unwrap_or(value.len())),
        _ => {
            let value = value.get(..value.find([',', ']', '}', '\n']).unwrap_or(value.len()))?.trim_end();
            let is_plain = matches!(value, "true" | "false" | "null" | "");
            (!is_plain).then(|| start..start + value.len())
        }
    }
}

/// The length of what stands before the closing quote, or the end of the line where there is none.
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
            (r#"{"password": ["ab"], "x": 1}"#, r#"{"password": *****], "x": 1}"#),
            (r#"{"header": {"X-Auth-Token": "ab"}}"#, r#"{"header": {"X-Auth-Token": "**"}}"#),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            r#"{"name": "wrong password", "when": {"token_calls": "1-2"}}"#,
            r#"{"X-Auth-Token": true, "password_never_expired": false}"#,
            r#"{"access_key": "AK", "password"#,
            "",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
