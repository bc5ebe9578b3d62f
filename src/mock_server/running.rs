//! A running server and its methods.

use super::checks::Checks;
use super::errors::{InvalidInput, OverrideError};
#[cfg(feature = "tls")]
use super::https::Https;
use super::{Expect, Rule, overrides};
use crate::report::{self, Coverage, Verdict};
use crate::server::{Delivering, Shared};
use crate::state::{Entry, Message, Whose};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A running server, on a thread and a runtime of its own: a test that blocks cannot starve it.
///
/// It listens on a free port of 127.0.0.1, and ends when it is dropped. A drop judges the expectations, and panics with
/// the report if one failed; unless the test has judged them or its clones, or is failing already: then the drop prints the
/// requests instead.
///
/// ```
/// use wksmock::{MockServer, Rule, USER};
///
/// let mock = MockServer::start_blocking();
/// mock.override_rule(Rule::for_user(USER).status(503))?;
/// // … the program under test calls mock.url(), and gets a 503 …
/// assert!(mock.url().starts_with("http://127.0.0.1:"));
/// assert!(mock.requests().is_empty());
/// # Ok::<(), wksmock::OverrideError>(())
/// ```
#[derive(Debug)]
pub struct MockServer {
    pub(super) url: String,
    #[cfg(feature = "tls")]
    pub(super) https: Option<Https>,
    pub(super) shared: Arc<Shared>,
    pub(super) thread: Option<JoinHandle<()>>,
    pub(super) delivering: Option<Delivering>,
    pub(super) checks: Checks,
}

impl MockServer {
    /// The server's URL, as in `http://127.0.0.1:40123`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's URL for HTTPS, without a trailing slash; `None` without [`tls`](crate::MockServerBuilder::tls).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn https_url(&self) -> Option<&str> {
        self.https.as_ref().map(|https| https.url.as_str())
    }

    /// The certificate of the authority, as PEM, for clients to trust; `None` without
    /// [`tls`](crate::MockServerBuilder::tls).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.https.as_ref().map(|https| https.ca_pem.as_str())
    }

    /// The journal's entries, oldest first, within [`Limits`](crate::Limits).
    #[must_use]
    pub fn requests(&self) -> Vec<Entry> {
        self.checks.entries(None)
    }

    /// The messages to users, oldest first, within [`Limits`](crate::Limits).
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// let mock = wksmock::MockServer::builder().start_blocking()?;
    /// // … the program under test resets a password with notification_type=email …
    /// # let mut stream = std::net::TcpStream::connect(mock.url().trim_start_matches("http://"))?;
    /// # let path = "/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password";
    /// # let fields = "Host: x\r\nContent-Type: application/json\r\nConnection: close\r\n";
    /// # write!(stream, "GET {path}?notification_type=email HTTP/1.1\r\n{fields}\r\n")?;
    /// # stream.read_to_end(&mut Vec::new())?;
    /// let [message] = &mock.outbox()[..] else { panic!() };
    /// assert_eq!((message.kind(), message.to.as_str()), ("email", "api-test@example.com"));
    /// assert!(message.text.contains(&message.password));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.checks.messages()
    }

    /// Answers all further calls of a user with a documented status. Returns the id of the override.
    ///
    /// Later overrides take precedence over earlier ones, and all of them over loaded rules.
    ///
    /// # Errors
    /// If the user is unknown, the status is not documented, or a limit is reached.
    pub fn override_status(&self, user: &str, status: u16) -> Result<u64, OverrideError> {
        self.override_rule(Rule::for_user(user).status(status))
    }

    /// Adds an override: a rule that takes precedence over all others. Returns its id.
    ///
    /// ```
    /// use wksmock::{MockServer, Rule, USER};
    ///
    /// let mock = MockServer::start_blocking();
    /// mock.override_rule(Rule::for_user(USER).next(2).status(503).header("Retry-After", "1"))?;
    /// # Ok::<(), wksmock::OverrideError>(())
    /// ```
    ///
    /// # Errors
    /// If the rule is invalid, its name is taken, or a limit is reached.
    #[expect(clippy::needless_pass_by_value, reason = "a rule is made for this call")]
    pub fn override_rule(&self, rule: Rule) -> Result<u64, OverrideError> {
        overrides::add(&self.shared.state, &rule.to_json())
    }

    /// Adds an override in the form of `--fault`. Returns its id.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::start_blocking();
    /// mock.override_fault("0001=503:1-2")?;
    /// # Ok::<(), wksmock::OverrideError>(())
    /// ```
    ///
    /// # Errors
    /// If the fault is invalid, or a limit is reached.
    pub fn override_fault(&self, fault: &str) -> Result<u64, OverrideError> {
        overrides::add_flag(&self.shared.state, fault, None)
    }

    /// Adds an override by the text of a scenario's rule, with optional name. Returns its id.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::start_blocking();
    /// mock.override_json(r#"{"when": {"calls": "1-2"}, "status": 503, "headers": {"Retry-After": "1"}}"#)?;
    /// # Ok::<(), wksmock::OverrideError>(())
    /// ```
    ///
    /// # Errors
    /// If the rule is invalid, its name is taken, or a limit is reached.
    pub fn override_json(&self, rule: &str) -> Result<u64, OverrideError> {
        overrides::add(&self.shared.state, rule)
    }

    /// Removes an override by its id. False for an unknown id.
    pub fn remove_override(&self, id: u64) -> bool {
        self.shared.state.remove_override(id)
    }

    /// Removes all overrides.
    pub fn remove_overrides(&self) {
        self.shared.state.remove_overrides();
    }

    /// The password of a user's call, made or not; calls are counted from 1. `None` for an unknown user.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// assert_eq!(mock.password(wksmock::PROJECT, wksmock::USER, 1).as_deref(), Some("9*JO$jemDg"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn password(&self, project: &str, user: &str, call: u64) -> Option<String> {
        overrides::password(&self.shared.state, project, user, call)
    }

    /// A user's current password: that of the highest successful call, or one sent since then.
    ///
    /// `None` before the first, and for an unknown user.
    #[must_use]
    pub fn current_password(&self, project: &str, user: &str) -> Option<String> {
        overrides::current_password(&self.shared.state, project, user)
    }

    /// Virtual time since the start or the last reset.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.shared.state.clock.virtual_now()
    }

    /// Moves virtual time forward, which ends delays.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wksmock::{ClockMode, MockServer};
    ///
    /// let mock = MockServer::builder().clock(ClockMode::Manual).start_blocking()?;
    /// mock.advance(Duration::from_secs(30));
    /// assert_eq!(mock.now(), Duration::from_secs(30));
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn advance(&self, by: Duration) {
        // Moving forward cannot fail.
        let _ = self.shared.state.advance(|now| now.saturating_add(by));
    }

    /// Adds an expectation. It is judged beside those of the scenarios, by the calls from the start on.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// use wksmock::{Expect, MockServer};
    ///
    /// let mock = MockServer::start_blocking();
    /// mock.expect(Expect::from_user("0001").calls(1..=3).ends_with(200))?;
    /// // … the program under test calls mock.url() …
    /// # let mut stream = std::net::TcpStream::connect(mock.url().trim_start_matches("http://"))?;
    /// # let path = "/v2/0bec5db98280d2d02fd6c00c2de791ce/users/8a2c3f9579d240820179d51e6caf0001/random-password";
    /// # write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")?;
    /// # stream.read_to_end(&mut Vec::new())?;
    /// drop(mock); // Panics if the expectation failed.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the expectation is invalid, or its name is taken.
    pub fn expect(&self, expect: Expect) -> Result<(), InvalidInput> {
        self.checks.add(expect)
    }

    /// Judges the expectations by the calls so far. The server is then not judged again when it is dropped.
    ///
    /// ```
    /// use wksmock::{Expect, MockServer};
    ///
    /// let mock = MockServer::builder()
    ///     .expect(Expect::from_all().named("gives up after three").calls(..=3))
    ///     .start_blocking()?;
    /// // … the program under test calls mock.url() …
    /// let verdict = mock.verify();
    /// verdict.assert_satisfied();
    /// assert_eq!(verdict.expectations[0].expected, ["at most 3 calls"]);
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn verify(&self) -> Verdict {
        self.checks.verify()
    }

    /// Judges the expectations, and panics with the report if one failed.
    ///
    /// # Panics
    /// If an expectation failed.
    #[track_caller]
    pub fn assert_satisfied(&self) {
        self.verify().assert_satisfied();
    }

    /// Judges until all expectations hold, one fails for good, or the time is up.
    ///
    /// For a program that goes on in the background. It works in any async runtime and blocks none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wksmock::{Expect, MockServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mock = MockServer::start().await;
    /// mock.expect(Expect::from_user("0001").calls(1))?;
    /// # let request = reqwest::Client::new().get(format!("{}/v2/{}/users/{}/random-password", mock.url(), wksmock::PROJECT, wksmock::USER));
    /// # let in_background = request.header("Content-Type", "application/json").send();
    /// tokio::spawn(in_background);
    /// mock.verify_within(Duration::from_secs(10)).await.assert_satisfied();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_within(&self, time: Duration) -> Verdict {
        self.checks.verify_within(time).await
    }

    /// Judges as [`MockServer::verify_within`] does, outside asynchronous code.
    pub fn verify_within_blocking(&self, time: Duration) -> Verdict {
        self.checks.verify_within_blocking(time)
    }

    /// Coverage of the documented statuses so far. A reset clears it; deleting journal entries does not.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// let coverage = mock.coverage();
    /// assert_eq!((coverage.met, coverage.documented), (0, 8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        report::coverage(&self.shared.state, None, Whose::Clients)
    }

    /// Resets call numbers, current passwords, overrides, coverage, the clock and the journal. Clones stay, reset too.
    pub fn reset(&self) {
        self.shared.state.reset(None);
    }

    /// Resets one project or clone. False for an unknown project.
    pub fn reset_project(&self, id: &str) -> bool {
        self.shared.state.reset(Some(id)).is_some()
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &crate::state::State {
        &self.shared.state
    }
}

impl Drop for MockServer {
    #[track_caller]
    fn drop(&mut self) {
        let failed = self.checks.on_drop();
        self.shared.state.lifecycle.cut();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // After the cut, the thread ends at once.
        if let Some(delivering) = self.delivering.take() {
            delivering.finish_blocking();
        }
        if let Some(verdict) = failed {
            verdict.assert_satisfied();
        }
    }
}
