//! Step 7: an answer, until it becomes HTTP.
//!
//! - `answered.rs`: answers to counted calls and to refused requests
//! - `reply.rs`: status, header fields and content of an answer
//! - `body.rs`: renders bodies; no other file does
//! - `content.rs`: the bytes of a body
//! - `listing.rs`: a list of users that is written piece by piece
//! - `listed_user.rs`: a user as lists and details show them
//! - `explained.rs`: the header fields that name rules and link to errors

mod answered;
mod body;
mod content;
mod explained;
mod listed_user;
mod listing;
mod reply;

pub(crate) use answered::Answered;
pub(super) use answered::{Says, of_outcome, refuse, with_body};
pub(crate) use content::Content;
pub(super) use listed_user::{detail, expires_ms};
pub(super) use listing::Contents;
pub(crate) use listing::{Listing, PIECE};
