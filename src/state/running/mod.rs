//! The running setup: what decides now, and how it changes.
//!
//! - `setup`: what is swapped whole
//! - `lookup`: finds a user in a project or a clone
//! - `met`: who called and what was met, over projects and clones
//! - `since`: what had been counted when a scenario was put in place
//! - `overrides`: rules set at run time
//! - `reload`: other files or another scenario
//! - `reset`: counters begin anew
//! - `freshness`: whether files were bad
//! - `nursery`: gives clones their indices, ids and lives
//! - `cloning`: makes, lists and ends clones
//! - `own_scenario`: the scenario of one clone
//! - `raw_scenario`: scenarios word for word
//! - `scenario_file`: what is in force, written as one scenario

pub(super) mod cloning;
pub(super) mod freshness;
pub(super) mod lookup;
pub(super) mod met;
pub(super) mod nursery;
pub(super) mod overrides;
pub(super) mod own_scenario;
pub(super) mod raw_scenario;
pub(super) mod reload;
pub(super) mod reset;
pub(super) mod scenario_file;
pub(super) mod setup;
pub(super) mod since;
