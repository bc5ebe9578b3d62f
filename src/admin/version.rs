//! `version`: which wksmock is this?

use super::reply::Reply;
use crate::draw;
use serde_json::json;

pub(super) fn show() -> Reply {
    Reply::json(
        200,
        &json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "commit": option_env!("BUILT_FROM_COMMIT"),
            "password_scheme": draw::SCHEME,
        }),
    )
}
