//! `phase`, and which facets one rule can set together.

use super::status::BESIDE_A_STATUS;
use super::{Fault, Phase, StatusFacet};
use crate::diagnostics::{Fields, Problem, Problems, Text, shown};

/// Checks that the facets of a rule go together. In a rule that `is_wrong` the name of a facet may be misspelt.
pub(super) fn check_facets(fields: &Fields<'_>, fault: Option<Fault>, is_wrong: bool) -> Result<(), Box<Problem>> {
    let has = |name| fields.value(name).is_some();
    // The fields beside a status report by themselves that it is missing.
    let beside = BESIDE_A_STATUS.into_iter().chain(["then"]);
    if !is_wrong && !["status", "sequence", "delay", "fault"].into_iter().chain(beside).any(has) {
        let at = fields.location(fields.opening());
        let expected = "expected a `status`, a `sequence`, a `delay` or a `fault`";
        return Err(Problem::new("the rule sets nothing", at, expected).boxed());
    }
    let Some(fault) = fault.filter(|fault| fault.strikes()) else {
        return Ok(());
    };
    let refused = |facet: &str, expected: &str| {
        let what = format!("`{facet}` cannot be combined with the fault `{}`", fault.name());
        Err(Problem::new(what, fields.location(fields.opening_of(facet)), expected).boxed())
    };
    match ["status", "sequence"].into_iter().find(|name| has(name)) {
        Some(facet) => refused(facet, "this fault sends no answer"),
        None if fault == Fault::Hang && has("delay") => {
            refused("delay", "this fault never answers, so there is nothing to delay")
        }
        None => Ok(()),
    }
}

/// Reads the phase of a rule, if it has one. Every problem is kept.
pub(super) fn read(
    fields: &Fields<'_>,
    status: Option<&StatusFacet>,
    fault: Option<Fault>,
    problems: &mut Problems,
) -> Phase {
    let Some(text) = problems.keep(fields.text("phase")).flatten() else { return Phase::default() };
    // A status or fault that is wrong may be a failure.
    let has = |name| fields.value(name).is_some();
    let may_fail = status.is_none() && (has("status") || has("sequence")) || fault.is_none() && has("fault");
    problems.keep(of(&text, status, fault, may_fail)).unwrap_or_default()
}

/// The phase of a rule: only failures have one.
pub(super) fn of(
    text: &Text<'_>,
    status: Option<&StatusFacet>,
    fault: Option<Fault>,
    may_fail: bool,
) -> Result<Phase, Box<Problem>> {
    let fails = may_fail || status.is_some_and(StatusFacet::fails) || fault.is_some_and(Fault::strikes);
    if !fails {
        let expected = "`phase` needs a status of 400 or above, or a fault that sends no answer: otherwise the side \
                        effect always happens";
        return Err(Problem::new("`phase` without a failure", text.location(), expected).boxed());
    }
    Phase::named(text.value).ok_or_else(|| {
        let expected = "expected \"before\" or \"after\" the side effect";
        Problem::new(format!("unknown `phase` {:?}", shown(text.value)), text.location(), expected).boxed()
    })
}
