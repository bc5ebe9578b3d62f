//! What a rule may do to an answer beside its status, and windows of time. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use schemars::JsonSchema;
use serde_json::{Value, json};

/// The longest delay: 5 minutes.
const DELAY_MS_MAX: u64 = 300_000;
/// Faults that are only a name, and what they do.
const FAULTS: [(&str, &str); 8] = [
    ("reset", "No answer: the connection is reset."),
    ("empty_response", "No answer: the connection is closed before the first byte."),
    ("hang", "No answer: the connection stays open and silent."),
    ("random_data", "No answer: bytes that are no HTTP."),
    ("truncated_body", "Half of the body, after a Content-Length that announced all of it."),
    ("wrong_length", "The whole body, after a Content-Length that is too small."),
    ("malformed_chunk", "A chunked body with a chunk that is not well-formed."),
    ("malformed_json", "A body that is not well-formed JSON."),
];

/// Milliseconds, whole ones.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Milliseconds(#[schemars(range(max = DELAY_MS_MAX))] u64);

/// A delay in one of three forms, at most 5 minutes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
pub(super) struct Delay {
    /// Milliseconds, the same for every call.
    fixed_ms: Option<Milliseconds>,
    /// The least and the most milliseconds; each call's are drawn from the seed, all equally likely.
    uniform_ms: Option<[Milliseconds; 2]>,
    /// Drawn for each call from the seed: mostly about the median, now and then much longer, as real services are.
    lognormal: Option<Lognormal>,
}

/// A log-normal distribution.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Lognormal {
    /// Milliseconds that half of the delays stay below.
    median_ms: Milliseconds,
    /// How wide it is: 0 is always the median, 0.6 is usual, 2 is wild.
    #[schemars(range(min = 0))]
    sigma: f64,
    /// Milliseconds that no delay exceeds.
    max_ms: Milliseconds,
}

/// What goes wrong on the wire: the name of a fault, or one with its measures.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Fault {
    Named(#[schemars(extend("oneOf" = named_faults()))] String),
    Dribble(Dribbled),
}

/// The answer comes in pieces.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Dribbled {
    /// How the answer comes.
    dribble: Dribble,
}

/// In how many pieces, and how slowly.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Dribble {
    /// How many pieces.
    #[schemars(range(min = 1))]
    chunks: u64,
    /// Milliseconds from the first piece to the last.
    over_ms: Milliseconds,
}

/// Milliseconds of virtual time since the start or the last reset: from the first, included, to the second, excluded.
/// `null` leaves the end open.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Window((u64, Option<u64>));

/// Each with its description, so that editors show it.
fn named_faults() -> Vec<Value> {
    FAULTS.iter().map(|(name, what)| json!({ "const": name, "description": what })).collect()
}

#[cfg(test)]
pub(super) fn fault_names() -> [&'static str; FAULTS.len()] {
    FAULTS.map(|(name, _)| name)
}
