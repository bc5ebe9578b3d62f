//! The server as a library.
//!
//! - `builder.rs` builds and starts a server; `running.rs` is one that runs; `clones.rs` a clone of one of its projects
//! - `rule.rs`, `expect.rs` and `scenario.rs`: rules and expectations as values, with the element of
//!   `element.rs` and the numbers of `numbers.rs`. They become the text of a scenario, which the reader of files compiles
//! - `overrides.rs`: overrides and passwords; `checks.rs`: expectations of a test
//! - `https.rs` listens for HTTPS; `errors.rs`: errors with their problems; `constants.rs`: the built-in users

mod builder;
mod checks;
mod clones;
mod constants;
mod element;
mod errors;
mod expect;
#[cfg(feature = "tls")]
mod https;
mod numbers;
mod overrides;
mod rule;
mod running;
mod scenario;

pub use builder::MockServerBuilder;
pub use clones::{CloneOptions, ProjectClone};
pub use constants::{MAGIC_USERS, PROJECT, USER, USER_ACTIVATED};
pub use errors::{CloneError, InvalidInput, OverrideError, Problem, StartError};
pub use expect::{Expect, SentHeader};
pub use numbers::{CallNumbers, Times};
pub use rule::{Delay, Rule};
pub use running::MockServer;
pub use scenario::Scenario;
