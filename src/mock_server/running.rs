//! A running server and its methods.

use crate::diagnostics::{Source, Text, draw};
use crate::fixture::checked_id;
use crate::report::{self, Coverage, Verdict};
use crate::server::{Delivering, Shared};
use crate::state::{Entry, Filter, Message, MessageFilter, NotCloned, Refused, Wanted, Whose};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A running server, on a thread and a runtime of its own: a test that blocks cannot starve it.
///
/// It listens on a free port of 127.0.0.1, and ends when it is dropped.
///
/// ```
/// use wksmock::MockServer;
///
/// let mock = MockServer::builder().seed(7).start_blocking()?;
/// let user = "8a2c3f9579d240820179d51e6caf0001";
/// mock.override_status(user, 503)?;
/// // … the program under test calls mock.url(), and gets a 503 …
/// assert!(mock.url().starts_with("http://127.0.0.1:"));
/// assert!(mock.requests().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MockServer {
    pub(super) url: String,
    pub(super) shared: Arc<Shared>,
    pub(super) thread: Option<JoinHandle<()>>,
    pub(super) delivering: Option<Delivering>,
}

/// Why an override was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// The rule is invalid for this server. The text draws each problem with its place.
    #[error("{0}")]
    Wrong(String),
    /// The limit of overrides is reached.
    #[error("override limit reached: at most {0} overrides; remove some, or raise the limit overrides_max")]
    Full(usize),
    /// The texts of all overrides would exceed this number of bytes.
    #[error("the active overrides would exceed {0} bytes")]
    TooLarge(usize),
    /// Another rule has the same name; its place.
    #[error("the rule name is already used by {0}")]
    NameTaken(String),
}

/// Why a project was not cloned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloneError {
    /// Unknown project.
    #[error("unknown project {0}")]
    Unknown(String),
    /// A project with this id exists.
    #[error("project {0} already exists; choose another id, or none")]
    Taken(String),
    /// Unknown account.
    #[error("unknown account {0:?}")]
    UnknownAccount(String),
    /// The account is bound to this clone of the project.
    #[error("the account is already bound to clone {0:?} of the same project")]
    Bound(String),
    /// The id is invalid; the reason.
    #[error("invalid id for a clone: {0}")]
    Id(String),
    /// The limit of clones is reached.
    #[error("clone limit reached: at most {0} clones; remove some, or raise the limit clones_max")]
    Full(usize),
    /// The scenario is invalid or exceeds a limit. The text draws each problem with its place.
    #[error("{0}")]
    Scenario(String),
}

impl MockServer {
    /// The server's URL, as in `http://127.0.0.1:40123`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The journal's entries, oldest first, within [`Limits`].
    #[must_use]
    pub fn requests(&self) -> Vec<Entry> {
        let filter = Filter { limit: usize::MAX, ..Filter::default() };
        self.shared.state.page(&filter).entries
    }

    /// The messages to users, oldest first, within [`Limits`].
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
        let filter = MessageFilter { limit: usize::MAX, ..MessageFilter::default() };
        self.shared.state.outbox.page(&filter).messages
    }

    /// Answers all further calls of a user with a documented status. Returns the id of the override.
    ///
    /// Later overrides take precedence over earlier ones, and all of them over loaded rules.
    ///
    /// # Errors
    /// If the user is unknown, the status is not documented, or a limit is reached.
    pub fn override_status(&self, user: &str, status: u16) -> Result<u64, OverrideError> {
        let rule = serde_json::json!({ "when": { "user": user }, "status": status });
        self.override_rule(&rule.to_string())
    }

    /// Adds an override, in the form of a scenario's rule with optional name. Returns its id.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// mock.override_rule(r#"{"when": {"calls": "1-2"}, "status": 503, "headers": {"Retry-After": "1"}}"#)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the rule is invalid, its name is taken, or a limit is reached.
    pub fn override_rule(&self, rule: &str) -> Result<u64, OverrideError> {
        match self.shared.state.add_override(rule) {
            Ok(added) => Ok(added.id),
            Err(Refused::Wrong(problems)) => Err(OverrideError::Wrong(draw(&problems, false))),
            Err(Refused::Full(most)) => Err(OverrideError::Full(most)),
            Err(Refused::TooLarge(most)) => Err(OverrideError::TooLarge(most)),
            Err(Refused::NameTaken(place)) => Err(OverrideError::NameTaken(place)),
        }
    }

    /// Removes all overrides.
    pub fn remove_overrides(&self) {
        self.shared.state.remove_overrides();
    }

    /// The password of a user's call, made or not; calls are counted from 1. `None` for an unknown user.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// let (project, user) = ("0bec5db98280d2d02fd6c00c2de791ce", "8a2c3f9579d240820179d51e6caf0001");
    /// assert_eq!(mock.password(project, user, 1).as_deref(), Some("9*JO$jemDg"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn password(&self, project: &str, user: &str, call: u64) -> Option<String> {
        let running = self.shared.state.running();
        let found = running.find(project, user).ok()?;
        Some(running.setup.password(found.user(), call).to_string())
    }

    /// A user's current password: that of the highest successful call, or one sent since then.
    ///
    /// `None` before the first, and for an unknown user.
    #[must_use]
    pub fn current_password(&self, project: &str, user: &str) -> Option<String> {
        let running = self.shared.state.running();
        let found = running.find(project, user).ok()?;
        running.current_password(&found).map(|(_, password)| password)
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

    /// Judges the expectations of the scenarios by the calls so far.
    ///
    /// ```
    /// let expect = r#"{"expect": [{"name": "gives up after three", "calls": {"max": 3}}]}"#;
    /// let mock = wksmock::MockServer::builder().scenario_json(expect).start_blocking()?;
    /// // … the program under test calls mock.url() …
    /// let verdict = mock.verify();
    /// assert!(verdict.passed, "{verdict:#?}");
    /// assert_eq!(verdict.expectations[0].expected, ["at most 3 calls"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn verify(&self) -> Verdict {
        report::verdict(&self.shared.state)
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

    /// Clones a project, so that tests can share a server. Returns the id, a free one for `None`.
    ///
    /// A clone has the same users, rules and passwords, and call numbers of its own.
    ///
    /// Rules for the project apply to the clone too. An override whose `when.project` is the clone's id applies only to the
    /// clone. A clone of a clone is a clone of the original.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// let (project, user) = ("0bec5db98280d2d02fd6c00c2de791ce", "8a2c3f9579d240820179d51e6caf0001");
    /// let mine = mock.clone_project(project, None)?;
    /// mock.override_rule(&format!(r#"{{"when": {{"project": "{mine}"}}, "status": 503}}"#))?;
    /// // … the program under test calls mock.url() for the project `mine`, and nobody else gets its 503 …
    /// assert_eq!(mock.password(&mine, user, 1), mock.password(project, user, 1));
    /// assert!(mock.remove_clone(&mine));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the project is unknown, the id is invalid or taken, or the limit of clones is reached.
    pub fn clone_project(&self, from: &str, id: Option<&str>) -> Result<String, CloneError> {
        self.clone_as(&Wanted { from, id, ..Wanted::default() })
    }

    /// Clones a project with a scenario of its own in place of the builder's.
    ///
    /// The scenario's rules and expectations apply only to the clone. The builder's faults, and overrides, still apply.
    ///
    /// ```
    /// # let mock = wksmock::MockServer::builder().start_blocking()?;
    /// let outage = r#"{"rules": [{"name": "outage", "status": 503}], "expect": [{"name": "gives up", "calls": {"max": 1}}]}"#;
    /// let mine = mock.clone_project_with(outage, "0bec5db98280d2d02fd6c00c2de791ce", None)?;
    /// // … the program under test calls mock.url() for the project `mine` …
    /// assert!(mock.verify_project(&mine).unwrap().passed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`MockServer::clone_project`], and if the scenario is invalid or a limit of clones' scenarios is reached.
    pub fn clone_project_with(&self, scenario: &str, from: &str, id: Option<&str>) -> Result<String, CloneError> {
        self.clone_as(&Wanted { from, id, scenario: Some(scenario), ..Wanted::default() })
    }

    /// Judges the expectations of a project or clone, or those of a clone's own scenario. `None` for an unknown project.
    #[must_use]
    pub fn verify_project(&self, id: &str) -> Option<Verdict> {
        report::verdict_of(&self.shared.state, id)
    }

    /// Clones a project and binds an account to it, named as `domain/name` or by its name alone.
    ///
    /// Calls of the account to the project `from` go to the clone, which isolates programs with a hard-coded project.
    ///
    /// # Errors
    /// As for [`MockServer::clone_project`], and if the account is unknown or bound to another clone of the project.
    pub fn clone_project_for(&self, account: &str, from: &str, id: Option<&str>) -> Result<String, CloneError> {
        self.clone_as(&Wanted { from, id, account: Some(account), ..Wanted::default() })
    }

    fn clone_as(&self, wanted: &Wanted<'_>) -> Result<String, CloneError> {
        let Wanted { from, id, account, .. } = *wanted;
        if let Some(id) = id {
            let source = Arc::new(Source::new("id", id));
            let text = Text { source: &source, value: id, span: 0..id.len() };
            checked_id(text).map_err(|problem| CloneError::Id(format!("{}; {}", problem.what, problem.expected)))?;
        }
        let made = self.shared.state.add_clone(wanted);
        made.map(|(id, _)| id).map_err(|refused| match refused {
            NotCloned::Full(most) => CloneError::Full(most),
            NotCloned::Unknown => CloneError::Unknown(from.to_owned()),
            NotCloned::Taken => CloneError::Taken(id.unwrap_or_default().to_owned()),
            NotCloned::UnknownAccount => CloneError::UnknownAccount(account.unwrap_or_default().to_owned()),
            NotCloned::Bound(other) => CloneError::Bound(other),
            NotCloned::Wrong(problems) => CloneError::Scenario(draw(&problems, false)),
            NotCloned::NoRoom(full) => CloneError::Scenario(full.to_string()),
        })
    }

    /// Removes a clone with its overrides, and cuts its calls in flight. Journal entries stay. False for an unknown clone.
    #[expect(clippy::must_use_candidate, reason = "what is not there needs not be told")]
    pub fn remove_clone(&self, id: &str) -> bool {
        self.shared.state.remove_clone(id)
    }

    /// Resets call numbers, current passwords, overrides, coverage, the clock and the journal. Clones stay, reset too.
    pub fn reset(&self) {
        self.shared.state.reset(None);
    }

    /// Resets one project or clone. False for an unknown project.
    #[expect(clippy::must_use_candidate, reason = "what is not there needs not be told")]
    pub fn reset_project(&self, id: &str) -> bool {
        self.shared.state.reset(Some(id)).is_some()
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &crate::state::State {
        &self.shared.state
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.shared.state.lifecycle.cut();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // After the cut, the thread ends at once.
        if let Some(delivering) = self.delivering.take() {
            delivering.finish_blocking();
        }
    }
}
