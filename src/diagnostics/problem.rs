//! A problem: the error, its place, what was expected, and what to do.

use super::invisible::invisible;
use super::printable::printable;
use super::text::Source;
use serde::Serialize;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// A place in a source, or a whole source that could not be read.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) source: Arc<Source>,
    /// Byte range of the offending text; `None` where the source as a whole is meant.
    pub(crate) span: Option<Range<usize>>,
}

/// One error in a file, a flag or a request body.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// The error, in one line.
    pub(crate) what: String,
    pub(crate) at: Location,
    /// The expectation, drawn under the offending text.
    pub(crate) expected: String,
    /// A remedy.
    pub(crate) hint: Option<String>,
    /// A second place that belongs to it, with a description.
    pub(crate) also: Option<(Location, String)>,
}

/// The problems of a setup: at most so many are kept, the others are counted.
#[derive(Debug)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    kept_max: usize,
    more: usize,
}

/// A mistake in a document, as plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Told"))]
pub(crate) struct PlainProblem {
    /// The place: `body:LINE:COLUMN`, or `FILE:LINE:COLUMN`.
    pub(crate) place: String,
    /// The mistake, and the expectation.
    pub(crate) message: String,
    /// A remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// A second place that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) also: Option<PlainPlace>,
}

/// The second place of a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Also"))]
pub(crate) struct PlainPlace {
    /// The place.
    place: String,
    /// Its part in the mistake.
    message: String,
}

impl Location {
    pub(crate) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span: Some(span) }
    }

    pub(crate) fn whole(name: impl Into<String>) -> Self {
        Self { source: Arc::new(Source::new(name, "")), span: None }
    }

    /// The text that is meant.
    fn text(&self) -> Option<&str> {
        self.source.text().get(self.span.clone()?)
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

impl Source {
    /// Reads a file's bytes.
    ///
    /// # Errors
    ///
    /// If they are not UTF-8; the problem points at the first byte that is not.
    pub(crate) fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Arc<Self>, Box<Problem>> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Arc::new(Self::new(name, text))),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let source = Arc::new(Self::new(name, shown));
                let end = at + char::REPLACEMENT_CHARACTER.len_utf8();
                Err(Problem::new(
                    "the file is not valid UTF-8",
                    Location::new(&source, at..end),
                    "not a UTF-8 character",
                )
                .hint("save the file as UTF-8")
                .boxed())
            }
        }
    }
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>, at: Location, expected: impl Into<String>) -> Self {
        let mut what = printable(what.into());
        if let Some((code, name)) = at.text().and_then(invisible)
            && !what.contains(name)
        {
            let _ = write!(what, ": found U+{code:04X} ({name})");
        }
        Self { what, at, expected: printable(expected.into()), hint: None, also: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(printable(hint.into()));
        self
    }

    /// Adds the candidate that `typed` was most likely meant to be, if there is one.
    pub(crate) fn meant<'c>(self, typed: &str, candidates: impl IntoIterator<Item = &'c str>) -> Self {
        match nearest(typed, candidates) {
            Some(meant) => self.hint(format!("did you mean `{meant}`?")),
            None => self,
        }
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

    pub(crate) fn told(&self) -> PlainProblem {
        let message = match self.expected.as_str() {
            "" => self.what.clone(),
            expected => format!("{}; {expected}", self.what),
        };
        let beside = |(at, what): &(Location, String)| PlainPlace { place: at.place(), message: what.clone() };
        PlainProblem { place: self.place(), message, hint: self.hint.clone(), also: self.also.as_ref().map(beside) }
    }
}

impl PlainProblem {
    /// A problem without a document.
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

    /// Makes and keeps a problem, unless there are too many. For problems that are expensive to make.
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

    /// The number of problems beyond the kept ones.
    pub(crate) fn more(&self) -> usize {
        self.more
    }

    /// The kept problems, file by file, in the order of their places.
    pub(crate) fn iter(&self) -> std::vec::IntoIter<&Problem> {
        let mut files: Vec<&Arc<Source>> = Vec::new();
        let mut placed: Vec<_> = self.kept.iter().map(|problem| (place_in(&mut files, &problem.at), problem)).collect();
        placed.sort_by_key(|(place, _)| *place);
        let in_order: Vec<_> = placed.into_iter().map(|(_, problem)| problem).collect();
        in_order.into_iter()
    }
}

/// The file, by the order in which files come up, and the place in it.
fn place_in<'p>(files: &mut Vec<&'p Arc<Source>>, at: &'p Location) -> (usize, usize) {
    let known = files.iter().position(|file| Arc::ptr_eq(file, &at.source));
    let file = known.unwrap_or_else(|| {
        files.push(&at.source);
        files.len() - 1
    });
    (file, at.span.as_ref().map_or(0, |span| span.start))
}

/// The distance of a candidate from `typed`, if it is near enough for a typo.
fn distance(typed: &str, candidate: &str) -> Option<usize> {
    let count = typed.chars().count();
    let far = (count / 3).clamp(1, 5) + 1;
    // The distance is at least the difference of lengths, and costs their product.
    let may_be_near = candidate.chars().count().abs_diff(count) < far;
    may_be_near.then(|| strsim::damerau_levenshtein(typed, candidate)).filter(|distance| *distance < far)
}

/// The candidate that `typed` was most likely meant to be, if one is near enough to be a typo of it.
pub(crate) fn nearest<'c>(typed: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let near = candidates.into_iter().filter_map(|candidate| Some((distance(typed, candidate)?, candidate)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// The candidates that are most similar to `typed`, if they are similar enough for a typo of it.
pub(crate) fn near<'c>(typed: &str, candidates: impl IntoIterator<Item = &'c str>, most: usize) -> Vec<String> {
    let near = candidates.into_iter().filter_map(|candidate| Some((distance(typed, candidate)?, candidate)));
    let near: Vec<_> = near.collect();
    let least = near.iter().map(|(distance, _)| *distance).min();
    let mut meant: Vec<String> = Vec::new();
    for (_, candidate) in near.iter().filter(|(distance, _)| Some(*distance) == least) {
        if meant.len() < most && meant.iter().all(|known| known != candidate) {
            meant.push((*candidate).to_owned());
        }
    }
    meant
}

/// A question for the texts that may have been meant, as in "did you mean `a`, `b` or `c`?".
pub(crate) fn did_you_mean(meant: &[String]) -> Option<String> {
    let quoted: Vec<_> = meant.iter().map(|one| format!("`{one}`")).collect();
    let (last, others) = quoted.split_last()?;
    let others = if others.is_empty() { String::new() } else { format!("{} or ", others.join(", ")) };
    Some(format!("did you mean {others}{last}?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::printable::{MESSAGE_CHARS, SHOWN_CHARS, shown};

    #[test]
    fn bytes_that_are_not_utf8_are_pointed_at() {
        let problem = Source::from_bytes("x.json", b"{\n \"a\": \"\xff\"}".to_vec()).unwrap_err();
        assert_eq!(problem.place(), "x.json:2:8");
    }

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
    fn a_long_value_is_quoted_in_part_and_compared_with_nothing() {
        let long = "é".repeat(8 << 20);
        assert_eq!(shown(&long).chars().count(), SHOWN_CHARS + 1);
        assert_eq!(shown(&long[..2 * SHOWN_CHARS]), &long[..2 * SHOWN_CHARS]);
        let problem = Problem::new(long.as_str(), Location::whole("f"), long.as_str()).hint(long.as_str());
        assert!(problem.what.chars().count() <= MESSAGE_CHARS + 1 && problem.expected.len() < 4 * MESSAGE_CHARS);
        assert_eq!(nearest(&long, ["user_name"]), None);
    }

    #[test]
    fn an_invisible_character_in_the_place_is_named() {
        let source = crate::diagnostics::source_of("{\"a\u{a0}\": 1}");
        let problem = Problem::new("unknown field `a\u{a0}`", Location::new(&source, 1..6), "");
        assert_eq!(problem.what, "unknown field `a\u{a0}`: found U+00A0 (no-break space)");
    }

    #[test]
    fn problems_come_in_the_order_of_their_places_file_by_file() {
        let [one, two] = ["123456", "654321"].map(crate::diagnostics::source_of);
        let mut problems = Problems::new(9);
        for (what, source, at) in [("b", &two, 4), ("c", &one, 3), ("a", &two, 1), ("d", &one, 5)] {
            problems.push(Problem::new(what, Location::new(source, at..at + 1), ""));
        }
        assert_eq!(problems.iter().map(|problem| problem.what.as_str()).collect::<String>(), "abcd");
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
