//! `version`: which wksmock is this?

use super::reply::AdminReply;
use crate::draw;
use serde_json::json;

pub(super) fn show() -> AdminReply {
    AdminReply::json(
        200,
        &json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "commit": option_env!("BUILT_FROM_COMMIT"),
            "password_scheme": draw::SCHEME,
        }),
    )
}
