//! `calls`: the number of counted calls.

use super::bounds::Bounds;
use super::kind::{ExpectationKind, Shape, at_most_one};
use super::words::{by, called, counted};
use super::{Basis, Case, Miss, Requirement};

pub(super) const CALLS: ExpectationKind = ExpectationKind {
    field: "calls",
    description: "The number of counted calls.",
    read: |fields, problems| at_most_one(Bounds::read(fields, CALLS.field, problems).map(Calls)),
    shape: Shape::Bounds,
};

#[derive(Debug)]
struct Calls(Bounds);

impl Requirement for Calls {
    fn expected(&self) -> String {
        self.0.in_words(|count| counted(count, "call"))
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let said = format!("{} {}", case.user, called(case.calls));
        let said = |off, what: &str| format!("{said}: {}", by(off, what));
        let miss = self.0.miss(case.calls, said, ["too few", "too many"]);
        miss.map(|miss| Miss { is_final: self.0.is_exceeded_by(case.calls), ..miss })
    }

    fn basis(&self) -> Basis {
        Basis::Count
    }

    fn holds_by_count(&self, calls: u64) -> bool {
        self.0.has(calls)
    }

    fn needs_a_call(&self) -> bool {
        self.0.needs_one()
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn calls_are_counted() {
        let requirement = Calls(Bounds { min: Some(2), max: Some(3) });
        let said: Vec<_> = (0..=5).map(|count| said(&calls(&vec![200; count], &[]), &requirement)).collect();
        assert_eq!(
            said,
            [
                "u did not call: 2 too few",
                "u called once: one too few",
                "holds",
                "holds",
                "u called 4 times: one too many",
                "u called 5 times: 2 too many",
            ]
        );
    }

    #[test]
    fn more_missing_calls_are_a_greater_distance() {
        let requirement = Calls(Bounds { min: Some(10), max: None });
        let distance = |calls: u64| {
            let case = Case { user: "u", before: 0, calls, seen: &[], messages: [0; 2], undelivered: false };
            requirement.check(&case).unwrap().distance
        };
        assert!(distance(9) < distance(5) && distance(5) < distance(0));
    }
}
