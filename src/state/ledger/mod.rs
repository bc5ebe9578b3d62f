//! What is counted and noted, of loaded projects and of clones.
//!
//! - `counter`: what is counted of one user
//! - `seats`: counters of loaded users, by their places
//! - `by_name`: counters of other users by id, and of calls that are no resets
//! - `coverage`: how often each documented answer was met
//! - `strikes`: how often rules struck
//! - `rejections`: what was refused before it was counted
//! - `console`: what is noted of the console's calls
//! - `user_changes`: users who are not as loaded
//! - `patch`: the fields that were set
//! - `picked`: some of a project's users at one moment
//! - `book`: all of it, of one project or clone
//! - `epoch`: all projects, from one reset to the next
//! - `own_scenario`: the scenario of a clone
//! - `cloned`: one clone
//! - `clones`: all of them
//! - `nursery`: gives clones their indices, ids and lives

pub(super) mod book;
pub(super) mod by_name;
pub(super) mod cloned;
pub(super) mod clones;
pub(super) mod console;
pub(super) mod counter;
pub(super) mod coverage;
pub(super) mod epoch;
pub(super) mod nursery;
pub(super) mod own_scenario;
pub(super) mod patch;
pub(super) mod picked;
pub(super) mod rejections;
pub(super) mod seats;
pub(super) mod strikes;
pub(super) mod user_changes;
