//! `after_lost`: further calls after a reset that was done while its answer was lost.

use super::kind::{ExpectationKind, Shape, at_most_one};
use super::words::{by, counted, share};
use super::{Case, Miss, Requirement};
use crate::diagnostics::Vocabulary;

pub(super) const AFTER_LOST_KIND: ExpectationKind = ExpectationKind {
    field: "after_lost",
    description: "Further calls after a reset whose answer was lost.",
    read: |fields, problems| {
        let bound = fields.object(AFTER_LOST_KIND.field, &AFTER_LOST, problems);
        let max = bound.and_then(|bound| problems.keep(bound.required_number("max", 0..=u64::MAX)));
        at_most_one(max.map(|max| AtMost { max }))
    },
    shape: Shape::AtMost,
};

pub(crate) const AFTER_LOST: Vocabulary =
    Vocabulary { what: "`after_lost`", known: &["max"], examples: &[("no further call", r#"{ "max": 0 }"#)] };

/// At most so many further calls.
#[derive(Debug)]
struct AtMost {
    max: u64,
}

impl Requirement for AtMost {
    fn expected(&self) -> String {
        let calls = match self.max {
            0 => "no further call".to_owned(),
            max => format!("at most {}", counted(max, "further call")),
        };
        format!("{calls} after a reset whose answer was lost")
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let at = case.seen.iter().position(|call| call.is_done_but_lost())?;
        let lost = case.seen.get(at)?.call;
        let further = (case.seen.len() - at - 1) as u64;
        (further > self.max).then(|| Miss {
            is_final: true,
            distance: share(further - self.max, self.max),
            what: format!(
                "{} made {} after call {lost}, which took effect although its answer was lost: {}",
                case.user,
                counted(further, "further call"),
                by(further - self.max, "too many")
            ),
        })
    }

    fn needs_a_lost_answer(&self) -> bool {
        true
    }

    fn is_about_resets(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn calls_after_a_lost_reset_are_counted() {
        let with = |statuses: &[u16], max| said(&calls(statuses, &[]), &AtMost { max });
        assert_eq!(with(&[503, 200, 200], 0), "holds");
        assert_eq!(with(&[503, 0], 0), "holds");
        assert_eq!(with(&[0, 200], 1), "holds");
        assert_eq!(
            with(&[503, 0, 200, 0], 1),
            "u made 2 further calls after call 2, which took effect although its answer was lost: one too many"
        );
        // A failure that strikes after the side effect loses its answer too.
        let mut seen = calls(&[500, 200], &[]);
        assert_eq!(said(&seen, &AtMost { max: 0 }), "holds");
        seen[0].done = true;
        assert_ne!(said(&seen, &AtMost { max: 0 }), "holds");
    }
}
