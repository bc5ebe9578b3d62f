//! A range of numbers, as in `{ "min": 1, "max": 3 }`.

use super::Miss;
use super::words::share;
use crate::diagnostics::{Fields, Problem, Problems, Vocabulary};

pub(crate) const BOUNDS: Vocabulary = Vocabulary {
    what: "bounds",
    known: &["min", "max"],
    examples: &[("from and to", r#"{ "min": 1, "max": 3 }"#), ("at most", r#"{ "max": 3 }"#)],
};

/// Inclusive bounds; one may be omitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
}

impl Bounds {
    /// Reads the bounds in a field, if it is there and right. Every problem is kept.
    pub(super) fn read(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Self> {
        let before = problems.count();
        let bounds = fields.object(name, &BOUNDS, problems)?;
        let [min, max] = ["min", "max"].map(|end| problems.keep(bounds.whole_number(end, 0..=u64::MAX)).flatten());
        let at = |name| bounds.location(bounds.span(name));
        if bounds.is_empty() {
            let what = format!("`{name}` has no bounds");
            problems.push(Problem::new(what, bounds.location(bounds.opening()), "expected `min`, `max` or both"));
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let expected = format!("expected at most {max}, the value of `max`");
            let problem = Problem::new(format!("`min` is {min}"), at("min"), expected);
            problems.push(problem.also(at("max"), "the lower `max`"));
        }
        (problems.count() == before).then_some(Self { min, max })
    }

    pub(super) fn has(self, number: u64) -> bool {
        self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
    }

    pub(super) fn is_exceeded_by(self, number: u64) -> bool {
        self.max.is_some_and(|max| number > max)
    }

    /// Whether 0 is outside.
    pub(super) fn needs_one(self) -> bool {
        self.min.is_some_and(|min| min > 0)
    }

    /// The bounds in words; `shown` says a number with its unit.
    pub(super) fn in_words(self, shown: impl Fn(u64) -> String) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => format!("exactly {}", shown(min)),
            (Some(min), Some(max)) => format!("{min} to {}", shown(max)),
            (Some(min), None) => format!("at least {}", shown(min)),
            (None, Some(max)) => format!("at most {}", shown(max)),
            (None, None) => "any".to_owned(),
        }
    }

    /// The miss of a number outside the bounds; `said` gets how far off it is, and which of `ways` (below, above).
    pub(super) fn miss(self, number: u64, said: impl Fn(u64, &str) -> String, ways: [&str; 2]) -> Option<Miss> {
        let [below, above] = ways;
        let (off, bound, way) = match (self.min, self.max) {
            (Some(min), _) if number < min => (min - number, min, below),
            (_, Some(max)) if number > max => (number - max, max, above),
            _ => return None,
        };
        Some(Miss { distance: share(off, bound), is_final: true, what: said(off, way) })
    }
}
