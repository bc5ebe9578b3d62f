//! Which call numbers a rule is for: `3`, `1-2`, `5-`, `*/3` (3, 6, 9 …), or several with commas.

use crate::diagnostics::{Problem, Text, shown};
use std::ops::Range;

/// A set of call numbers. An empty list is every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls(Vec<Span>);

/// Every `step`th number from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) step: u64,
}

/// The error in a list, and its bytes.
pub(crate) struct WrongCalls {
    pub(crate) at: Range<usize>,
    pub(crate) what: String,
}

pub(super) const GRAMMAR: &str = "expected call numbers from 1, as in \"3\", \"1-2\", \"5-\", \"*/3\" or \"1-2,7\"";

/// The same for editors, which take regular expressions of ECMA-262. Numbers too large and ranges that end before they
/// begin match it anyway.
#[cfg(test)]
pub(crate) const PATTERN: &str = concat!(
    r"^\s*(\*/0*[1-9][0-9]*|0*[1-9][0-9]*(-(0*[1-9][0-9]*)?)?)\s*",
    r"(,\s*(\*/0*[1-9][0-9]*|0*[1-9][0-9]*(-(0*[1-9][0-9]*)?)?)\s*)*$",
);

/// Pieces of a list at most.
const PIECES_MAX: usize = 100;

impl Calls {
    /// From the first to the last, both included.
    pub(crate) fn from_to(first: u64, last: u64) -> Self {
        Self(vec![Span { first, last, step: 1 }])
    }

    pub(crate) fn allow(&self, call: u64) -> bool {
        self.0.is_empty() || self.0.iter().any(|span| span.contains(call))
    }

    /// The 1-based rank of a call among these calls. Only where [`Calls::is_counted`].
    pub(crate) fn rank(&self, call: u64) -> u64 {
        if self.0.is_empty() {
            return call;
        }
        let up_to = |span: &Span| {
            let last = call.min(span.last);
            last.checked_sub(span.first).map_or(0, |distance| distance / span.step + 1)
        };
        self.0.iter().map(up_to).sum()
    }

    /// Whether no call is in two pieces, as far as that is cheap to see: ranges that do not overlap, or a single `*/n`.
    pub(crate) fn is_counted(&self) -> bool {
        let apart = |one: &Span, other: &Span| {
            one.step == 1 && other.step == 1 && (one.last < other.first || other.last < one.first)
        };
        self.0.iter().enumerate().all(|(at, one)| self.0.iter().skip(at + 1).all(|other| apart(one, other)))
    }

    /// Whether some call of a stretch, both ends included, is among them.
    pub(crate) fn meet(&self, first: u64, last: u64) -> bool {
        let stretch = Span { first, last, step: 1 };
        self.spans().into_iter().any(|span| span.meets(stretch))
    }

    /// The spans; all calls are one span.
    pub(super) fn spans(&self) -> Vec<Span> {
        if self.0.is_empty() { vec![Span { first: 1, last: u64::MAX, step: 1 }] } else { self.0.clone() }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, WrongCalls> {
        let mut spans = Vec::new();
        let mut start = 0;
        for piece in text.split(',') {
            let at = start..start + piece.len();
            start = at.end + 1;
            let wrong = |what| WrongCalls { at: at.clone(), what };
            spans.push(span(piece.trim()).map_err(wrong)?);
            if spans.len() > PIECES_MAX {
                return Err(wrong(format!("more than {PIECES_MAX} pieces")));
            }
        }
        Ok(Self(spans))
    }

    /// Takes the text of a `calls` field.
    pub(super) fn of(text: &Text<'_>) -> Result<Self, Box<Problem>> {
        Self::parse(text.value).map_err(|wrong| Problem::new(wrong.what, text.part(wrong.at), GRAMMAR).boxed())
    }
}

impl Span {
    pub(super) fn contains(&self, call: u64) -> bool {
        call >= self.first && call <= self.last && (call - self.first).is_multiple_of(self.step)
    }

    /// Whether the two have a call in common.
    pub(super) fn meets(self, other: Self) -> bool {
        let (stretch, stepped) = if self.step == 1 { (self, other) } else { (other, self) };
        if stretch.step > 1 {
            // Multiples of two numbers without an end.
            return true;
        }
        let ahead = stretch.first.saturating_sub(stepped.first).div_ceil(stepped.step);
        let next = ahead.checked_mul(stepped.step).and_then(|ahead| ahead.checked_add(stepped.first));
        next.is_some_and(|next| next <= stretch.last && next <= stepped.last)
    }
}

fn span(piece: &str) -> Result<Span, String> {
    let (first, last, step) = if let Some(step) = piece.strip_prefix("*/") {
        let step = number(step, piece)?;
        (step, u64::MAX, step)
    } else if let Some((first, last)) = piece.split_once('-') {
        let first = number(first, piece)?;
        let last = if last.is_empty() { u64::MAX } else { number(last, piece)? };
        (first, last, 1)
    } else {
        let only = number(piece, piece)?;
        (only, only, 1)
    };
    if last < first {
        return Err(format!("`{}` ends before it starts", shown(piece)));
    }
    Ok(Span { first, last, step })
}

fn number(digits: &str, piece: &str) -> Result<u64, String> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(0) => Err(format!("`{}`: call numbers start at 1", shown(piece))),
        Ok(number) if plain => Ok(number),
        Err(_) if plain => Err(format!("`{}`: call numbers are from 1 to {}", shown(piece), u64::MAX)),
        _ => Err(format!("`{}` is not a call number", shown(piece))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed(text: &str) -> Vec<u64> {
        let calls = Calls::parse(text).unwrap_or_else(|wrong| panic!("{text}: {}", wrong.what));
        (0..=12).filter(|&call| calls.allow(call)).collect()
    }

    #[test]
    fn each_form_allows_its_calls() {
        assert_eq!(allowed("3"), [3]);
        assert_eq!(allowed("1-2"), [1, 2]);
        assert_eq!(allowed("10-"), [10, 11, 12]);
        assert_eq!(allowed("*/3"), [3, 6, 9, 12]);
        assert_eq!(allowed("1-2, 7,*/5"), [1, 2, 5, 7, 10]);
        assert!(Calls::default().allow(u64::MAX));
    }

    #[test]
    fn calls_are_ranked_among_those_that_are_allowed() {
        for text in ["3", "1-2,7", "5-", "*/3", "8-,1-2,5"] {
            let calls = Calls::parse(text).unwrap_or_default();
            let ranks: Vec<_> = (1..=20).filter(|&call| calls.allow(call)).map(|call| calls.rank(call)).collect();
            assert!(calls.is_counted() && ranks.iter().copied().eq(1..=ranks.len() as u64), "{text}: {ranks:?}");
        }
        for text in ["1-3,2", "*/2,7", "*/2,*/3"] {
            assert!(!Calls::parse(text).unwrap_or_default().is_counted(), "{text}");
        }
    }

    #[test]
    fn wrong_list_is_located() {
        for (text, piece) in [
            ("", ""),
            ("0", "0"),
            ("1,", ""),
            ("2-1", "2-1"),
            ("1,a", "a"),
            ("*/0", "*/0"),
            ("+1", "+1"),
            ("-3", "-3"),
            ("1-2-3", "1-2-3"),
            ("99999999999999999999", "99999999999999999999"),
            ("*", "*"),
        ] {
            let wrong = Calls::parse(text).err().unwrap_or_else(|| panic!("{text} is taken"));
            assert_eq!(&text[wrong.at], piece, "{text}");
        }
    }

    #[test]
    fn two_lists_meet_where_both_allow_a_call() {
        let lists = ["3", "1-2", "10-", "*/3", "*/4", "1-2, 7,*/5", "5-6", "4-5", "8"];
        for (one, other) in lists.iter().flat_map(|one| lists.iter().map(move |other| (*one, *other))) {
            let [some, others] = [one, other].map(|text| Calls::parse(text).unwrap_or_default().spans());
            let meet = some.iter().any(|one| others.iter().any(|other| one.meets(*other)));
            let allowed = (1..=100).any(|call| [&some, &others].iter().all(|all| all.iter().any(|s| s.contains(call))));
            assert_eq!(meet, allowed, "{one} and {other}");
        }
        let calls = Calls::parse("*/5").unwrap_or_default();
        assert!(calls.meet(4, 5) && calls.meet(5, 9) && !calls.meet(6, 9) && Calls::default().meet(7, 7));
    }

    #[test]
    fn a_list_is_bounded() {
        assert!(Calls::parse(&vec!["1"; PIECES_MAX].join(",")).is_ok());
        assert!(Calls::parse(&vec!["1"; PIECES_MAX + 1].join(",")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_or_is_pointed_at(text in any::<String>()) {
            if let Err(wrong) = Calls::parse(&text) {
                prop_assert!(text.get(wrong.at).is_some());
            }
        }
    }
}
