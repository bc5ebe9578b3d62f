//! `ends_with`: the status that the last call must get.

use super::kind::{ExpectationKind, Shape, at_most_one};
use super::words::called;
use super::{Basis, Case, Miss, Requirement};
use crate::scenario::FINAL_STATUSES;

pub(super) const ENDS_WITH: ExpectationKind = ExpectationKind {
    field: "ends_with",
    description: "The status that the last call must get.",
    read: |fields, problems| {
        let status = problems.keep(fields.whole_number(ENDS_WITH.field, FINAL_STATUSES)).flatten();
        at_most_one(status.and_then(|status| u16::try_from(status).ok()).map(EndsWith))
    },
    shape: Shape::Status,
};

#[derive(Debug)]
struct EndsWith(u16);

impl Requirement for EndsWith {
    fn expected(&self) -> String {
        format!("the last call gets {}", self.0)
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let user = case.user;
        let last = case.seen.last().map(|call| (call.call, call.status));
        let counted = case.before + case.calls;
        let what = match last {
            _ if counted > last.map_or(case.before, |(call, _)| call) => {
                format!("the answer to {user}'s last call ({counted}) is outstanding")
            }
            Some((_, Some(status))) if status == self.0 => return None,
            None => format!("{user} {}", called(case.calls)),
            Some((call, Some(status))) => format!("{user}'s last call ({call}) got {status}"),
            Some((call, None)) => format!("the answer to {user}'s last call ({call}) was lost"),
        };
        Some(Miss { distance: 1_000, is_final: false, what })
    }

    fn basis(&self) -> Basis {
        Basis::LastCall
    }

    fn needs_a_call(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{calls, said};
    use super::*;

    #[test]
    fn the_last_call_counts() {
        let with = |statuses: &[u16]| said(&calls(statuses, &[]), &EndsWith(200));
        assert_eq!(with(&[503, 200]), "holds");
        assert_eq!(with(&[200, 503]), "u's last call (2) got 503");
        assert_eq!(with(&[200, 0]), "the answer to u's last call (2) was lost");
        assert_eq!(with(&[]), "u did not call");
    }
}
