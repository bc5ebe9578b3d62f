//! The ids and times that examples of several bodies share.

use serde_json::{Value, json};

/// The built-in project: that of the documentation's example.
pub const PROJECT: &str = "0bec5db98280d2d02fd6c00c2de791ce";
/// The first user of [`PROJECT`](crate::PROJECT).
pub const USER: &str = "8a2c3f9579d240820179d51e6caf0001";

pub(super) const ACCOUNT_ID: &str = "7116d09f88fa41908676fdd4b039e95b";
pub(super) const DOMAIN_ID: &str = "d78cbac186b744899480f25bd022f468";
/// Times of something that begins and ends.
pub(super) const BEGINS_AT: &str = "2020-01-03T09:08:49.965000Z";
pub(super) const ENDS_AT: &str = "2020-01-04T09:08:49.965000Z";

pub(super) fn domain() -> Value {
    json!({ "id": DOMAIN_ID, "name": "wksmock" })
}
