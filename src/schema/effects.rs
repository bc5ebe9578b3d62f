//! What a rule may do to an answer beside its status, and windows of time. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::limits::Limits;
use crate::scenario::{CHUNKS_MAX, Fault as ReadFault, SIGMA_MAX};
use schemars::JsonSchema;
use serde_json::{Value, json};

/// The longest delay, unless the server has another limit.
fn delay_ms_max() -> u64 {
    u64::try_from(Limits::default().delay.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds, whole ones.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Milliseconds(#[schemars(range(max = delay_ms_max()))] u64);

/// Milliseconds, whole ones, from 1.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct SomeMilliseconds(#[schemars(range(min = 1, max = delay_ms_max()))] u64);

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
    median_ms: SomeMilliseconds,
    /// How wide it is: 0 is always the median, 0.6 is usual, 2 is wild.
    #[schemars(range(min = 0, max = SIGMA_MAX))]
    sigma: f64,
    /// Milliseconds that no delay exceeds.
    max_ms: SomeMilliseconds,
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
    /// How many pieces of the body there are, if it has so many bytes.
    #[schemars(range(min = 1, max = CHUNKS_MAX))]
    chunks: u64,
    /// Milliseconds from the head to the last piece.
    over_ms: Milliseconds,
}

/// Milliseconds of virtual time since the start or the last reset: from the first, included, to the second, excluded.
/// `null` leaves an end open.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Window((Option<u64>, Option<u64>));

/// Each with its description, so that editors show it.
fn named_faults() -> Vec<Value> {
    ReadFault::descriptions().map(|(name, what)| json!({ "const": name, "description": what })).collect()
}
