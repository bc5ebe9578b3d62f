//! The ledger: calls, coverage, strikes, refusals and changed users of loaded projects and clones.
//!
//! - `counter`: the counter of one user
//! - `seats`: counters of loaded users, by index
//! - `by_name`: counters of other users, and of all operations but resets
//! - `coverage`: how often each documented answer was met
//! - `strikes`: how often rules struck
//! - `rejections`: requests refused before they were counted
//! - `notes`: all of these, of clients or of the console
//! - `console`: notes on the console's calls
//! - `user_changes`: users that differ from the files
//! - `patch`: the fields that were set
//! - `picked`: a snapshot of some users of a project
//! - `book`: the ledger of one project or clone
//! - `epoch`: the ledgers of all projects, from one reset to the next
//! - `own_scenario`: the scenario of a clone
//! - `cloned`: one clone
//! - `departed`: deleted clones, in the order of their deletion
//! - `clones`: all of them
//! - `shards`: a map that is swapped whole
//! - `nursery`: gives clones their indices, ids and lives

pub(super) mod book;
pub(super) mod by_name;
pub(super) mod cloned;
pub(super) mod clones;
pub(super) mod console;
pub(super) mod counter;
pub(super) mod coverage;
pub(super) mod departed;
pub(super) mod epoch;
pub(super) mod notes;
pub(super) mod nursery;
pub(super) mod own_scenario;
pub(super) mod patch;
pub(super) mod picked;
pub(super) mod rejections;
pub(super) mod seats;
pub(super) mod shards;
pub(super) mod strikes;
pub(super) mod user_changes;
