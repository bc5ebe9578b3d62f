//! `backoff`: the gaps between calls do not shrink.

use super::kind::{ExpectationKind, Shape, at_most_one};
use super::words::share;
use super::{Case, Miss, Requirement, whole_ms};
use crate::diagnostics::{Problem, shown};

const GROWING: &str = "growing";

pub(super) const BACKOFF: ExpectationKind = ExpectationKind {
    field: "backoff",
    description: "`growing`: no gap may be more than 10 % shorter than the previous gap.",
    read: |fields, problems| {
        let text = problems.keep(fields.text(BACKOFF.field)).flatten();
        if let Some(text) = text.as_ref().filter(|text| text.value != GROWING) {
            let what = format!("unknown `backoff` {:?}", shown(text.value));
            problems.push(Problem::new(what, text.location(), format!("expected {GROWING:?}")));
        }
        at_most_one(text.map(|_| Backoff))
    },
    shape: Shape::Word(GROWING),
};

#[derive(Debug)]
struct Backoff;

impl Requirement for Backoff {
    fn expected(&self) -> String {
        "no gap more than 10 % shorter than the previous one".to_owned()
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let gaps: Vec<_> =
            case.pairs().filter_map(|(before, next)| Some((next.call, next.gap_after(before)?))).collect();
        let misses = gaps.iter().zip(gaps.iter().skip(1)).filter_map(|((first, before), (second, gap))| {
            let least = *before * 9 / 10;
            (*gap < least).then(|| Miss {
                is_final: true,
                distance: share(whole_ms(least.saturating_sub(*gap)), whole_ms(least)),
                what: format!(
                    "{} waited {} ms before call {second}, but {} ms before call {first}: expected at least {} ms",
                    case.user,
                    whole_ms(*gap),
                    whole_ms(*before),
                    least.as_micros().div_ceil(1_000),
                ),
            })
        });
        misses.max_by_key(|miss| miss.distance)
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn a_backoff_may_shrink_by_a_tenth_but_no_more() {
        let with = |gaps: &[u64]| said(&calls(&vec![503; gaps.len() + 1], gaps), &Backoff);
        assert_eq!(with(&[100, 100, 90, 81, 500]), "holds");
        assert_eq!(with(&[100, 89]), "u waited 89 ms before call 3, but 100 ms before call 2: expected at least 90 ms");
        assert_eq!(with(&[]), "holds");
    }
}
