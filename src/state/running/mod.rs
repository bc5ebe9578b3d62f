//! The running setup: what decides now, and how it changes.
//!
//! - `setup`: what is swapped whole
//! - `lookup`: finds a user in a project or a clone
//! - `met`: who called and what was met, over projects and clones
//! - `noted`: which rules struck and what was refused, over projects and clones
//! - `console_calls`: the console's calls over projects and clones
//! - `since`: what had been counted when a scenario was put in place
//! - `judged`: which calls the scenario in force judges
//! - `overrides`: rules set at run time
//! - `overriding`: sets, changes and takes back overrides
//! - `put`: scenarios put at run time
//! - `reload`: other files or another scenario
//! - `reset`: counters begin anew
//! - `freshness`: whether files were bad
//! - `cloning`: makes, lists and ends clones
//! - `own_scenario`: the scenario of one clone
//! - `raw_scenario`: scenarios word for word
//! - `scenario_file`: what is in force, written as one scenario

pub(super) mod cloning;
pub(super) mod console_calls;
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
