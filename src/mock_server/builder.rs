//! What a server of the library shall be, and its start.

use super::Mock;
use crate::admin::Access;
use crate::contract::Fidelity;
use crate::diagnostics::{Problems, Source, draw};
use crate::engine::{Auth, Given, Settings, Setup};
use crate::files;
use crate::limits::Limits;
use crate::scenario::Control;
use crate::server::{self, Post, Shared, Timekeeper};
use crate::state::{ClockMode, Options, State};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Length of a password unless the builder says otherwise: that of the documented sample.
const PASSWORD_LENGTH: usize = 10;

/// What a [`Mock`] shall be. Without anything it has the embedded users.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct MockBuilder {
    users: Vec<Input>,
    scenarios: Vec<Input>,
    given: GivenSettings,
    limits: Limits,
    options: Options,
    #[cfg(feature = "smtp")]
    smtp: Option<Hidden>,
    sms_webhook: Option<String>,
}

/// What may hold a password.
#[cfg(feature = "smtp")]
#[derive(Clone)]
struct Hidden(String);

#[cfg(feature = "smtp")]
impl std::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("…")
    }
}

#[derive(Clone, Debug, Default)]
struct GivenSettings {
    faults: Vec<String>,
    seed: Option<u64>,
    password_length: Option<usize>,
    settings: Settings,
}

#[derive(Clone, Debug)]
enum Input {
    Path(PathBuf),
    Text(Arc<Source>),
}

/// Why a [`Mock`] did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Files or faults are wrong. The text draws each problem with its place.
    #[error("{0}")]
    Setup(String),
    /// A limit is not in its [range](crate::Limits::ranges). The text names each that is not.
    #[error("{0}")]
    Limits(String),
    /// No port or thread could be had.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
}

impl MockBuilder {
    /// Adds a users file, or a directory of them. With any, the embedded users are not loaded.
    pub fn users(mut self, path: impl Into<PathBuf>) -> Self {
        self.users.push(Input::Path(path.into()));
        self
    }

    /// Adds the text of a users file.
    ///
    /// ```
    /// let users = r#"{"projects": [{"id": "p1", "users": [{"id": "alice"}]}]}"#;
    /// let mock = wksmock::Mock::builder().users_json(users).start()?;
    /// assert!(mock.password("p1", "alice", 1).is_some());
    /// # Ok::<(), wksmock::StartError>(())
    /// ```
    pub fn users_json(mut self, text: impl Into<String>) -> Self {
        let name = format!("users_json #{}", self.users.len() + 1);
        self.users.push(Input::Text(Arc::new(Source::new(name, text))));
        self
    }

    /// Adds a scenario file, or a directory of them; earlier ones go before later ones.
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

    /// Adds a fault as `--fault` takes it: `USER=STATUS:CALLS`, `*=500:10%` or `*=reset:2%:after`.
    pub fn fault(mut self, fault: impl Into<String>) -> Self {
        self.given.faults.push(fault.into());
        self
    }

    /// The seed of everything that is drawn. Default: the files' seed, else 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.given.seed = Some(seed);
        self
    }

    /// Characters of a password, 8 to 20; what is beyond is brought to the nearer end. Default 10.
    pub fn password_length(mut self, length: usize) -> Self {
        self.given.password_length = Some(length);
        self
    }

    /// Which credentials requests must show. Default [`Auth::Permissive`].
    pub fn auth(mut self, auth: Auth) -> Self {
        self.given.settings.auth = auth;
        self
    }

    /// Whether parameters that only the documentation calls mandatory may be missing. Default false.
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.given.settings.lenient = lenient;
        self
    }

    /// What is imitated. Default [`Fidelity::Documented`].
    pub fn fidelity(mut self, fidelity: Fidelity) -> Self {
        self.given.settings.fidelity = fidelity;
        self
    }

    /// Whether the answer to a counted call names the rules behind it, in its header `X-Wksmock-Explain`, as in
    /// `status=outage (flaky.json:5:5); delay=slow (flaky.json:7:5)`. Default false.
    pub fn explain_header(mut self, explain: bool) -> Self {
        self.given.settings.explain_header = explain;
        self
    }

    /// How long a token of `POST /v3/auth/tokens` is in force, in virtual time. Default 24 hours.
    pub fn token_ttl(mut self, lifetime: Duration) -> Self {
        self.given.settings.token_ttl_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// How virtual time runs, by which delays and `time_ms` count. Default [`ClockMode::Running`].
    pub fn clock(mut self, mode: ClockMode) -> Self {
        self.options.clock = mode;
        self
    }

    /// Whether delays are recorded and not waited for. Default false.
    pub fn instant_delays(mut self, instant: bool) -> Self {
        self.options.instant_delays = instant;
        self
    }

    /// The bounds of the server, each in its [range](Limits::ranges).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The mail server that e-mails to users are given to, as in `smtp://127.0.0.1:1025` or `smtp://name:password@host`.
    /// Default: none, and they are recorded alone.
    #[cfg(feature = "smtp")]
    pub fn smtp(mut self, url: impl Into<String>) -> Self {
        self.smtp = Some(Hidden(url.into()));
        self
    }

    /// The URL that messages to phones are posted to, as in `http://127.0.0.1:9000/sms`: a JSON object with `to`, `text`,
    /// `project`, `user` and `call`. Default: none, and they are recorded alone.
    pub fn sms_webhook(mut self, url: impl Into<String>) -> Self {
        self.sms_webhook = Some(url.into());
        self
    }

    /// Reads what was given and starts the server. It accepts connections when this returns.
    ///
    /// # Errors
    /// [`StartError::Setup`] if files, faults or URLs are wrong, with every problem; [`StartError::Limits`] if a limit is
    /// not in its range; [`StartError::Listen`] if no port or thread can be had.
    pub fn start(self) -> Result<Mock, StartError> {
        self.limits.check().map_err(StartError::Limits)?;
        let setup = self.setup()?;
        let post = self.post().map_err(StartError::Setup)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let access = Access { enabled: true, console: true, loopback: true, allowed_hosts: Vec::new(), token: None };
        let state = Arc::new(State::new(setup, self.limits, self.options));
        let shared = Arc::new(Shared::new(state, access, true, Arc::new(Timekeeper::start()?)));
        let listener = server::bind(address, 1)?.pop().ok_or_else(|| io::Error::other("no socket"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let _ = shared.state.url.set(url.clone());
        let served = Arc::clone(&shared);
        let runtime = server::runtime()?;
        let thread = std::thread::Builder::new().name("wksmock".to_owned());
        // The socket listens already: a connection that comes before it is accepted waits.
        let thread = thread.spawn(move || {
            if let Err(error) = runtime.block_on(server::run(listener, served)) {
                tracing::error!(%error, "the server ended");
            }
        })?;
        let delivering = post.start(&shared.state)?;
        Ok(Mock { url, shared, thread: Some(thread), delivering })
    }

    fn post(&self) -> Result<Post, String> {
        Ok(Post {
            #[cfg(feature = "smtp")]
            mail: self
                .smtp
                .as_ref()
                .map(|url| url.0.parse())
                .transpose()
                .map_err(|told: String| format!("smtp: {told}"))?,
            phone: self
                .sms_webhook
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|told: String| format!("sms_webhook: {told}"))?,
        })
    }

    fn setup(&self) -> Result<Setup, StartError> {
        let mut problems = Problems::new(self.limits.errors_shown_max);
        let users = (!self.users.is_empty()).then(|| self.read(&self.users, &mut problems));
        let given = Given {
            users,
            scenarios: self.read(&self.scenarios, &mut problems),
            faults: self.given.faults.clone(),
            seed: self.given.seed,
            password_length: self.given.password_length.unwrap_or(PASSWORD_LENGTH),
            settings: self.given.settings,
            // The library's calls work whatever happens to the socket.
            control: Control::Apart,
        };
        let setup = Setup::new(&given, &self.limits, &mut problems);
        setup.ok_or_else(|| StartError::Setup(draw(&problems, false)))
    }

    fn read(&self, inputs: &[Input], problems: &mut Problems) -> Vec<Arc<Source>> {
        let read = |input: &Input| match input {
            Input::Path(path) => files::read(std::slice::from_ref(path), &self.limits, problems),
            Input::Text(source) => vec![Arc::clone(source)],
        };
        inputs.iter().flat_map(read).collect()
    }
}
