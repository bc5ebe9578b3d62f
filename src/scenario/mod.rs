//! Scenario files, `--fault` flags and overrides become rules, compiled, immutable, indexed by user; and expectations.
//!
//! `rule.rs` is what a rule is, `load.rs` reads scenario files, `entry.rs` one rule of them, `target.rs`,
//! `conditions.rs`, `status.rs`, `sequence.rs`, `delay.rs`, `fault.rs` and `phase.rs` its parts, `calls.rs` the grammar of
//! call numbers, `flag.rs` that of `--fault`, `down.rs` windows in which nobody can connect, `reach.rs` finds rules that can
//! never match, `rates.rs` says how often those with a `chance` strike, and `rules.rs` finds the rules of a user.
//! `expectation.rs` is what an expectation is, and `expect.rs` reads them.

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
mod sequence;
mod status;
mod target;

pub(crate) use calls::{Calls, PATTERN as CALLS_PATTERN};
pub(crate) use conditions::{Asked, Conditions, Occasion, operation as operation_named};
pub(crate) use delay::{DELAY, LOGNORMAL};
pub(crate) use delay::{Delay, SIGMA_MAX};
pub(crate) use down::WINDOW;
pub(crate) use down::{Control, Down, Window};
pub(crate) use expect::{
    AFTER_LOST, BOUNDS, Basis, Case, EXPECT_WHEN, EXPECTATION, Expectation, KINDS as EXPECTATION_KINDS, Miss, NOTIFIED,
    Requirement, SENT, Seen, expectations, whole_ms, words,
};
pub(crate) use fault::{
    CHUNKS_MAX, DRIBBLE, FAULT_KINDS, FAULT_OBJECT, Fault, FaultClass, FaultKind, HandWritten, WireEffect,
};
pub(crate) use flag::{FLAG, as_rule as fault_as_rule, fault, looks_like_a_chance, with_id as fault_with_id};
pub(crate) use header_name::HEADER_NAME_PATTERN;
pub(crate) use load::SCENARIO;
pub(crate) use load::{Scenario, load, names_in, unreachable_in};
pub(crate) use names::{NAME_CHARS, Names};
pub(crate) use rates::{Behind, Rate, rates, unmet};
pub(crate) use raw_rule::{NEXT_MAX, Overriding, RULE, WHEN, override_rule};
pub(crate) use reach::Reach;
pub(crate) use rule::{Facet, Facets, Phase, Rule, RuleLabel};
pub(crate) use rules::Rules;
pub(crate) use sequence::{FINAL_STATUSES, FinalStatus, STATUSES_MAX, Then};
pub(crate) use status::{BESIDE_A_STATUS, ERROR, REASON_CHARS_MAX, RESERVED as RESERVED_HEADERS, StatusFacet};
pub(crate) use target::{Alias, Known, Targets};
