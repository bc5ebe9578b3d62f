//! Everything that a user can see, through the public API, real sockets and the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may end where it finds something wrong"
)]

mod admin;
mod api;
mod architecture;
mod binary;
mod client;
mod command_line;
mod connection;
mod credentials;
mod determinism;
mod error_bodies;
mod examples;
mod file_errors;
mod hygiene;
mod library;
mod logs;
mod openapi;
mod overrides;
mod process;
mod properties;
mod readme;
mod signals;
mod slow_clients;
mod soak;

/// The embedded project, and its users by the end of their ids.
pub(crate) const PROJECT: &str = "0bec5db98280d2d02fd6c00c2de791ce";

pub(crate) fn user(end: &str) -> String {
    format!("8a2c3f9579d240820179d51e6caf{end}")
}

/// The path of a reset.
pub(crate) fn reset_path(user: &str) -> String {
    format!("/v2/{PROJECT}/users/{user}/random-password")
}
