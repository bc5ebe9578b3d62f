//! `version`: which wksmock is this?

use super::reply::AdminReply;
use crate::draw;
use serde::Serialize;

/// The version of the server.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Version {
    /// `wksmock`.
    name: &'static str,
    /// The version, as `wksmock --version` prints it.
    version: &'static str,
    /// The commit that it was built from, if known.
    commit: Option<&'static str>,
    /// The scheme by which passwords and faults are drawn. Another scheme draws others.
    password_scheme: u32,
}

pub(super) fn show() -> AdminReply {
    let version = Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("BUILT_FROM_COMMIT"),
        password_scheme: draw::SCHEME,
    };
    AdminReply::json(200, &version)
}
