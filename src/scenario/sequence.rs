//! `sequence`: a status for the first, second … of a rule's calls; and `then`, which decides the calls after them.

use crate::contract::{Scripted, Subject};
use crate::diagnostics::{Fields, Location, Problem, Problems, Value, shown, span_of, whole};
use std::ops::Range;

/// Statuses that end an exchange.
pub(crate) const FINAL_STATUSES: std::ops::RangeInclusive<u64> = 200..=599;
/// Statuses of a sequence at most.
pub(crate) const STATUSES_MAX: usize = 10_000;

/// The statuses of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statuses {
    One(u16),
    InTurn { statuses: Box<[u16]>, then: Then },
}

named_enum! {
    /// The continuation of a sequence that is used up.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Then {
        /// Later rules, or the API's own behaviour.
        #[default]
        Next = "next",
        /// Its last status, again and again.
        Last = "last",
        /// It starts again.
        Restart = "restart",
    }
}

impl Statuses {
    /// Reads `status`, or `sequence` and `then`. Every problem is kept.
    pub(super) fn read(
        fields: &Fields<'_>,
        operation: Scripted,
        undocumented: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let status = problems.keep(fields.whole_number("status", FINAL_STATUSES)).flatten();
        let status =
            status.map(|status| invariant!(u16::try_from(status).ok(), u16::MAX, "a status was read within its range"));
        let sequence = sequence(fields, problems);
        let then = then(fields, problems);
        if ["status", "sequence"].into_iter().all(|name| fields.value(name).is_some()) {
            let at = fields.location(fields.span("status"));
            problems.push(Problem::new("`status` cannot be combined with `sequence`", at, "use one of the two"));
            return None;
        }
        let given = status.map(|status| (status, fields.span("status")));
        for (status, span) in given.iter().chain(sequence.iter().flatten()) {
            if !undocumented && operation.status(*status).is_none() {
                problems.push(not_documented(*status, operation, fields.location(span.clone())));
            }
        }
        let in_turn = sequence.map(|sequence| Self::InTurn {
            statuses: sequence.into_iter().map(|(status, _)| status).collect(),
            then: then.unwrap_or_default(),
        });
        in_turn.or(status.map(Self::One))
    }

    /// The status of the call that is the `rank`th of the rule's, from 1; `None` if the rule leaves it to others.
    pub(crate) fn at(&self, rank: impl FnOnce() -> u64) -> Option<u16> {
        let (statuses, then) = match self {
            Self::One(status) => return Some(*status),
            Self::InTurn { statuses, then } => (statuses, then),
        };
        let at = rank().saturating_sub(1);
        let length = statuses.len() as u64;
        let at = match then {
            Then::Restart => at % length.max(1),
            Then::Last => at.min(length.saturating_sub(1)),
            Then::Next => at,
        };
        statuses.get(usize::try_from(at).ok()?).copied()
    }

    pub(crate) fn any(&self, is_so: impl Fn(u16) -> bool) -> bool {
        self.all().iter().any(|status| is_so(*status))
    }

    /// All statuses, in the order of the file.
    pub(super) fn all(&self) -> &[u16] {
        match self {
            Self::One(status) => std::slice::from_ref(status),
            Self::InTurn { statuses, .. } => statuses,
        }
    }

    /// Whether calls are left to later rules.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, Self::InTurn { then: Then::Next, .. })
    }
}

/// Reads the statuses of `sequence`, if it is there, with their places. Every problem is kept.
fn sequence(fields: &Fields<'_>, problems: &mut Problems) -> Option<Vec<(u16, Range<usize>)>> {
    let written = problems.keep(fields.array("sequence")).flatten()?;
    if written.elements.is_empty() || written.elements.len() > STATUSES_MAX {
        let what = format!("`sequence` has {} statuses", written.elements.len());
        problems.push(Problem::new(what, fields.location(written.span), format!("expected 1 to {STATUSES_MAX}")));
        return None;
    }
    let statuses: Vec<_> = written.elements.iter().filter_map(|value| problems.keep(status(fields, value))).collect();
    (statuses.len() == written.elements.len()).then_some(statuses)
}

/// Reads `then`, if it is there. Every problem is kept.
fn then(fields: &Fields<'_>, problems: &mut Problems) -> Option<Then> {
    let text = problems.keep(fields.text("then")).flatten()?;
    if fields.value("sequence").is_some() {
        return problems.keep(Then::named(text.value).ok_or_else(|| {
            let [next, last, restart] = Then::NAMES;
            let expected = format!("expected {next:?}, {last:?} or {restart:?}");
            Problem::new(format!("unknown `then` {:?}", shown(text.value)), text.location(), expected).boxed()
        }));
    }
    if !fields.has_typo_of("sequence") {
        let expected = "`then` needs a `sequence`";
        problems.push(Problem::new("`then` without a `sequence`", text.location(), expected));
    }
    None
}

pub(super) fn status(fields: &Fields<'_>, value: &Value<'_>) -> Result<(u16, Range<usize>), Box<Problem>> {
    let span = span_of(value);
    let number = match value {
        Value::NumberLit(number) => whole(number.value).and_then(|number| u16::try_from(number).ok()),
        _ => None,
    };
    match number.filter(|number| FINAL_STATUSES.contains(&u64::from(*number))) {
        Some(number) => Ok((number, span)),
        None => Err(Problem::new(
            "invalid status",
            fields.location(span),
            format!("expected a status from {} to {}", FINAL_STATUSES.start(), FINAL_STATUSES.end()),
        )
        .boxed()),
    }
}

/// A status that the operation does not document.
fn not_documented(status: u16, operation: Scripted, at: Location) -> Problem {
    let what = format!("{} does not document status {status}", operation.id);
    let problem = Problem::new(what, at, format!("expected one of {}", operation.documented()));
    match operation.subject {
        // A message has no answer.
        Subject::Message => problem,
        _ => problem.hint("to answer it anyway, add \"undocumented\": true"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(then: Then) -> Vec<Option<u16>> {
        let sequence = Statuses::InTurn { statuses: [503, 500].into(), then };
        (1..=5).map(|rank| sequence.at(|| rank)).collect()
    }

    #[test]
    fn then_decides_the_calls_after_a_sequence() {
        let [a, b] = [Some(503), Some(500)];
        assert_eq!(statuses(Then::Next), [a, b, None, None, None]);
        assert_eq!(statuses(Then::Last), [a, b, b, b, b]);
        assert_eq!(statuses(Then::Restart), [a, b, a, b, a]);
    }
}
