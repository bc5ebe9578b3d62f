//! The server as a library.

mod builder;

pub use builder::{MockBuilder, StartError};

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
/// use wksmock::Mock;
///
/// let mock = Mock::builder().seed(7).start()?;
/// let user = "8a2c3f9579d240820179d51e6caf0001";
/// mock.override_status(user, 503)?;
/// // … the program under test calls mock.url(), and gets a 503 …
/// assert!(mock.url().starts_with("http://127.0.0.1:"));
/// assert!(mock.requests().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Mock {
    url: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    delivering: Option<Delivering>,
}

/// Why an override was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// It is no rule, or not one for this server. The text draws each problem with its place.
    #[error("{0}")]
    Wrong(String),
    /// So many overrides are in force, and no more may be.
    #[error("override limit reached: at most {0} overrides; remove some, or raise the limit overrides_max")]
    Full(usize),
    /// The texts of all overrides together would have more bytes than this.
    #[error("the active overrides would exceed {0} bytes")]
    TooLarge(usize),
    /// Another rule has the same name; where it stands.
    #[error("the rule name is already used by {0}")]
    NameTaken(String),
}

/// Why a project was not cloned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloneError {
    /// No project of this id is there.
    #[error("unknown project {0}")]
    Unknown(String),
    /// A project of this id is there already.
    #[error("project {0} already exists; choose another id, or none")]
    Taken(String),
    /// No account of that name is loaded.
    #[error("unknown account {0:?}")]
    UnknownAccount(String),
    /// The account is bound to this clone of the project already.
    #[error("the account is already bound to clone {0:?} of the same project")]
    Bound(String),
    /// The text is no id; why.
    #[error("invalid id for a clone: {0}")]
    Id(String),
    /// So many clones are there, and no more may be.
    #[error("clone limit reached: at most {0} clones; remove some, or raise the limit clones_max")]
    Full(usize),
    /// The scenario is wrong, or there is no room for it. The text draws each problem with its place.
    #[error("{0}")]
    Scenario(String),
}

impl Mock {
    /// Begins to describe a server.
    pub fn builder() -> MockBuilder {
        MockBuilder::default()
    }

    /// Where it listens, as in `http://127.0.0.1:40123`. No slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The journal, oldest first: every request since the start, within the limits of [`Limits`].
    #[must_use]
    pub fn requests(&self) -> Vec<Entry> {
        let filter = Filter { limit: usize::MAX, ..Filter::default() };
        self.shared.state.page(&filter).entries
    }

    /// The messages that went out, oldest first, within the limits of [`Limits`].
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// let mock = wksmock::Mock::builder().start()?;
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

    /// Answers all further calls of a user with a documented status. Later overrides go before earlier ones,
    /// and all of them before the rules that were loaded. Gives the override's id.
    ///
    /// # Errors
    /// If the user is not loaded, the status is not documented, or too many overrides are in force.
    pub fn override_status(&self, user: &str, status: u16) -> Result<u64, OverrideError> {
        let rule = serde_json::json!({ "when": { "user": user }, "status": status });
        self.override_rule(&rule.to_string())
    }

    /// Sets a rule, written as an entry of a scenario's `rules`; its name may be left out. Gives its id.
    ///
    /// ```
    /// # let mock = wksmock::Mock::builder().start()?;
    /// mock.override_rule(r#"{"when": {"calls": "1-2"}, "status": 503, "headers": {"Retry-After": "1"}}"#)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the rule is wrong, its name is taken, or too many overrides are in force.
    pub fn override_rule(&self, rule: &str) -> Result<u64, OverrideError> {
        match self.shared.state.add_override(rule) {
            Ok(added) => Ok(added.id),
            Err(Refused::Wrong(problems)) => Err(OverrideError::Wrong(draw(&problems, false))),
            Err(Refused::Full(most)) => Err(OverrideError::Full(most)),
            Err(Refused::TooLarge(most)) => Err(OverrideError::TooLarge(most)),
            Err(Refused::NameTaken(place)) => Err(OverrideError::NameTaken(place)),
        }
    }

    /// Takes back every override.
    pub fn remove_overrides(&self) {
        self.shared.state.remove_overrides();
    }

    /// The password that a user's call gives, whether it was made or not. Calls are counted from 1. `None` if
    /// there is no such user.
    ///
    /// ```
    /// # let mock = wksmock::Mock::builder().start()?;
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

    /// A user's password now: that of the highest successful call, or what he was sent since without one. `None` before
    /// the first, and if there is no such user.
    #[must_use]
    pub fn current_password(&self, project: &str, user: &str) -> Option<String> {
        let running = self.shared.state.running();
        let found = running.find(project, user).ok()?;
        running.current_password(&found).map(|(_, password)| password)
    }

    /// Virtual time since the start, or the last reset.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.shared.state.clock.virtual_now()
    }

    /// Moves virtual time forward: delays that it passes are over.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wksmock::{ClockMode, Mock};
    ///
    /// let mock = Mock::builder().clock(ClockMode::Manual).start()?;
    /// mock.advance(Duration::from_secs(30));
    /// assert_eq!(mock.now(), Duration::from_secs(30));
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn advance(&self, by: Duration) {
        // What only goes forward is never refused.
        let _ = self.shared.state.advance(|now| now.saturating_add(by));
    }

    /// Judges what is expected in the scenarios by the calls until now. A test asserts that it passed, and prints it
    /// where it did not.
    ///
    /// ```
    /// let expect = r#"{"expect": [{"name": "gives up after three", "calls": {"max": 3}}]}"#;
    /// let mock = wksmock::Mock::builder().scenario_json(expect).start()?;
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

    /// Which documented statuses were met until now, how often and by whom. A deletion of journal entries changes
    /// nothing of it, a reset does.
    ///
    /// ```
    /// # let mock = wksmock::Mock::builder().start()?;
    /// let coverage = mock.coverage();
    /// assert_eq!((coverage.met, coverage.documented), (0, 8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        report::coverage(&self.shared.state, None, Whose::Clients)
    }

    /// Makes a clone of a project: another with the same users, rules and passwords, and call numbers of its own, so
    /// that tests that share a server do not meet. Gives its id: the one that is given, or a free one.
    ///
    /// Rules that hold for the project hold for the clone. An override whose `when.project` is the clone's id holds
    /// for the clone alone. A clone of a clone is one of the original.
    ///
    /// ```
    /// # let mock = wksmock::Mock::builder().start()?;
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
    /// If there is no such project, the id is none or taken, or there are too many clones.
    pub fn clone_project(&self, from: &str, id: Option<&str>) -> Result<String, CloneError> {
        self.clone_as(&Wanted { from, id, ..Wanted::default() })
    }

    /// The same with a scenario of its own in place of the builder's: its rules hold in the clone alone, and what it expects is
    /// judged there alone. `--fault`s of the builder and overrides hold all the same.
    ///
    /// ```
    /// # let mock = wksmock::Mock::builder().start()?;
    /// let outage = r#"{"rules": [{"name": "outage", "status": 503}], "expect": [{"name": "gives up", "calls": {"max": 1}}]}"#;
    /// let mine = mock.clone_project_with(outage, "0bec5db98280d2d02fd6c00c2de791ce", None)?;
    /// // … the program under test calls mock.url() for the project `mine` …
    /// assert!(mock.verify_project(&mine).unwrap().passed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Mock::clone_project`], and if the scenario is wrong, or the scenarios of clones take too much room.
    pub fn clone_project_with(&self, scenario: &str, from: &str, id: Option<&str>) -> Result<String, CloneError> {
        self.clone_as(&Wanted { from, id, scenario: Some(scenario), ..Wanted::default() })
    }

    /// Judges what is expected in one project or clone now: of a clone with a scenario of its own what that expects. `None` if
    /// there is no project of that id.
    #[must_use]
    pub fn verify_project(&self, id: &str) -> Option<Verdict> {
        report::verdict_of(&self.shared.state, id)
    }

    /// The same, bound to an account, as `domain/name` or by its name alone: what that does in the project `from`, by its
    /// credentials, happens in the clone. So a program whose project is hard-wired is alone all the same.
    ///
    /// # Errors
    /// Those of [`Mock::clone_project`], and if there is no such account, or it is bound to another clone of the project.
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

    /// Ends a clone: its calls in flight are cut, and overrides for it alone are taken back. What the journal says of
    /// it stays. False if there is no clone of that id.
    #[expect(clippy::must_use_candidate, reason = "what is not there needs not be told")]
    pub fn remove_clone(&self, id: &str) -> bool {
        self.shared.state.remove_clone(id)
    }

    /// Returns call numbers, current passwords, overrides, coverage, the clock and the journal to the start. Clones stay,
    /// and begin anew.
    pub fn reset(&self) {
        self.shared.state.reset(None);
    }

    /// The same for what is a project's own, or a clone's. False if there is no project of that id.
    #[expect(clippy::must_use_candidate, reason = "what is not there needs not be told")]
    pub fn reset_project(&self, id: &str) -> bool {
        self.shared.state.reset(Some(id)).is_some()
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &crate::state::State {
        &self.shared.state
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.shared.state.lifecycle.cut();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Told to cut, it ends at once.
        if let Some(delivering) = self.delivering.take() {
            delivering.finish_blocking();
        }
    }
}
