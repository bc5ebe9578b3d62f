//! A mock of Huawei Cloud Workspace's "reset a random password" API:
//! `GET /v2/{project_id}/users/{user_id}/random-password`.
//!
//! [`Mock`] is the server inside a test of Rust; the binary `wksmock` is the same server for everybody else.
//!
//! ```
//! use std::io::{Read, Write};
//! use wksmock::Mock;
//!
//! let mock = Mock::builder().fault("8a2c3f9579d240820179d51e6caf0001=503:1-2").start()?;
//!
//! // Any client does; this is the plainest one.
//! let address = mock.url().strip_prefix("http://").unwrap();
//! let mut stream = std::net::TcpStream::connect(address)?;
//! write!(
//!     stream,
//!     "GET /v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password HTTP/1.1\r\n\
//!      Host: {address}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
//! )?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 503 "));
//!
//! let requests = mock.requests();
//! assert_eq!(requests[0].call, Some(1));
//! assert_eq!(requests[0].answer.unwrap().status, 503);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! All are on by default. A test needs none of them, and compiles in half the time without: add the crate with
//! `default-features = false`.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `cli` | the program `wksmock` |
//! | `metrics` | `/__admin/metrics`, for Prometheus; without it that is a 404 |
//! | `reports` | the JUnit report of `wksmock run`; needs `cli` |
//! | `smtp` | `MockBuilder::smtp`, which delivers e-mails to a mail server |
//!
//! # Rooms
//!
//! A request goes from left to right, and a room may use any room to its right:
//! `cli`, `mock` → `files` → `server` → `api`, `admin` → `console` → `report` → `state` → `engine` → `samples` → `schema` →
//! `scenario` → `fixture` → `draw` → `source` → `contract`. What is right of `state` is pure. `ARCHITECTURE.md` says more.

// A build with every feature finds what nothing uses any more.
#![cfg_attr(
    not(all(feature = "cli", feature = "metrics")),
    allow(dead_code, unused_imports, reason = "the program and the metrics use more than the crate alone")
)]

mod admin;
mod api;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod console;
mod contract;
mod draw;
mod engine;
mod files;
mod fixture;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod limits;
mod mock;
mod report;
mod samples;
mod scenario;
mod schema;
mod server;
mod source;
mod state;

pub use contract::Fidelity;
pub use engine::Auth;
pub use limits::{LimitRange, Limits};
pub use mock::{CloneError, Mock, MockBuilder, OverrideError, StartError};
pub use report::{
    Coverage, CoverageUser, ExpectationVerdict, FirstRequest, NeverStruck, OperationCoverage, Recovery, Rejected,
    RejectedCause, RuleStrikes, SeenCall, SilentRepeat, StatusCoverage, Verdict,
};
pub use state::{
    Answer, Body, By, Cause, Causes, ClockMode, Decision, DecisionError, Entry, EntryState, Message, MessageState,
};

#[cfg(doctest)]
#[doc = include_str!("../docs/test-suites.md")]
struct TestSuites;
