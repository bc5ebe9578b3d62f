//! The headings of flags in help texts and `docs/cli.md`, in order.

pub(super) const SERVED: &str = "What is served";
pub(super) const FAULTS: &str = "Faults";
pub(super) const CREDENTIALS: &str = "Credentials";
pub(super) const TIME: &str = "Time";
pub(super) const LISTENING: &str = "Listening";
pub(super) const ADMIN: &str = "Admin API";
pub(super) const LIMITS: &str = "Limits";
pub(super) const VERDICT: &str = "Verdict";
pub(super) const OUTPUT: &str = "Output";
pub(super) const REQUEST: &str = "Request";
