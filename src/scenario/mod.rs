//! Scenario files, `--fault` flags and overrides become rules: compiled, immutable, indexed by user.
//!
//! - `load.rs` reads a scenario file, `raw_rule.rs` one of its rules or an override, `flag.rs` a `--fault`.
//! - `target.rs`, `conditions.rs`, `header_name.rs`, `calls.rs`, `status.rs`, `sequence.rs`, `delay.rs`, `fault.rs` and
//!   `phase.rs` read the parts of a rule; `names.rs` holds the names in use.
//! - `rule.rs` is a rule, and `rules.rs` finds the rules of a user.
//! - `reach.rs` finds rules that can never match, `rates.rs` how often those with a `chance` apply.
//! - `down.rs` is the windows of time without connections.
//! - `expect/` is what the consumer must do, a file for each kind of expectation.
//! - `schema/` describes the files for editors.

mod calls;
mod conditions;
mod delay;
mod down;
mod expect;
mod fault;
mod flag;
mod header_name;
mod load;
mod names;
mod phase;
mod rates;
mod raw_rule;
mod reach;
mod rule;
mod rules;
#[cfg(test)]
mod schema;
mod sequence;
mod status;
mod target;

pub(crate) use calls::Calls;
pub(crate) use conditions::{Asked, Conditions, Occasion, operation as operation_named};
pub(crate) use delay::Delay;
pub(crate) use down::{Control, Down, Window};
pub(crate) use expect::{Basis, Case, Expectation, Miss, Requirement, Seen, expectations, whole_ms, words};
pub use fault::Fault;
pub(crate) use fault::{FAULT_KINDS, FaultClass, FaultKind, HandWritten, WireEffect};
pub(crate) use flag::{
    FLAG, as_rule as fault_as_rule, check_flag, compile_flag, looks_like_a_chance, with_id as fault_with_id,
};
pub(crate) use load::SCENARIO;
pub(crate) use load::{Scenario, load_scenario, names_in, unreachable_in};
pub(crate) use names::{NAME_CHARS, Names, is_name};
pub(crate) use rates::{Behind, Rate, rates, unmet};
pub(crate) use raw_rule::{NEXT_MAX, Overriding, override_rule};
pub(crate) use reach::Reach;
pub use rule::Phase;
pub(crate) use rule::{Facet, Facets, Rule, RuleLabel};
pub(crate) use rules::{Rules, RulesOfCall};
pub(crate) use sequence::FINAL_STATUSES;
pub use sequence::Then;
pub(crate) use status::StatusFacet;
pub(crate) use target::{Alias, Known, Targets};

// The parts of the schema, which tests make.
#[cfg(test)]
pub(crate) use self::{
    calls::PATTERN as CALLS_PATTERN,
    delay::{DELAY, LOGNORMAL, SIGMA_MAX},
    down::WINDOW,
    expect::{AFTER_LOST, BOUNDS, EXPECT_WHEN, EXPECTATION, KINDS as EXPECTATION_KINDS, NOTIFIED, SENT, Shape},
    fault::{CHUNKS_MAX, DRIBBLE, FAULT_OBJECT},
    header_name::HEADER_NAME_PATTERN,
    raw_rule::{RULE, WHEN},
    schema::{fault_names, scenario_schema},
    sequence::STATUSES_MAX,
    status::{BESIDE_A_STATUS, ERROR, REASON_CHARS_MAX, RESERVED as RESERVED_HEADERS},
};

/// The schema of scenario files, for editors: what the types of `schema/` describe, as a test holds.
#[cfg(feature = "console")]
pub(crate) const SCENARIO_SCHEMA: crate::packed::Packed = packed!("scenarios/scenario.schema.json");
