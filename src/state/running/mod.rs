//! The running setup, and how it changes.
//!
//! - `setup`: the running setup, swapped whole
//! - `lookup`: finds projects and users
//! - `met`: callers and coverage over projects and clones
//! - `noted`: strikes and refusals over projects and clones
//! - `console_calls`: the console's calls over projects and clones
//! - `since`: the counts when a scenario was put in force
//! - `judged`: which calls the scenario in force judges
//! - `overrides`: rules set at run time
//! - `overriding`: sets, changes and takes back overrides; `flag_override`: those in the form of `--fault`
//! - `put`: scenarios put at run time
//! - `reload`: other files or another scenario
//! - `reset`: resets counters and journal
//! - `freshness`: whether the setup is that of the files
//! - `cloning`: makes, lists and ends clones
//! - `own_scenario`: the scenario of one clone
//! - `raw_scenario`: scenarios word for word
//! - `scenario_file`: writes the rules in force as one scenario

pub(super) mod cloning;
pub(super) mod console_calls;
mod flag_override;
pub(super) mod freshness;
pub(super) mod judged;
pub(super) mod lookup;
pub(super) mod met;
pub(super) mod noted;
pub(super) mod overrides;
pub(super) mod overriding;
pub(super) mod own_scenario;
pub(super) mod put;
pub(super) mod raw_scenario;
pub(super) mod reload;
pub(super) mod reset;
pub(super) mod scenario_file;
pub(super) mod setup;
pub(super) mod since;
