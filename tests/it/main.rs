//! Everything that a user can see, through the public API, real sockets and the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may end where it finds something wrong"
)]

mod admin;
mod admin_lists;
mod admin_page;
mod api;
mod architecture;
mod beginnings;
mod behind_proxy;
mod binary;
mod bodies;
mod client;
mod clients;
mod clones;
mod command_line;
mod connection;
mod console;
mod credentials;
mod crowds;
mod dates;
mod delays;
mod determinism;
mod docs;
mod down;
mod drills;
mod env_file;
mod error_bodies;
mod error_codes;
mod events;
mod examples;
mod explain;
mod faults;
mod field_tables;
mod file_errors;
mod green;
mod held_memory;
mod hostile_lists;
mod hostile_pages;
mod http2;
mod http2_client;
mod https;
mod hygiene;
mod identity;
mod library;
mod lifetime;
mod limit_ranges;
mod limits;
mod limits_of_files;
mod logs;
mod openapi;
mod operations;
mod outbox;
mod outcomes;
mod overrides;
mod own_scenarios;
mod pages;
mod plan;
mod process;
mod proof;
mod properties;
mod readme;
mod reload;
mod requests;
mod rules;
mod run;
mod samples;
mod scenario_check;
mod scenario_files;
mod schema;
mod sdks;
mod secrets;
mod signals;
mod signer;
mod slow_clients;
mod soak;
mod socket;
mod tables;
mod timers;
mod tls;
mod tls_faults;
mod try_it;
mod users;
mod verdicts;
mod words;
mod written;

/// The embedded project, and its users by the end of their ids.
pub(crate) const PROJECT: &str = "0bec5db98280d2d02fd6c00c2de791ce";

pub(crate) fn user(end: &str) -> String {
    format!("8a2c3f9579d240820179d51e6caf{end}")
}

/// The path of a reset.
pub(crate) fn reset_path(user: &str) -> String {
    format!("/v2/{PROJECT}/users/{user}/random-password")
}

/// Builds the bytes of a reset with the usual fields and further header lines.
pub(crate) fn raw_reset(lines: &str) -> String {
    let path = reset_path(&user("0001"));
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{lines}\r\n")
}

/// Starts a server with the embedded users and changed limits.
pub(crate) fn limited(change: impl FnOnce(&mut wksmock::Limits)) -> wksmock::MockServer {
    let mut limits = wksmock::Limits::default();
    change(&mut limits);
    wksmock::MockServer::builder().limits(limits).start_blocking().unwrap()
}

/// Returns the journal's first entry once it has ended.
pub(crate) fn ended(mock: &wksmock::MockServer) -> wksmock::Entry {
    loop {
        let entry = mock.requests().remove(0);
        if entry.state != wksmock::EntryState::InFlight {
            return entry;
        }
        std::thread::yield_now();
    }
}
