//! Decides: what a set-up answers to a call. Pure: the same set-up, call and call number give the same outcome.
//!
//! `setup.rs` makes a set-up of files and flags, `written.rs` its rules, `decide.rs` decides a call, `outcome.rs` is what
//! comes of it, `explain.rs` says why, `findings.rs` what is known of rules before any call, `reason.rs` seals why it was
//! refused, `hiding.rs` hides secrets in what is shown of requests, `example.rs` says what examples are of, and `embedded.rs` holds the users and the scenario that are there
//! without any file.

mod decide;
mod embedded;
mod example;
mod explain;
mod findings;
mod hiding;
mod outcome;
mod reason;
mod setup;
mod written;

pub(crate) use decide::{AccountCall, Call, Whom, address, decide, decide_of_account, loses};
pub(crate) use example::{Asked, example_body, example_project, example_user, samples};
pub(crate) use explain::{Explained, Judged, NoRequest, Turns, because, explain, explain_of_account};
pub(crate) use findings::{Finding, Finds, findings};
pub(crate) use outcome::{Injected, Outcome, Refusal};
pub(crate) use reason::{Principal, Refused, Why, opened_reason, sealed_reason};
pub use setup::Auth;
pub(crate) use setup::{Given, Settings, Setup, TOKEN_TTL_MS};
