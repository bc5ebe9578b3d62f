//! `statuses`: the statuses that the calls must get, in this order, and no others.

use super::kind::{ExpectationKind, Shape};
use super::words::{listed, share};
use super::{Case, Miss, Requirement};
use crate::diagnostics::{Fields, Problem, Problems};
use crate::scenario::sequence::status;

pub(super) const STATUSES: ExpectationKind = ExpectationKind {
    field: "statuses",
    description: "The statuses that the calls must get: exactly these, in this order.",
    read,
    shape: Shape::Statuses,
};

#[derive(Debug)]
struct Statuses(Vec<u16>);

fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Box<dyn Requirement>> {
    let Some(list) = problems.keep(fields.array(STATUSES.field)).flatten() else {
        return Vec::new();
    };
    if list.elements.is_empty() {
        let at = fields.location(list.span.clone());
        let problem = Problem::new("empty list of statuses", at, "expected at least one item");
        problems.push(problem.hint("to expect no call, write {\"calls\": {\"max\": 0}}"));
    }
    let statuses = list.elements.iter().filter_map(|value| problems.keep(status(fields, value)));
    vec![Box::new(Statuses(statuses.map(|(status, _)| status).collect()))]
}

impl Requirement for Statuses {
    fn expected(&self) -> String {
        format!("exactly {}, in this order", listed(&self.0))
    }

    fn check(&self, case: &Case<'_>) -> Option<Miss> {
        let wanted = &self.0;
        let met: Vec<_> = case.seen.iter().filter_map(|call| call.status).collect();
        if met == *wanted {
            return None;
        }
        let agreed = met.iter().zip(wanted).take_while(|(met, wanted)| met == wanted).count();
        let (rest_met, rest) = (part!(met, agreed..), part!(wanted, agreed..));
        let user = case.user;
        let what = match (met.as_slice(), rest_met, rest) {
            ([], ..) => format!("{user} got no answer; expected {}", listed(wanted)),
            (_, [], rest) => format!("{user} got {}; still missing: {}", listed(&met), listed(rest)),
            (_, more, []) => format!("{user} got {}, and then unexpectedly {}", listed(wanted), listed(more)),
            (_, [other, ..], [wanted, ..]) => {
                format!("{user} got {}; answer {} is {other}, expected {wanted}", listed(&met), agreed + 1)
            }
        };
        let off = rest_met.len().max(rest.len());
        Some(Miss { distance: share(off as u64, wanted.len() as u64), is_final: !rest_met.is_empty(), what })
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
    fn statuses_are_met_in_order_and_no_others() {
        let with = |statuses: &[u16]| said(&calls(statuses, &[]), &Statuses(vec![503, 503, 200]));
        assert_eq!(with(&[503, 0, 503, 200]), "holds");
        assert_eq!(with(&[]), "u got no answer; expected 503, 503, 200");
        assert_eq!(with(&[503, 503]), "u got 503, 503; still missing: 200");
        assert_eq!(with(&[503, 503, 200, 500]), "u got 503, 503, 200, and then unexpectedly 500");
        assert_eq!(with(&[503, 200]), "u got 503, 200; answer 2 is 200, expected 503");
    }
}
