//! Decides what a setup answers to a call. Pure: the same setup, call and call number give the same outcome.
//!
//! - `setup.rs`: a setup, made of files and flags
//! - `written.rs`: the rules of a setup, as they are written
//! - `call.rs`: a counted call
//! - `decide.rs`: the decision
//! - `outcome.rs`: its outcome
//! - `explain.rs`: which rules caused it, and why the others did not
//! - `findings.rs`: what is known of rules before any call
//! - `reason.rs`: seals the reason of a refusal
//! - `hiding.rs`: hides secrets in requests that are shown
//! - `example.rs`: the project and user of examples
//! - `embedded.rs`: the users and the scenario of a server without files

mod call;
mod decide;
mod embedded;
#[cfg(feature = "console")]
mod example;
mod explain;
mod findings;
mod hiding;
mod outcome;
mod reason;
mod setup;
mod written;

pub(crate) use call::{About, Call, NewPassword, stream_of_other};
pub(crate) use decide::{address, decide, loses};
#[cfg(feature = "console")]
pub(crate) use example::{SampleQuery, example_body, example_project, example_user, samples};
pub(crate) use explain::{Explained, Judged, NoRequest, Turns, because, explain};
pub(crate) use findings::{Finding, Finds, findings};
pub(crate) use outcome::{Injected, Outcome, Refusal};
pub(crate) use reason::{Principal, Refused, Why, opened_reason, sealed_reason};
pub use setup::Auth;
pub(crate) use setup::{Given, Settings, Setup, TOKEN_TTL_MS};
