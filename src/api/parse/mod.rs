//! Steps 1 to 3: a request is held against HTTP and the contract.
//!
//! - `fields.rs`: the header fields that the steps read
//! - `head.rs`: well-formed HTTP
//! - `host.rs`: the grammar of `Host`
//! - `parameters.rs`: the contract of the operation
//! - `placeholder.rs`: ids that are names in braces
//! - `unknown_path.rs`: what is wrong with a path that no operation has

mod fields;
mod head;
mod host;
mod parameters;
mod placeholder;
mod unknown_path;

pub(super) use fields::{Field, Fields};
pub(super) use head::check as check_head;
pub(super) use parameters::{Parameters, check as check_parameters};
pub(super) use placeholder::placeholder_note;
pub(super) use unknown_path::{at_root, unknown_path};
