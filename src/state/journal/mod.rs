//! The journal: the last requests and their answers, within bounds of entries and bytes.
//!
//! - `arrival`: a request as it is written down, and read back
//! - `bodies`: the beginnings of bodies, without secrets
//! - `entry`: an entry, as readers see it
//! - `filter`: which entries a reader asks for
//! - `record`: one request as it is kept
//! - `texts`: the texts of records, in blocks that are used again
//! - `store`: the journal
//! - `pages`: how a page of it is read
//! - `looking`: the changes that a follower has not seen

pub(super) mod arrival;
pub(super) mod bodies;
pub(super) mod entry;
pub(super) mod filter;
pub(super) mod looking;
pub(super) mod pages;
pub(super) mod record;
pub(super) mod store;
pub(super) mod texts;
