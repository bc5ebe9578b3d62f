//! `gap_ms`: the time between the end of an answer and the next call.

use super::bounds::Bounds;
use super::kind::{ExpectationKind, Shape, at_most_one};
use super::{Case, Miss, Requirement, whole_ms};

pub(super) const GAP_MS: ExpectationKind = ExpectationKind {
    field: "gap_ms",
    description: "Milliseconds of real time from the end of an answer to the user's next call.",
    read: |fields, problems| at_most_one(Bounds::read(fields, GAP_MS.field, problems).map(GapMs)),
    shape: Shape::Bounds,
};

#[derive(Debug)]
struct GapMs(Bounds);

impl Requirement for GapMs {
    fn expected(&self) -> String {
        format!("{} from the end of an answer to the next call", self.0.in_words(|ms| format!("{ms} ms")))
    }

    /// The gap that is farthest off.
    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let misses = case.pairs().filter_map(|(before, next)| {
            let gap = whole_ms(next.gap_after(before)?);
            let said = format!(
                "{}'s call {} came {gap} ms after the end of the answer to call {}",
                case.user, next.call, before.call
            );
            self.0.miss(gap, |off, what| format!("{said}: {off} ms {what}"), ["too early", "too late"])
        });
        misses.max_by_key(|miss| miss.distance)
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn gaps_lie_between_the_end_of_an_answer_and_the_next_arrival() {
        let seen = calls(&[503, 503, 503, 200], &[100, 40, 250]);
        let with = |min, max| said(&seen, &GapMs(Bounds { min, max }));
        assert_eq!(with(Some(40), Some(250)), "holds");
        assert_eq!(
            with(Some(101), None),
            "u's call 3 came 40 ms after the end of the answer to call 2: 61 ms too early"
        );
        assert_eq!(
            with(None, Some(249)),
            "u's call 4 came 250 ms after the end of the answer to call 3: 1 ms too late"
        );
        assert_eq!(said(&calls(&[200], &[]), &GapMs(Bounds { min: Some(1), max: None })), "holds");
    }
}
