//! The schema of delays, faults and windows of time. The types are described, never made.
#![allow(dead_code, reason = "a schema is made of these types, and nothing else is")]

use crate::limits::Limits;
use crate::scenario::{CHUNKS_MAX, FAULT_KINDS, Fault as ReadFault, SIGMA_MAX};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// The longest delay, unless the server has another limit.
fn delay_ms_max() -> u64 {
    u64::try_from(Limits::default().delay.as_millis()).unwrap_or(u64::MAX)
}

/// Whole milliseconds.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Milliseconds(#[schemars(range(max = delay_ms_max()))] u64);

/// Whole milliseconds, at least 1.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct SomeMilliseconds(#[schemars(range(min = 1, max = delay_ms_max()))] u64);

/// A delay in one of three forms, at most 5 minutes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
pub(super) struct Delay {
    /// The same number of milliseconds for every call.
    fixed_ms: Option<Milliseconds>,
    /// The minimum and maximum in milliseconds; the delay of each call is drawn uniformly from the seed.
    uniform_ms: Option<[Milliseconds; 2]>,
    /// A log-normal distribution, drawn for each call from the seed: mostly near the median, sometimes much longer,
    /// like real services.
    lognormal: Option<Lognormal>,
}

/// A log-normal distribution.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Lognormal {
    /// The median in milliseconds.
    median_ms: SomeMilliseconds,
    /// The spread: 0 is always the median, 0.6 is typical, 2 is extreme.
    #[schemars(range(min = 0, max = SIGMA_MAX))]
    sigma: f64,
    /// The maximum in milliseconds.
    max_ms: SomeMilliseconds,
}

/// A fault on the wire: its name, or an object for a fault with parameters.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Fault {
    Named(#[schemars(extend("oneOf" = named_faults()))] String),
    Dribble(Dribbled),
}

#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("description" = ReadFault::Dribble { chunks: 1, over_ms: 0 }.kind().description),
)]
pub(super) struct Dribbled {
    /// How to send the answer.
    dribble: Dribble,
}

/// The number of pieces, and their total time.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Dribble {
    /// The number of pieces of the body; at most one per byte.
    #[schemars(range(min = 1, max = CHUNKS_MAX))]
    chunks: u64,
    /// Milliseconds from the head to the last piece.
    over_ms: Milliseconds,
}

/// A window in milliseconds of virtual time since the start or the last reset: the first is inclusive, the second
/// exclusive. `null` leaves an end open.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub(super) struct Window((Option<u64>, Option<u64>));

/// The name of a fault of any kind, or null.
pub(crate) fn fault_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = FAULT_KINDS.iter().map(|kind| kind.name).collect();
    json_schema!({ "anyOf": [{ "type": "string", "enum": names }, { "type": "null" }] })
}

/// Each with its description, so that editors show it.
fn named_faults() -> Vec<Value> {
    FAULT_KINDS
        .iter()
        .filter(|kind| kind.plain.is_some())
        .map(|kind| json!({ "const": kind.name, "description": kind.description }))
        .collect()
}
