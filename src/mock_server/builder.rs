//! The builder of a server, and its start.

use super::checks::Checks;
use super::errors::{InvalidInput, StartError};
#[cfg(feature = "tls")]
use super::https::Https;
use super::running::MockServer;
use super::{Expect, Rule, Scenario};
use crate::admin::Access;
use crate::contract::Fidelity;
use crate::diagnostics::{Problems, Source};
use crate::engine::{Auth, Given, Settings, Setup};
use crate::files;
use crate::limits::Limits;
use crate::scenario::Control;
use crate::server::{self, Post, Shared, Timekeeper};
use crate::state::{ClockMode, Options, State};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Default length of a password: that of the documented sample.
const PASSWORD_LENGTH: usize = 10;

/// Builds a [`MockServer`]. By default it serves the embedded users.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct MockServerBuilder {
    users: Vec<Input>,
    scenarios: Vec<Input>,
    faults: Vec<String>,
    seed: Option<u64>,
    password_length: Option<usize>,
    settings: Settings,
    limits: Limits,
    options: Options,
    /// Whether a drop judges nothing.
    is_unjudged: bool,
    #[cfg(feature = "smtp")]
    smtp: Option<Hidden>,
    sms_webhook: Option<String>,
    /// Whether it listens for HTTPS too.
    #[cfg(feature = "tls")]
    has_tls: bool,
}

/// A text that may contain a password.
#[cfg(feature = "smtp")]
#[derive(Clone)]
struct Hidden(String);

#[cfg(feature = "smtp")]
impl std::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("…")
    }
}

#[derive(Clone, Debug)]
enum Input {
    Path(PathBuf),
    Text(Arc<Source>),
    /// Rules and expectations that were given one after the other.
    Values(Scenario),
}

impl MockServer {
    /// Starts a server with the embedded users, which accepts connections when this returns.
    ///
    /// # Panics
    /// If no port or thread is available. [`MockServerBuilder::start`] returns an error instead.
    pub async fn start() -> Self {
        Self::builder().start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts a server as [`MockServer::start`] does, outside asynchronous code.
    ///
    /// # Panics
    /// If no port or thread is available. [`MockServerBuilder::start_blocking`] returns an error instead.
    #[must_use]
    #[track_caller]
    pub fn start_blocking() -> Self {
        Self::builder().start_blocking().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Builds a server with users, scenarios and settings of your own.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }
}

impl MockServerBuilder {
    /// Adds a users file, or a directory of them, in place of the embedded users.
    pub fn users(mut self, path: impl Into<PathBuf>) -> Self {
        self.users.push(Input::Path(path.into()));
        self
    }

    /// Adds the text of a users file.
    ///
    /// ```
    /// let users = r#"{"projects": [{"id": "p1", "users": [{"id": "alice"}]}]}"#;
    /// let mock = wksmock::MockServer::builder().users_json(users).start_blocking()?;
    /// assert!(mock.password("p1", "alice", 1).is_some());
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn users_json(mut self, text: impl Into<String>) -> Self {
        let name = format!("users_json #{}", self.users.len() + 1);
        self.users.push(Input::Text(Arc::new(Source::new(name, text))));
        self
    }

    /// Adds a scenario file, or a directory of them. Earlier ones take precedence.
    pub fn scenario(mut self, path: impl Into<PathBuf>) -> Self {
        self.scenarios.push(Input::Path(path.into()));
        self
    }

    /// Adds the text of a scenario file.
    pub fn scenario_json(mut self, text: impl Into<String>) -> Self {
        let name = format!("scenario_json #{}", self.scenarios.len() + 1);
        self.scenarios.push(Input::Text(Arc::new(Source::new(name, text))));
        self
    }

    /// Adds a rule. Earlier ones, and scenarios given before, take precedence.
    ///
    /// ```
    /// use wksmock::{MockServer, Rule};
    ///
    /// let mock = MockServer::builder()
    ///     .rule(Rule::for_user("0001").calls(1..=2).status(503).header("Retry-After", "1"))
    ///     .start_blocking()?;
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn rule(self, rule: Rule) -> Self {
        self.value(|scenario| scenario.rule(rule))
    }

    /// Adds an expectation, which is judged when the server is dropped: see [`MockServer::verify`].
    pub fn expect(self, expect: Expect) -> Self {
        self.value(|scenario| scenario.expect(expect))
    }

    fn value(mut self, add: impl FnOnce(Scenario) -> Scenario) -> Self {
        let (scenario, others) = match self.scenarios.pop() {
            Some(Input::Values(scenario)) => (scenario, None),
            other => (Scenario::new(), other),
        };
        self.scenarios.extend(others);
        self.scenarios.push(Input::Values(add(scenario)));
        self
    }

    /// Sets whether a drop of the server judges expectations that the test has not judged. Default true.
    pub fn verify_on_drop(mut self, verify: bool) -> Self {
        self.is_unjudged = !verify;
        self
    }

    /// Adds a fault in the form of `--fault`: `USER=STATUS:CALLS`, `*=500:10%` or `*=reset:2%:after`.
    pub fn fault(mut self, fault: impl Into<String>) -> Self {
        self.faults.push(fault.into());
        self
    }

    /// Sets the seed of everything that is drawn at random. Default: the seed in the files, else 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the length of passwords, clamped to 8 to 20. Default 10.
    pub fn password_length(mut self, length: usize) -> Self {
        self.password_length = Some(length);
        self
    }

    /// Sets the credentials that requests must have. Default [`Auth::Permissive`].
    pub fn auth(mut self, auth: Auth) -> Self {
        self.settings.auth = auth;
        self
    }

    /// Accepts requests without parameters that only the documentation makes mandatory. Default false.
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.settings.lenient = lenient;
        self
    }

    /// Follows the documentation or the live service. Default [`Fidelity::Documented`].
    pub fn fidelity(mut self, fidelity: Fidelity) -> Self {
        self.settings.fidelity = fidelity;
        self
    }

    /// Names the rules behind each answer in its header `X-Wksmock-Explain`. Default false.
    ///
    /// An example of its value: `status=outage (flaky.json:5:5); delay=slow (flaky.json:7:5)`.
    pub fn explain_header(mut self, explain: bool) -> Self {
        self.settings.explain_header = explain;
        self
    }

    /// Sets the lifetime of tokens from `POST /v3/auth/tokens`, in virtual time. Default 24 hours.
    pub fn token_ttl(mut self, lifetime: Duration) -> Self {
        self.settings.token_ttl_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// Sets how virtual time runs, in which delays and `time_ms` are counted. Default [`ClockMode::Running`].
    pub fn clock(mut self, mode: ClockMode) -> Self {
        self.options.clock = mode;
        self
    }

    /// Records delays without waiting for them. Default false.
    pub fn instant_delays(mut self, instant: bool) -> Self {
        self.options.instant_delays = instant;
        self
    }

    /// Lets clients speak HTTP/2 without TLS, if they begin with it (h2c by prior knowledge). Default false.
    #[cfg(feature = "http2")]
    pub fn h2c(mut self, spoken: bool) -> Self {
        self.options.h2c = spoken;
        self
    }

    /// Sets the limits of the server, each in its [range](Limits::ranges).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Listens on a second port, for HTTPS.
    ///
    /// The certificate is issued by an authority that is made for this server. Clients trust it with
    /// [`MockServer::ca_pem`].
    ///
    /// ```
    /// let mock = wksmock::MockServer::builder().tls().start_blocking()?;
    /// assert!(mock.https_url().unwrap().starts_with("https://127.0.0.1:"));
    /// assert!(mock.ca_pem().unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.has_tls = true;
        self
    }

    /// Sets the mail server that delivers e-mails, as in `smtp://127.0.0.1:1025` or `smtp://name:password@host`.
    ///
    /// By default e-mails are only recorded in the outbox.
    #[cfg(feature = "smtp")]
    pub fn smtp(mut self, url: impl Into<String>) -> Self {
        self.smtp = Some(Hidden(url.into()));
        self
    }

    /// Sets the URL that receives text messages, as in `http://127.0.0.1:9000/sms`.
    ///
    /// The body is a JSON object with `to`, `text`, `project`, `user` and `call`. By default text messages are only recorded in
    /// the outbox.
    pub fn sms_webhook(mut self, url: impl Into<String>) -> Self {
        self.sms_webhook = Some(url.into());
        self
    }

    /// Reads all inputs and starts the server, which accepts connections when this returns.
    ///
    /// Works in any async runtime and blocks none: a thread of its own reads the files.
    ///
    /// # Errors
    /// As for [`MockServerBuilder::start_blocking`].
    pub async fn start(self) -> Result<MockServer, StartError> {
        let (sender, started) = oneshot::channel();
        let thread = std::thread::Builder::new().name("wksmock start".to_owned());
        // If no caller waits any more, the server ends at once.
        thread.spawn(move || drop(sender.send(self.start_blocking())))?;
        started.await.unwrap_or_else(|_| Err(io::Error::other("the thread that starts the server panicked").into()))
    }

    /// Starts the server as [`MockServerBuilder::start`] does, outside asynchronous code.
    ///
    /// # Errors
    /// [`StartError::Setup`] with every problem if files, faults or URLs are invalid; [`StartError::Limits`] if a limit is
    /// out of its range; [`StartError::Listen`] if no port or thread is available.
    pub fn start_blocking(self) -> Result<MockServer, StartError> {
        self.limits.check().map_err(StartError::Limits)?;
        let setup = self.setup()?;
        let post = self.post()?;
        let state = Arc::new(State::new(setup, self.limits, self.options));
        let shared = Arc::new(Shared::new(state, Access::on_loopback(), true, Arc::new(Timekeeper::start()?)));
        let listener = server::bind_free()?;
        let url = format!("http://{}", listener.local_addr()?);
        let _ = shared.state.url.set(url.clone());
        #[cfg(feature = "tls")]
        let (https, entrance) = self.has_tls.then(Https::listen).transpose()?.unzip();
        #[cfg(not(feature = "tls"))]
        let entrance = None;
        #[cfg(feature = "tls")]
        if let Some(https) = &https {
            let _ = shared.state.https_url.set(https.url.clone());
        }
        let entrances = std::iter::once(listener.into()).chain(entrance).collect();
        let served = Arc::clone(&shared);
        let runtime = server::runtime()?;
        let thread = std::thread::Builder::new().name("wksmock".to_owned());
        // The socket listens already, so earlier connections wait.
        let thread = thread.spawn(move || {
            if let Err(error) = runtime.block_on(server::run_all(entrances, served)) {
                tracing::error!(%error, "the server ended");
            }
        })?;
        let delivering = post.start(&shared.state)?;
        let checks = Checks::of_server(&shared, !self.is_unjudged);
        Ok(MockServer {
            url,
            #[cfg(feature = "tls")]
            https,
            shared,
            thread: Some(thread),
            delivering,
            checks,
        })
    }

    fn post(&self) -> Result<Post, StartError> {
        #[cfg(feature = "smtp")]
        let smtp = self.smtp.as_ref().map(|url| url.0.as_str());
        #[cfg(not(feature = "smtp"))]
        let smtp = None;
        Post::at(smtp, self.sms_webhook.as_deref(), |name, error| StartError::Setup(InvalidInput::of(name, error)))
    }

    fn setup(&self) -> Result<Setup, StartError> {
        let mut problems = Problems::new(self.limits.errors_shown_max);
        let users = (!self.users.is_empty()).then(|| self.read(&self.users, &mut problems));
        let given = Given {
            users,
            scenarios: self.read(&self.scenarios, &mut problems),
            faults: self.faults.clone(),
            seed: self.seed,
            password_length: self.password_length.unwrap_or(PASSWORD_LENGTH),
            settings: self.settings,
            // The library's methods work during an outage of the socket.
            control: Control::Apart,
        };
        let setup = Setup::new(&given, &self.limits, &mut problems);
        setup.ok_or_else(|| StartError::Setup((&problems).into()))
    }

    fn read(&self, inputs: &[Input], problems: &mut Problems) -> Vec<Arc<Source>> {
        let (mut rules, mut expectations) = (1, 1);
        let read = |input: &Input| match input {
            Input::Path(path) => files::read(std::slice::from_ref(path), &self.limits, problems),
            Input::Text(source) => vec![Arc::clone(source)],
            Input::Values(scenario) => {
                let text = scenario.numbered(rules, expectations);
                let (more_rules, more_expectations) = scenario.counts();
                (rules, expectations) = (rules + more_rules, expectations + more_expectations);
                vec![Arc::new(Source::new("rules of the builder", text))]
            }
        };
        inputs.iter().flat_map(read).collect()
    }
}
