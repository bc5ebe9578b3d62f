//! `clock`: virtual time, by which scenarios count, read and moved forward.

use super::{Problem, query, reply::Reply, reset::json_body};
use crate::diagnostics::{Fields, Problems, Source, Vocabulary, parse};
use crate::state::State;
use bytes::Bytes;
use hyper::http::request::Parts;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const MOVE: Vocabulary = Vocabulary {
    what: "a clock request",
    known: &["advance_ms", "set_ms"],
    examples: &[("", r#"{ "advance_ms": 60000 }"#)],
};
/// A hundred years: far beyond every scenario, and far from the end of numbers.
pub(super) const FARTHEST_MS: u64 = 3_155_760_000_000;

/// Where the clock shall go.
enum Move {
    Advance(Duration),
    Set(Duration),
}

pub(super) fn show(state: &State, query: &str) -> Result<Reply, Problem> {
    query::none(query)?;
    Ok(shown(state, state.clock.now_ms()))
}

pub(super) fn set(state: &State, request: &Parts, body: &Bytes) -> Result<Reply, Problem> {
    query::none(request.uri.query().unwrap_or(""))?;
    let text = json_body(request, body)?
        .ok_or_else(|| Problem::new(400, "The body is empty; expected {\"advance_ms\": N} or {\"set_ms\": N}."))?;
    let farthest = Duration::from_millis(FARTHEST_MS);
    let moved = match asked(state, text)? {
        Move::Advance(by) => state.advance(|now| now.saturating_add(by).min(farthest.max(now))),
        Move::Set(to) => state.advance(|_| to),
    };
    match moved {
        Ok(now_ms) => Ok(shown(state, now_ms)),
        Err(past) => Err(Problem::new(
            409,
            format!(
                "The clock is already at {} ms and only moves forward. POST /__admin/reset sets it back to 0.",
                past.now_ms
            ),
        )),
    }
}

fn shown(state: &State, now_ms: u64) -> Reply {
    Reply::json(200, &json!({ "now_ms": now_ms, "mode": state.clock.mode().name() }))
}

fn asked(state: &State, text: &str) -> Result<Move, Problem> {
    let source = Arc::new(Source::new("body", text));
    let mut problems = Problems::new(state.limits.errors_shown_max);
    let document = problems.keep(parse(&source, &state.limits));
    let read = document.as_ref().and_then(|document| {
        let fields = problems.keep(Fields::of(document.source, &document.root, &MOVE))?;
        let advance = problems.keep(fields.whole_number("advance_ms", 0..=FARTHEST_MS))?;
        let set = problems.keep(fields.whole_number("set_ms", 0..=FARTHEST_MS))?;
        match (advance, set) {
            (Some(ms), None) => Some(Move::Advance(Duration::from_millis(ms))),
            (None, Some(ms)) => Some(Move::Set(Duration::from_millis(ms))),
            _ => {
                let at = fields.location(fields.opening());
                let expected = "expected exactly one of `advance_ms` and `set_ms`";
                problems.push(crate::diagnostics::Problem::new("ambiguous clock request", at, expected));
                None
            }
        }
    });
    read.ok_or_else(|| Problem::of_document(&problems))
}
