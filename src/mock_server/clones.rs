//! Clones of projects: one for each test that shares a server.

use super::checks::Checks;
use super::errors::{CloneError, InvalidInput, OverrideError};
use super::running::MockServer;
use super::{Expect, Rule, overrides};
use crate::diagnostics::{Source, Text};
use crate::fixture::checked_id;
use crate::report::Verdict;
use crate::state::{Entry, Message, NotCloned, Wanted};
use std::sync::Arc;
use std::time::Duration;

/// The id, the account and the scenario of a clone.
///
/// ```
/// use wksmock::{CloneOptions, Expect, MockServer, PROJECT, Rule, Scenario};
///
/// let server = MockServer::start_blocking();
/// let scenario = Scenario::new()
///     .rule(Rule::for_all().named("outage").status(503))
///     .expect(Expect::from_all().named("gives up after three").calls(..=3));
/// let mine = server.clone_project_with(PROJECT, CloneOptions::new().id("mine").scenario_json(scenario))?;
/// assert_eq!(mine.project(), "mine");
/// # Ok::<(), wksmock::CloneError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CloneOptions {
    id: Option<String>,
    account: Option<String>,
    scenario: Option<String>,
}

impl CloneOptions {
    /// A clone with a free id, and with the rules and expectations of its template.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the clone. Default: a free one, the same on every run.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Binds an account to the clone, named as `domain/name` or by its name.
    ///
    /// Calls of the account to the template go to the clone, which isolates programs with a hard-coded project.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Sets the clone's own scenario in place of the server's: the text of a scenario file, or a [`Scenario`](crate::Scenario).
    ///
    /// Its rules and expectations apply only to the clone. Faults of the builder, and overrides, still apply.
    pub fn scenario_json(mut self, text: impl Into<String>) -> Self {
        self.scenario = Some(text.into());
        self
    }
}

/// A clone of a project, for one test: it has the same users and passwords, and call numbers of its own.
///
/// When it is dropped, its expectations are judged as those of a [`MockServer`] are, and it is removed. So parallel tests
/// share a server and never meet:
///
/// ```
/// use std::sync::LazyLock;
/// use wksmock::{Expect, MockServer, PROJECT, ProjectClone, Rule};
///
/// static SERVER: LazyLock<MockServer> = LazyLock::new(MockServer::start_blocking);
///
/// # /*
/// #[test]
/// # */
/// fn gives_up_when_denied() -> Result<(), Box<dyn std::error::Error>> {
///     let mock: ProjectClone = SERVER.clone_project(PROJECT)?;
///     mock.override_rule(Rule::for_user("0001").status(403))?;
///     mock.expect(Expect::from_user("0001").calls(1))?;
///     // … the program under test calls mock.url() for the project mock.project() …
/// #   use std::io::{Read, Write};
/// #   let mut stream = std::net::TcpStream::connect(mock.url().trim_start_matches("http://"))?;
/// #   let fields = "Host: x\r\nContent-Type: application/json\r\nConnection: close\r\n";
/// #   write!(stream, "GET /v2/{}/users/{}/random-password HTTP/1.1\r\n{fields}\r\n", mock.project(), wksmock::USER)?;
/// #   stream.read_to_end(&mut Vec::new())?;
///     Ok(())
/// }
/// # gives_up_when_denied().unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a clone ends when it is dropped"]
pub struct ProjectClone {
    id: String,
    url: String,
    checks: Checks,
    is_kept: bool,
}

impl MockServer {
    /// Clones a project, so that tests can share a server.
    ///
    /// Rules for the project apply to the clone too. A clone of a clone is a clone of the original.
    ///
    /// # Errors
    /// If the project is unknown, or the limit of clones is reached.
    pub fn clone_project(&self, from: &str) -> Result<ProjectClone, CloneError> {
        self.clone_project_with(from, CloneOptions::new())
    }

    /// Clones a project with an id, an account or a scenario of its own.
    ///
    /// # Errors
    /// If the project is unknown, the id is invalid or taken, the account is unknown or bound to another clone of the
    /// project, the scenario is invalid, or a limit of clones is reached.
    #[expect(clippy::needless_pass_by_value, reason = "options are made for this call")]
    pub fn clone_project_with(&self, from: &str, options: CloneOptions) -> Result<ProjectClone, CloneError> {
        let CloneOptions { id, account, scenario } = &options;
        let (id, account) = (id.as_deref(), account.as_deref());
        if let Some(id) = id {
            let source = Arc::new(Source::new("id", id));
            let text = Text { source: &source, value: id, span: 0..id.len() };
            checked_id(text).map_err(|problem| CloneError::Id(format!("{}; {}", problem.what, problem.expected)))?;
        }
        let made = self.shared.state.add_clone(&Wanted { from, id, account, scenario: scenario.as_deref() });
        let made = made.map_err(|refused| match refused {
            NotCloned::Full(most) => CloneError::Full(most),
            NotCloned::Unknown => CloneError::Unknown(from.to_owned()),
            NotCloned::Taken => {
                CloneError::Taken(invariant!(id, "", "an id that the server chooses is free").to_owned())
            }
            NotCloned::UnknownAccount => CloneError::UnknownAccount(
                invariant!(account, "", "no account is unknown that was not given").to_owned(),
            ),
            NotCloned::Bound(other) => CloneError::Bound(other),
            NotCloned::Wrong(problems) => CloneError::Scenario((&problems).into()),
            NotCloned::NoRoom(full) => CloneError::TooLarge(full.to_string()),
        });
        let (id, _) = made?;
        // Somebody may have removed it already, by the admin API.
        let checks = self.checks.of_clone(&id).ok_or_else(|| CloneError::Unknown(id.clone()))?;
        Ok(ProjectClone { id, url: self.url.clone(), checks, is_kept: false })
    }

    /// Judges the expectations of a project or clone, or those of a clone's own scenario. `None` for an unknown project.
    #[must_use]
    pub fn verify_project(&self, id: &str) -> Option<Verdict> {
        crate::report::verdict_of(&self.shared.state, id)
    }

    /// Removes a clone with its overrides, and cuts its calls in flight. Journal entries stay. False for an unknown clone.
    pub fn remove_clone(&self, id: &str) -> bool {
        self.shared.state.remove_clone(id)
    }
}

impl ProjectClone {
    /// The id of the clone: the project that the program under test calls.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.id
    }

    /// The server's URL, as in `http://127.0.0.1:40123`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The journal's entries for the clone, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Entry> {
        self.checks.entries(None)
    }

    /// The messages to users of the clone, oldest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.checks.messages()
    }

    /// The password of a user's call, made or not; calls are counted from 1. `None` for an unknown user.
    #[must_use]
    pub fn password(&self, user: &str, call: u64) -> Option<String> {
        overrides::password(self.checks.state(), &self.id, user, call)
    }

    /// A user's current password. `None` before the first successful call, and for an unknown user.
    #[must_use]
    pub fn current_password(&self, user: &str) -> Option<String> {
        overrides::current_password(self.checks.state(), &self.id, user)
    }

    /// Adds an override for this clone alone, unless the rule names other projects. Returns its id.
    ///
    /// # Errors
    /// If the rule is invalid, its name is taken, or a limit is reached.
    pub fn override_rule(&self, rule: Rule) -> Result<u64, OverrideError> {
        overrides::add(self.checks.state(), &rule.of_project(&self.id).to_json())
    }

    /// Adds an override for this clone alone, in the form of `--fault`: `0001=503:1-2` or `*=reset:2%:after`. Returns its id.
    ///
    /// # Errors
    /// If the fault is invalid, or a limit is reached.
    pub fn override_fault(&self, fault: &str) -> Result<u64, OverrideError> {
        overrides::add_flag(self.checks.state(), fault, Some(&self.id))
    }

    /// Adds an expectation on the clone's calls. It is judged beside those of the scenario.
    ///
    /// # Errors
    /// If the expectation is invalid, or its name is taken.
    pub fn expect(&self, expect: Expect) -> Result<(), InvalidInput> {
        self.checks.add(expect)
    }

    /// Judges the calls of the clone so far. The clone is then not judged when it is dropped.
    pub fn verify(&self) -> Verdict {
        self.checks.verify()
    }

    /// Judges the calls of the clone until all expectations hold, one fails for good, or the time is up.
    pub async fn verify_within(&self, time: Duration) -> Verdict {
        self.checks.verify_within(time).await
    }

    /// Judges as [`ProjectClone::verify_within`] does, outside asynchronous code.
    pub fn verify_within_blocking(&self, time: Duration) -> Verdict {
        self.checks.verify_within_blocking(time)
    }

    /// Resets call numbers, current passwords, overrides and messages of the clone.
    pub fn reset(&self) {
        // Nothing is left to reset of a clone that somebody removed.
        let _ = self.checks.state().reset(Some(&self.id));
    }

    /// Leaves the clone to the server, which then judges its expectations too. Returns its id.
    pub fn keep(mut self) -> String {
        self.is_kept = true;
        self.id.clone()
    }
}

impl Drop for ProjectClone {
    #[track_caller]
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let failed = self.checks.on_drop();
        self.checks.state().remove_clone(&self.id);
        if let Some(verdict) = failed {
            verdict.assert_satisfied();
        }
    }
}
