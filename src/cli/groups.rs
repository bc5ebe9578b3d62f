//! Texts that help texts share: the headings of flags, in order, and the rule of variables.

pub(super) const SERVED: &str = "What is served";
pub(super) const FAULTS: &str = "Faults";
pub(super) const CREDENTIALS: &str = "Credentials";
pub(super) const TIME: &str = "Time";
pub(super) const LISTENING: &str = "Listening";
pub(super) const TLS: &str = "HTTPS";
pub(super) const ADMIN: &str = "Admin API";
pub(super) const LIMITS: &str = "Limits";
pub(super) const VERDICT: &str = "Verdict";
pub(super) const OUTPUT: &str = "Output";
pub(super) const REQUEST: &str = "Request";
pub(super) const HELP: &str = "Help";

/// The rule of variables, shown at the end of each help text.
pub(super) const VARIABLES: &str = "Each flag can be set by a variable: --seed by WKSMOCK_SEED, --log-level by WKSMOCK_LOG_LEVEL. A flag takes \
precedence over its variable. In a variable, values of a repeatable flag are separated by line breaks or semicolons.";
