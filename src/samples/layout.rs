//! Fills templates, and breaks calls that are too long for a line.

use std::fmt::Write as _;

/// Maximum width of a line.
const WIDTH: usize = 100;

/// A piece of code.
#[derive(Clone, Debug)]
pub(super) enum CodePiece {
    Word(String),
    /// Parts in brackets, separated by commas.
    Group {
        open: String,
        parts: Vec<(String, Self)>,
        close: &'static str,
        last_comma: bool,
    },
    /// An object with chained method calls.
    Chain {
        object: String,
        calls: Vec<(String, Self)>,
    },
}

/// The indentation rules of a language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Indentation of one level.
    pub(super) indent: &'static str,
    /// Whether braces on one line have blanks inside.
    pub(super) spaced: bool,
    /// Whether values on neighbouring lines are aligned, as by gofmt.
    pub(super) aligned: bool,
}

impl CodePiece {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }

    /// The piece on one line.
    fn flat(&self, style: Style) -> String {
        match self {
            Self::Word(text) => text.clone(),
            Self::Group { open, parts, close, .. } => {
                let parts: Vec<_> = parts.iter().map(|(label, part)| format!("{label}{}", part.flat(style))).collect();
                let pad = if style.spaced && !parts.is_empty() && *close == "}" { " " } else { "" };
                format!("{open}{pad}{}{pad}{close}", parts.join(", "))
            }
            Self::Chain { object, calls } => {
                let calls = calls.iter().map(|(method, value)| format!(".{method}({})", value.flat(style)));
                format!("{object}{}", calls.collect::<String>())
            }
        }
    }

    /// The piece after `before` columns, on a line indented by `level` levels.
    pub(super) fn laid_out(&self, style: Style, levels: usize, before: usize) -> String {
        let flat = self.flat(style);
        if before + flat.chars().count() <= WIDTH {
            return flat;
        }
        let (outer, inner) = (style.indent.repeat(levels), style.indent.repeat(levels + 1));
        let mut text = String::new();
        match self {
            Self::Word(word) => text.push_str(word),
            Self::Group { open, parts, close, last_comma } => {
                text.push_str(open);
                let laid_out = |(label, part): &(String, Self)| {
                    (label.clone(), part.laid_out(style, levels + 1, inner.len() + label.chars().count() + 1))
                };
                let mut lines: Vec<_> = parts.iter().map(laid_out).collect();
                if style.aligned {
                    align(&mut lines);
                }
                for (at, (label, part)) in lines.iter().enumerate() {
                    let comma = if *last_comma || at + 1 < parts.len() { "," } else { "" };
                    let _ = write!(text, "\n{inner}{label}{part}{comma}");
                }
                let _ = write!(text, "\n{outer}{close}");
            }
            Self::Chain { object, calls } => {
                text.push_str(object);
                for (method, value) in calls {
                    let value = value.laid_out(style, levels + 1, inner.len() + method.chars().count() + 3);
                    let _ = write!(text, "\n{inner}.{method}({value})");
                }
            }
        }
        text
    }
}

/// Aligns the values of neighbours that have one line each.
fn align(lines: &mut [(String, String)]) {
    for run in lines.chunk_by_mut(|(_, one), (_, next)| !one.contains('\n') && !next.contains('\n')) {
        let width = run.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        for (label, _) in run {
            *label = format!("{label:width$}");
        }
    }
}

/// Replaces the slots `«name»` of a template by values. A line with only empty slots is removed.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let value = |name: &str| values.iter().find(|(slot, _)| *slot == name).map_or("", |(_, value)| value.as_str());
    let mut text = String::new();
    for line in template.lines() {
        let (mut filled, mut rest, mut has_slot) = (String::new(), line, false);
        while let Some((before, slot)) = rest.split_once('«') {
            let (name, after) = slot.split_once('»').unwrap_or((slot, ""));
            debug_assert!(values.iter().any(|(slot, _)| *slot == name), "no value for {name}");
            filled.push_str(before);
            filled.push_str(value(name));
            has_slot = true;
            rest = after;
        }
        filled.push_str(rest);
        if !has_slot || !filled.trim().is_empty() {
            text.push_str(&filled);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style { indent: "  ", spaced: false, aligned: false };

    fn call(argument: &str) -> CodePiece {
        let parts = ["a=", "b="].map(|label| (label.to_owned(), CodePiece::word(argument)));
        CodePiece::Group { open: "f(".to_owned(), parts: parts.into(), close: ")", last_comma: true }
    }

    #[test]
    fn call_breaks_only_if_too_long() {
        assert_eq!(call("1").laid_out(STYLE, 1, 10), "f(a=1, b=1)");
        let long = "x".repeat(60);
        assert_eq!(call(&long).laid_out(STYLE, 1, 10), format!("f(\n    a={long},\n    b={long},\n  )"));
    }

    #[test]
    fn alignment_ends_at_a_value_of_several_lines() {
        let line = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        let mut lines = vec![line("a: ", "1"), line("long: ", "2"), line("b: ", "{\n}"), line("c: ", "3")];
        align(&mut lines);
        let labels: Vec<_> = lines.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["a:    ", "long: ", "b: ", "c: "]);
    }

    #[test]
    fn chain_breaks_before_each_call() {
        let calls =
            |value: &str| vec![("a".to_owned(), CodePiece::word(value)), ("b".to_owned(), CodePiece::word(value))];
        let chain = |value: &str| CodePiece::Chain { object: "x".to_owned(), calls: calls(value) };
        assert_eq!(chain("1").laid_out(STYLE, 0, 0), "x.a(1).b(1)");
        let long = "y".repeat(60);
        assert_eq!(chain(&long).laid_out(STYLE, 0, 0), format!("x\n  .a({long})\n  .b({long})"));
    }

    #[test]
    fn value_like_a_slot_is_not_replaced() {
        let values = [("id", "«other»".to_owned()), ("other", "no".to_owned()), ("none", String::new())];
        assert_eq!(fill("a «id»\n«none»\n\nb", &values), "a «other»\n\nb\n");
    }
}
