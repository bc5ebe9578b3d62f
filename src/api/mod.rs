//! The emulated API: from a request whose body has arrived to an answer.
//!
//! - `request.rs`: a request as a value
//! - `pipeline.rs`: the seven steps
//! - `parse/`: what a request must be
//! - `auth/`: who calls, and whether they may
//! - `admitted.rs`: a request that has passed both
//! - `operations/`: the own behaviour of each operation, a file each
//! - `own.rs`: an own behaviour as a value
//! - `in_project.rs`, `json_body.rs`, `messages.rs`: what operations share
//! - `counted.rs`: how calls are counted
//! - `objection.rs`: why a request is refused
//! - `response/`: answers

mod admitted;
mod auth;
mod counted;
mod in_project;
mod json_body;
mod messages;
mod objection;
mod operations;
mod own;
mod parse;
mod pipeline;
mod request;
mod response;

pub(crate) use auth::Presenter;
pub(crate) use objection::Refused;
pub(crate) use pipeline::{answer, check_head, reject};
pub(crate) use request::Request;
pub(crate) use response::{Answered, Content, Listing, PIECE};
