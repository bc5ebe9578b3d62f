//! Scenario files, `--fault` flags and overrides become rules: compiled, immutable, indexed by user.
//!
//! `rule.rs` is what a rule is, `load.rs` reads scenario files, `entry.rs` one rule of them, `target.rs`,
//! `conditions.rs`, `status.rs`, `sequence.rs`, `delay.rs`, `fault.rs` and `phase.rs` its parts, `calls.rs` the grammar of
//! call numbers, `flag.rs` that of `--fault`, `down.rs` windows in which nobody can connect, `reach.rs` finds rules that can never match, and `rules.rs` finds the rules
//! of a user.

mod calls;
mod conditions;
mod delay;
mod down;
mod entry;
mod fault;
mod flag;
mod load;
mod phase;
mod reach;
mod rule;
mod rules;
mod sequence;
mod status;
mod target;

pub(crate) use calls::Calls;
pub(crate) use conditions::{Asked, Conditions, Occasion};
pub(crate) use delay::Delay;
pub(crate) use down::{Control, Down};
pub(crate) use entry::{Names, override_rule};
pub(crate) use fault::Fault;
pub(crate) use flag::fault;
pub(crate) use load::load;
pub(crate) use rule::{Facet, Facets, Phase, Rule, RuleLabel, StatusFacet, Targets};
pub(crate) use rules::Rules;
pub(crate) use sequence::Statuses;
