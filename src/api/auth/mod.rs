//! Step 4: who calls, and whether they may.
//!
//! - `caller.rs`: finds the account of a request, and checks its permissions
//! - `tokens.rs`: makes and opens tokens
//! - `keys.rs`: makes and opens temporary access keys
//! - `signing/`: signs requests, and verifies signatures
//! - `presented.rs`: the credentials of a request that the console tries

mod caller;
mod keys;
mod presented;
mod signing;
mod tokens;

pub(super) use caller::{Caller, Gate, no_token};
pub(super) use keys::{KeyClaims, Statement, issue as issue_key};
pub(crate) use presented::Presenter;
pub(super) use signing::names_signature;
pub(super) use tokens::{Claims, make as make_token, open as open_token, shown_time};
