//! What happens, for those who follow it.
//!
//! - `history`: the last changes of the setup
//! - `feed`: entries, messages and changes in one order
//! - `hub`: the last of them as text, made once for all followers

pub(super) mod feed;
pub(super) mod history;
pub(super) mod hub;
