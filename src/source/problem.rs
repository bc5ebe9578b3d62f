//! What is wrong, where, what was expected, and what to do.

use super::Source;
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// A place in a source, or a whole source that could not be read.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) source: Arc<Source>,
    /// Byte range of the offending text; `None` where the source as a whole is meant.
    pub(crate) span: Option<Range<usize>>,
}

/// One thing that is wrong with a file, a flag or a request body.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// What is wrong, in one line.
    pub(crate) what: String,
    pub(crate) at: Location,
    /// What was expected there; drawn under the offending text.
    pub(crate) expected: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// A second place that belongs to it, with what is there.
    pub(crate) also: Option<(Location, String)>,
}

/// The problems of a set-up: at most so many are kept, the others are counted.
#[derive(Debug)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    kept_max: usize,
    more: usize,
}

/// A problem as it is told where nobody draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    pub(crate) place: String,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) also: Option<ToldBeside>,
}

/// The second place of a problem, with what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ToldBeside {
    place: String,
    message: String,
}

impl Location {
    pub(crate) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span: Some(span) }
    }

    pub(crate) fn whole(name: impl Into<String>) -> Self {
        Self { source: Arc::new(Source::new(name, "")), span: None }
    }

    /// `file:line:column`, or the file's name alone.
    pub(crate) fn place(&self) -> String {
        let name = self.source.name();
        match &self.span {
            Some(span) => format!("{name}:{}", self.source.line_column(span.start)),
            None => name.to_owned(),
        }
    }
}

/// What is told quotes what was written, and may end on a terminal, which would obey control characters.
pub(super) fn printable(text: String) -> String {
    if text.contains(is_obeyed) { text.replace(is_obeyed, "\u{fffd}") } else { text }
}

/// The first characters of a text of others, so that a terminal shows all and obeys none of them.
pub(crate) fn quoted(text: &str, chars_max: usize) -> String {
    let shown = match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    };
    printable(shown)
}

/// Whether a terminal, or a page, obeys a character rather than shows it: controls, and what turns the direction of text.
pub(crate) fn is_obeyed(character: char) -> bool {
    let turns =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control()
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>, at: Location, expected: impl Into<String>) -> Self {
        Self { what: printable(what.into()), at, expected: printable(expected.into()), hint: None, also: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(printable(hint.into()));
        self
    }

    pub(crate) fn also(mut self, at: Location, what: impl Into<String>) -> Self {
        self.also = Some((at, printable(what.into())));
        self
    }

    /// Errors travel boxed, so that the good path stays small.
    pub(crate) fn boxed(self) -> Box<Self> {
        Box::new(self)
    }

    pub(crate) fn place(&self) -> String {
        self.at.place()
    }

    pub(crate) fn told(&self) -> Told {
        let message = match self.expected.as_str() {
            "" => self.what.clone(),
            expected => format!("{}; {expected}", self.what),
        };
        let beside = |(at, what): &(Location, String)| ToldBeside { place: at.place(), message: what.clone() };
        Told { place: self.place(), message, hint: self.hint.clone(), also: self.also.as_ref().map(beside) }
    }
}

impl Told {
    /// Of a thing that stands in no document.
    pub(crate) fn of(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), hint: None, also: None }
    }
}

impl Problems {
    pub(crate) fn new(kept_max: usize) -> Self {
        Self { kept: Vec::new(), kept_max, more: 0 }
    }

    pub(crate) fn push(&mut self, problem: impl Into<Box<Problem>>) {
        self.push_with(|| problem.into());
    }

    /// Keeps a problem that is dear to make, and makes it only if it is kept.
    pub(crate) fn push_with(&mut self, problem: impl FnOnce() -> Box<Problem>) {
        if self.kept.len() < self.kept_max {
            self.kept.push(*problem());
        } else {
            self.more += 1;
        }
    }

    /// Keeps the problem of a result, and gives its value.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Box<Problem>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.push(problem);
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.more == 0
    }

    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// How many there are beyond those that are kept.
    pub(crate) fn more(&self) -> usize {
        self.more
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.kept.iter()
    }
}

/// The candidate that `typed` was most likely meant to be, if one is near enough to be a typo of it.
pub(crate) fn nearest<'c>(typed: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let far = (typed.chars().count() / 3).clamp(1, 5) + 1;
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(typed, candidate), candidate))
        .filter(|(distance, _)| *distance < far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word_and_another_word_finds_none() {
        let words = ["user_name", "user_email", "id"];
        assert_eq!(nearest("user_nmae", words), Some("user_name"));
        assert_eq!(nearest("usermail", words), Some("user_email"));
        assert_eq!(nearest("password", words), None);
    }

    #[test]
    fn control_characters_are_quoted_as_replaced() {
        let problem = Problem::new("`\u{9b}31m`", Location::whole("f\u{1b}"), "a\nb").hint("\u{1b}c");
        let problem = problem.also(Location::whole("g"), "\r");
        let told = [&problem.what, &problem.expected, problem.hint.as_ref().unwrap(), &problem.also.unwrap().1];
        assert_eq!(told, ["`\u{fffd}31m`", "a\u{fffd}b", "\u{fffd}c", "\u{fffd}"]);
        assert_eq!(problem.at.place(), "f\u{fffd}");
    }

    #[test]
    fn texts_of_others_are_cut_and_obeyed_by_nothing() {
        assert_eq!(quoted("ok\u{1b}]0;x\u{7}", 10), "ok\u{fffd}]0;x\u{fffd}");
        assert_eq!([quoted("äöü", 3), quoted("äöü", 2)], ["äöü", "äö…"]);
    }

    #[test]
    fn problems_past_the_bound_are_counted() {
        let mut problems = Problems::new(2);
        for _ in 0..5 {
            problems.push(Problem::new("x", Location::whole("f"), ""));
        }
        assert_eq!((problems.iter().count(), problems.more()), (2, 3));
        assert_eq!(problems.count(), 5);
    }
}
