//! The users and the scenario that `serve` has without any file.

use crate::diagnostics::Source;
use std::sync::{Arc, LazyLock};

/// The example project and user of the documentation, a user-activated one, and the magic users.
pub(super) fn users() -> Arc<Source> {
    let text = include_str!("../../fixtures/users.json");
    Arc::new(Source::new("fixtures/users.json", text))
}

/// The scenario with the rules of the magic users.
pub(super) fn scenario() -> &'static Arc<Source> {
    static SCENARIO: LazyLock<Arc<Source>> = LazyLock::new(|| {
        let text = include_str!("../../scenarios/magic-users.json");
        Arc::new(Source::new("scenarios/magic-users.json", text))
    });
    &SCENARIO
}
