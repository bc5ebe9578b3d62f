//! `clock`: virtual time, by which scenarios count, read and moved forward.

use super::request::{AdminRequest, read_fields};
use super::{AdminProblem, reply::AdminReply};
use crate::diagnostics::{self, Vocabulary};
use crate::state::State;
use serde::Serialize;
use std::time::Duration;

const MOVE: Vocabulary = Vocabulary {
    what: "a clock request",
    known: &["advance_ms", "set_ms"],
    examples: &[("", r#"{ "advance_ms": 60000 }"#)],
};
/// A hundred years: far beyond every scenario, and far from the end of numbers.
pub(super) const FARTHEST_MS: u64 = 3_155_760_000_000;

/// Virtual time.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Clock {
    /// Milliseconds of virtual time since the start or the last reset of everything.
    pub(super) now_ms: u64,
    /// The mode: `manual` with `--clock manual`, where time stands still until it is moved.
    #[cfg_attr(test, schemars(extend("enum" = crate::state::ClockMode::NAMES)))]
    pub(super) mode: &'static str,
}

/// Where the clock shall go.
enum Move {
    Advance(Duration),
    Set(Duration),
}

pub(super) fn show(state: &State) -> AdminReply {
    shown(state, state.clock.now_ms())
}

pub(super) fn set(state: &State, request: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let text = request.required_json("{\"advance_ms\": N} or {\"set_ms\": N}")?;
    let farthest = Duration::from_millis(FARTHEST_MS);
    let moved = match requested(state, text)? {
        Move::Advance(by) => state.advance(|now| now.saturating_add(by).min(farthest.max(now))),
        Move::Set(to) => state.advance(|_| to),
    };
    moved.map(|now_ms| shown(state, now_ms)).map_err(|past| {
        let now_ms = past.now_ms;
        let what = format!("The clock is already at {now_ms} ms and only moves forward.");
        AdminProblem::new(409, format!("{what} POST /__admin/reset sets it back to 0."))
    })
}

fn shown(state: &State, now_ms: u64) -> AdminReply {
    AdminReply::json(200, &Clock { now_ms, mode: state.clock.mode().name() })
}

fn requested(state: &State, text: &str) -> Result<Move, AdminProblem> {
    read_fields(text, &MOVE, &state.limits, |_, fields, problems| {
        let advance = problems.keep(fields.whole_number("advance_ms", 0..=FARTHEST_MS))?;
        let set = problems.keep(fields.whole_number("set_ms", 0..=FARTHEST_MS))?;
        match (advance, set) {
            (Some(ms), None) => Some(Move::Advance(Duration::from_millis(ms))),
            (None, Some(ms)) => Some(Move::Set(Duration::from_millis(ms))),
            _ => {
                let at = fields.location(fields.opening());
                let expected = "expected exactly one of `advance_ms` and `set_ms`";
                problems.push(diagnostics::Problem::new("ambiguous clock request", at, expected));
                None
            }
        }
    })
}
