//! What is counted and noted, of loaded projects and of clones.
//!
//! - `epoch`: counters of users, from one reset to the next
//! - `accounts`: calls that are counted of accounts
//! - `coverage`: which documented answers were met
//! - `strikes`: how often rules struck
//! - `rejections`: what was refused before it was counted
//! - `noted`: both of these, for a project or a clone
//! - `console`: the same of the console's calls
//! - `user_changes`: users who are not as loaded
//! - `patch`: the fields that were set
//! - `picked`: some of a project's users at one moment
//! - `cloned`: one clone
//! - `clones`: all of them

pub(super) mod accounts;
pub(super) mod cloned;
pub(super) mod clones;
pub(super) mod console;
pub(super) mod coverage;
pub(super) mod epoch;
pub(super) mod noted;
pub(super) mod patch;
pub(super) mod picked;
pub(super) mod rejections;
pub(super) mod strikes;
pub(super) mod user_changes;
