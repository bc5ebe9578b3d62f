//! Scenario files, `--fault` flags and overrides become rules: compiled, immutable, indexed by user.
//!
//! `rule.rs` is what a rule is, `load.rs` reads scenario files, `entry.rs` one rule of them, `target.rs`,
//! `conditions.rs`, `status.rs` and `sequence.rs` its parts, `calls.rs` the grammar of call numbers, `fault.rs` that of
//! `--fault`, `reach.rs` finds rules that can never match, and `rules.rs` finds the rules of a user.

mod calls;
mod conditions;
mod entry;
mod fault;
mod load;
mod reach;
mod rule;
mod rules;
mod sequence;
mod status;
mod target;

pub(crate) use calls::Calls;
pub(crate) use conditions::{Asked, Conditions};
pub(crate) use entry::{Names, override_rule};
pub(crate) use fault::fault;
pub(crate) use load::load;
pub(crate) use rule::{Phase, Rule, RuleLabel, StatusFacet, Targets};
pub(crate) use rules::Rules;
pub(crate) use sequence::Statuses;
pub(crate) use target::{Alias, Known};
