//! JSON as RFC 8259 has it, with the place of every value.
//!
//! `serde_json` is the judge of syntax. `jsonc-parser`, with all its liberties switched off, then gives the
//! places; it never sees a text that the judge refused.

use super::{Location, Problem, Source};
use crate::limits::Limits;
use jsonc_parser::{CollectOptions, ParseOptions, common::Ranged, parse_to_ast};
use serde::de::IgnoredAny;
use std::ops::Range;
use std::sync::Arc;

/// A JSON value with its place.
pub(crate) type Value<'t> = jsonc_parser::ast::Value<'t>;

/// A parsed text.
pub(crate) struct Document<'t> {
    pub(crate) source: &'t Arc<Source>,
    pub(crate) root: Value<'t>,
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses a text, or gives the error in its syntax.
pub(crate) fn parse<'t>(source: &'t Arc<Source>, limits: &Limits) -> Result<Document<'t>, Box<Problem>> {
    let text = source.text();
    if text.starts_with('\u{feff}') {
        return Err(Problem::new(
            "byte order mark before the JSON",
            Location::new(source, 0..'\u{feff}'.len_utf8()),
            "expected `{` as the first character",
        )
        .hint("save the file as UTF-8 without a byte order mark")
        .boxed());
    }
    if let Some(offset) = too_deep_at(text, limits.file_depth_max) {
        let expected = format!("expected at most {} levels of brackets", limits.file_depth_max);
        return Err(Problem::new("too deeply nested", Location::new(source, offset..offset + 1), expected).boxed());
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| syntax(source, &error))?;
    match parse_to_ast(text, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => match parsed.value {
            Some(root) => Ok(Document { source, root }),
            None => Err(truncated(source)),
        },
        Err(error) => {
            let range = error.range();
            Err(Problem::new("invalid JSON", Location::new(source, range.start..range.end), error.kind().to_string())
                .boxed())
        }
    }
}

/// A member of a value, if that is an object.
pub(crate) fn member<'d, 't>(value: &'d Value<'t>, name: &str) -> Option<&'d Value<'t>> {
    let Value::Object(object) = value else { return None };
    object.properties.iter().find(|property| property.name.as_str() == name).map(|property| &property.value)
}

/// The elements of a member that is a list.
pub(crate) fn elements<'d, 't>(value: &'d Value<'t>, name: &str) -> &'d [Value<'t>] {
    match member(value, name) {
        Some(Value::Array(array)) => &array.elements,
        _ => &[],
    }
}

/// The place of a value.
pub(crate) fn span_of(value: &Value<'_>) -> Range<usize> {
    let range = value.range();
    range.start..range.end
}

/// The JSON Pointer of the innermost value around a part of the text, or of the member whose name that part is in.
pub(crate) fn pointer_to(root: &Value<'_>, part: &Range<usize>) -> String {
    let has = |range: jsonc_parser::common::Range| range.start <= part.start && part.end <= range.end;
    let (mut pointer, mut value) = (String::new(), root);
    loop {
        let next = match value {
            Value::Object(object) => {
                let found = object.properties.iter().find(|property| has(property.range()));
                found.map(|property| (property.name.as_str().replace('~', "~0").replace('/', "~1"), &property.value))
            }
            Value::Array(array) => {
                let found = array.elements.iter().enumerate().find(|(_, element)| has(element.range()));
                found.map(|(index, element)| (index.to_string(), element))
            }
            _ => None,
        };
        let Some((piece, inner)) = next else { return pointer };
        pointer.push('/');
        pointer.push_str(&piece);
        if !has(inner.range()) {
            return pointer;
        }
        value = inner;
    }
}

/// A problem for the text that `serde_json` refused.
pub(super) fn syntax(source: &Arc<Source>, error: &serde_json::Error) -> Box<Problem> {
    if error.is_eof() {
        return truncated(source);
    }
    let text = source.text();
    let offset = offset_of(text, error.line(), error.column());
    let here = text.get(offset..).unwrap_or("");
    let shown = here.chars().next().map_or(0, char::len_utf8);
    let at = Location::new(source, offset..offset + shown);
    let said = error.to_string();
    let said = match said.split(" at line ").next().unwrap_or(&said) {
        "expected value" | "expected ident" => "expected an object, a list, a string, a number, true, false or null",
        other => other,
    };
    if here.starts_with(['/', '#']) {
        return Problem::new("comment in JSON", at, "JSON has no comments")
            .hint("remove the comment, or move it into a \"description\"")
            .boxed();
    }
    let before = text.get(..offset).unwrap_or("").trim_end();
    if before.ends_with(',') && here.starts_with([']', '}']) {
        let at = Location::new(source, before.len() - 1..before.len());
        return Problem::new("trailing comma", at, "expected no comma before a closing bracket")
            .hint("remove the comma")
            .boxed();
    }
    Problem::new("invalid JSON", at, said).hint("the file must be valid JSON (RFC 8259)").boxed()
}

fn truncated(source: &Arc<Source>) -> Box<Problem> {
    let end = source.text().trim_end().len();
    let last = source.text().floor_char_boundary(end.saturating_sub(1));
    let (what, hint) = if end == 0 {
        ("empty document", "expected a JSON object")
    } else {
        ("unexpected end of JSON", "the text is truncated, or a bracket or quote is not closed")
    };
    Problem::new(what, Location::new(source, last..end), "expected more after this").hint(hint).boxed()
}

/// `serde_json` counts lines from 1 and columns in bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

/// Where brackets, outside of strings, first nest deeper than `depth_max`.
fn too_deep_at(text: &str, depth_max: usize) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_max {
                    return Some(offset);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::source_of;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        let source = source_of(text);
        let problem = parse(&source, &Limits::default()).err().unwrap();
        format!("{} {}", problem.place(), problem.what)
    }

    #[test]
    fn each_way_of_not_being_json_is_named_at_its_place() {
        assert_eq!(refused("\u{feff}{}"), "test.json:1:1 byte order mark before the JSON");
        assert_eq!(refused("{\n  // no\n}"), "test.json:2:3 comment in JSON");
        assert_eq!(refused("[1, 2,\n]"), "test.json:1:6 trailing comma");
        assert_eq!(refused("{\"a\": [1"), "test.json:1:8 unexpected end of JSON");
        assert_eq!(refused(" \n"), "test.json:1:1 empty document");
        assert_eq!(refused("{'a': 1}"), "test.json:1:2 invalid JSON");
        assert_eq!(refused("{} {}"), "test.json:1:4 invalid JSON");
    }

    #[test]
    fn pointer_leads_to_the_innermost_value_or_named_member() {
        let text = r#"{"rules": [{"a/b~": 1}, {"when": {"user": ["x", "y"]}}]}"#;
        let source = source_of(text);
        let document = parse(&source, &Limits::default()).unwrap();
        for (part, pointer) in [
            ("1", "/rules/0/a~1b~0"),
            ("\"a/b~\"", "/rules/0/a~1b~0"),
            ("\"y\"", "/rules/1/when/user/1"),
            ("\"user\"", "/rules/1/when/user"),
            ("[\"x\"", "/rules/1/when/user"),
            ("\"x\", \"y\"", "/rules/1/when/user"),
            ("{\"rules\"", ""),
        ] {
            let at = text.find(part).unwrap();
            assert_eq!(pointer_to(&document.root, &(at..at + part.len())), pointer, "{part}");
        }
    }

    #[test]
    fn depth_is_bounded_inclusively_and_strings_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&source_of(&nested(64)), &Limits::default()).is_ok());
        assert_eq!(refused(&nested(65)), "test.json:1:65 too deeply nested");
        let brackets = format!("\"\\\"{}\"", "[".repeat(100));
        assert!(parse(&source_of(&brackets), &Limits::default()).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused_with_a_place(text in ".{0,200}") {
            let source = source_of(&text);
            if let Err(problem) = parse(&source, &Limits::default()) {
                prop_assert!(problem.place().starts_with("test.json:"));
            }
        }

        #[test]
        fn the_two_parsers_agree(text in r#"[\[\]{}",:0-9a-z\\/ tru+.-]{0,40}"#) {
            let source = source_of(&text);
            let strict = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert_eq!(parse(&source, &Limits::default()).is_ok(), strict);
        }
    }
}
