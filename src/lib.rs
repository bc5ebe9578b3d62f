//! A mock of Huawei Cloud Workspace's "reset a random password" API:
//! `GET /v2/{project_id}/users/{user_id}/random-password`.
//!
//! [`MockServer`] is the server inside a Rust test; the binary `wksmock` is the same server for other programs.
//!
//! ```
//! use wksmock::{Expect, MockServer, PROJECT, Rule, USER};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     comes_through_two_outages().await
//! # }
//! # /*
//! #[tokio::test]
//! # */
//! async fn comes_through_two_outages() -> Result<(), Box<dyn std::error::Error>> {
//!     let mock = MockServer::start().await;
//!     mock.override_rule(Rule::for_user(USER).calls(1..=2).status(503).header("Retry-After", "1"))?;
//!     // It is judged when the server is dropped.
//!     mock.expect(Expect::from_user(USER).statuses([503, 503, 200]))?;
//!
//!     // In place of the program to test.
//!     let (client, url) = (reqwest::Client::new(), mock.url());
//!     for expected in [503, 503, 200] {
//!         let request = client.get(format!("{url}/v2/{PROJECT}/users/{USER}/random-password"));
//!         assert_eq!(request.header("Content-Type", "application/json").send().await?.status(), expected);
//!     }
//!
//!     let requests = mock.requests();
//!     assert_eq!(requests[2].call, Some(3));
//!     assert_eq!(requests[2].answer.unwrap().status, 200);
//!     Ok(())
//! }
//! ```
//!
//! - A test that is not async starts a server with [`MockServer::start_blocking`].
//! - [`MockServer::builder`] sets users, scenarios, rules and everything else.
//! - [`MockServer::clone_project`] gives each of many tests a [`ProjectClone`] of one server.
//! - [`Rule`] and [`Expect`] are the rules and expectations of scenario files as values.
//!
//! # Features
//!
//! All are on by default. A test needs none of them, and compiles half as many crates without: add the crate with
//! `default-features = false`. What a build leaves out, its admin API answers with a 404 that names the feature.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `cli` | the program `wksmock`; needs `console` |
//! | `console` | the console, and of the admin API `openapi.json`, `samples` and `try` |
//! | `metrics` | `/__admin/metrics`, for Prometheus |
//! | `reports` | the JUnit report of `wksmock run`; needs `cli` |
//! | `smtp` | `MockServerBuilder::smtp`, which delivers e-mails to a mail server |
//! | `tls` | HTTPS |
//!
//! # Rooms
//!
//! A request goes from left to right, and a room may use any room to its right:
//! `cli`, `mock_server` → `files` → `server` → `api`, `admin` → `console` → `report` → `state` → `engine` → `samples` →
//! `scenario` → `fixture` → `draw` → `diagnostics` → `redact` → `contract`. What is right of `state` is pure. `ARCHITECTURE.md` says more.

// A build with every feature finds dead code.
#![cfg_attr(
    not(all(feature = "cli", feature = "metrics")),
    allow(dead_code, unused_imports, reason = "the program and the metrics use more than the crate alone")
)]

#[macro_use]
mod invariant;
#[macro_use]
mod named_enum;
#[cfg(feature = "console")]
#[macro_use]
mod packed;

mod admin;
mod api;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "console")]
mod console;
mod contract;
mod diagnostics;
mod draw;
mod engine;
mod files;
mod fixture;
#[cfg(any(clippy, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod ids;
mod limits;
mod mock_server;
mod redact;
mod report;
#[cfg(feature = "console")]
mod samples;
mod scenario;
mod server;
mod state;

pub use contract::Fidelity;
pub use engine::Auth;
pub use limits::{LimitRange, Limits};
pub use mock_server::{
    CallNumbers, CloneError, CloneOptions, Delay, Expect, InvalidInput, MAGIC_USERS, MockServer, MockServerBuilder,
    OverrideError, PROJECT, Problem, ProjectClone, Rule, Scenario, SentHeader, StartError, Times, USER, USER_ACTIVATED,
};
pub use report::{
    Coverage, CoverageUser, ExpectationVerdict, NeverStruck, OperationCoverage, Recovery, RuleStrikes, SeenCall,
    SilentRepeat, StatusCoverage, Verdict,
};
pub use scenario::{Fault, Phase, Then};
pub use state::{
    Answer, Body, By, Cause, Causes, ClockMode, Decision, DecisionError, Entry, EntryState, FirstRequest, Message,
    MessageState, Rejected, RejectedCause, Tls,
};

#[cfg(doctest)]
#[doc = include_str!("../docs/test-suites.md")]
struct TestSuites;
