//! The flags that make a set-up.

use super::exit::Failure;
use super::files;
use crate::contract::Fidelity;
use crate::draw::PASSWORD_CHARS;
use crate::engine::{Auth, Given, SetUp, Settings, TOKEN_TTL_MS};
use crate::limits::Limits;
use crate::scenario::Control;
use crate::source::Problems;
use crate::state::{ClockMode, Options};
use clap::Args;
use clap::builder::{BoolishValueParser, PossibleValuesParser, RangedU64ValueParser, TypedValueParser as _};
use std::path::PathBuf;

/// Which users there are.
#[derive(Clone, Debug, Args)]
pub(super) struct Users {
    /// Users file, or a directory of them; repeatable. Default: the embedded example users.
    #[arg(long, value_name = "FILE|DIR", env = "WKSMOCK_USERS")]
    users: Vec<PathBuf>,

    /// Seed of everything that is drawn. Default: the files' seed, else 0.
    #[arg(long, value_name = "N", env = "WKSMOCK_SEED")]
    seed: Option<u64>,

    /// Characters of a password, 8 to 20.
    #[arg(long, value_name = "N", env = "WKSMOCK_PASSWORD_LENGTH", default_value = "10",
          value_parser = RangedU64ValueParser::<usize>::new().range(8..=20))]
    password_length: usize,
}

/// What rules there are.
#[derive(Clone, Debug, Args)]
pub(super) struct Scripts {
    /// Scenario file, or a directory of them; repeatable, read in order.
    #[arg(long, value_name = "FILE|DIR", env = "WKSMOCK_SCENARIO")]
    scenario: Vec<PathBuf>,

    /// Fault to inject: TARGET=EFFECT, as in 8a2c…0001=503:1-2, *=500:10% or *=reset:2%:after. TARGET is a user's id, or *
    /// for everyone; EFFECT a documented status, reset, empty_response, hang, random_data, truncated_body, wrong_length,
    /// malformed_chunk or malformed_json. Behind it may stand calls (3, 1-2, 5-, */3, or several with commas), a chance, and
    /// the phase: before or after the side effect. Repeatable, read before scenario files.
    #[arg(long, value_name = "FAULT", env = "WKSMOCK_FAULT")]
    fault: Vec<String>,
}

/// How users are answered.
#[derive(Clone, Debug, Args)]
pub(super) struct Behaviour {
    #[command(flatten)]
    scripts: Scripts,

    /// Credentials: off reads none; permissive needs none, but what is shown must be right; required needs some.
    #[arg(long, env = "WKSMOCK_AUTH", default_value = "permissive",
          value_parser = PossibleValuesParser::new(Auth::NAMES).try_map(|name| name.parse::<Auth>()))]
    auth: Auth,

    /// Accept requests without parameters that only the documentation calls mandatory, such as Content-Type. A signed
    /// request without a body needs none anyway.
    #[arg(long, env = "WKSMOCK_LENIENT", value_parser = BoolishValueParser::new())]
    lenient: bool,

    /// What is imitated: the documentation, or the live service where it is known to differ: a missing user or
    /// project is a 400, a wrong method a 404, Content-Type is not mandatory, and the gateway's errors carry request_id.
    #[arg(long, env = "WKSMOCK_FIDELITY", default_value = "documented",
          value_parser = PossibleValuesParser::new(Fidelity::NAMES).try_map(|name| name.parse::<Fidelity>()))]
    fidelity: Fidelity,

    /// Name the rules behind each answer to a counted call in its header X-Wksmock-Explain.
    #[arg(long, env = "WKSMOCK_EXPLAIN_HEADER", value_parser = BoolishValueParser::new())]
    explain_header: bool,

    /// How long a token of POST /v3/auth/tokens is in force, in seconds of virtual time.
    #[arg(long, value_name = "SECONDS", env = "WKSMOCK_TOKEN_TTL", default_value_t = TOKEN_TTL_MS / 1_000,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=TOKEN_TTL_SECONDS_MAX))]
    token_ttl: u64,
}

/// A year.
const TOKEN_TTL_SECONDS_MAX: u64 = 366 * 86_400;

/// How virtual time runs, by which scenarios count.
#[derive(Debug, Args)]
pub(super) struct Time {
    /// Virtual time, which delays and time_ms count: running with real time, or manual, moved by POST /__admin/clock alone.
    #[arg(long, env = "WKSMOCK_CLOCK", default_value = "running",
          value_parser = PossibleValuesParser::new(ClockMode::NAMES).try_map(|name| name.parse::<ClockMode>()))]
    clock: ClockMode,

    /// Record delays without waiting for them.
    #[arg(long, env = "WKSMOCK_INSTANT_DELAYS", value_parser = BoolishValueParser::new())]
    instant_delays: bool,
}

impl Time {
    /// Whether someone could end a `down`, given whether the admin API has an address of its own.
    pub(super) fn control(&self, apart: bool) -> Control {
        match self.clock {
            _ if apart => Control::Apart,
            ClockMode::Manual => Control::SharedAndManual,
            ClockMode::Running => Control::Shared,
        }
    }

    pub(super) fn options(&self) -> Options {
        Options { clock: self.clock, instant_delays: self.instant_delays, ..Options::default() }
    }
}

impl Scripts {
    /// Adds what is written in them.
    fn add_to(&self, given: Given, limits: &Limits, problems: &mut Problems) -> Given {
        Given { scenarios: files::read(&self.scenario, limits, problems), faults: self.fault.clone(), ..given }
    }
}

impl Users {
    /// The users, and nothing that changes their answers.
    pub(super) fn alone(&self, limits: &Limits) -> Result<SetUp, Failure> {
        let mut problems = Problems::new(limits.errors_shown_max);
        let given = self.given(None, limits, &mut problems);
        built(&given, limits, problems)
    }

    /// The users with their rules, for whom no server is.
    pub(super) fn with(&self, scripts: &Scripts, limits: &Limits) -> Result<SetUp, Failure> {
        let mut problems = Problems::new(limits.errors_shown_max);
        let given = self.given(None, limits, &mut problems);
        // Whether the admin API will have an address of its own is not known here.
        let given = scripts.add_to(Given { control: Control::Apart, ..given }, limits, &mut problems);
        built(&given, limits, problems)
    }

    /// What a set-up is made of: the users and, unless they are looked at alone, how they are answered.
    pub(super) fn given(
        &self,
        behaviour: Option<(&Behaviour, Control)>,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Given {
        let given = Given {
            users: self.read(limits, problems),
            seed: self.seed,
            password_length: self.password_length,
            ..Given::default()
        };
        match behaviour {
            None => given,
            Some((behaviour, control)) => {
                let given = Given { settings: behaviour.settings(), control, ..given };
                behaviour.scripts.add_to(given, limits, problems)
            }
        }
    }

    /// The files and directories that are named.
    pub(super) fn paths(&self, behaviour: &Behaviour) -> Vec<PathBuf> {
        self.users.iter().chain(&behaviour.scripts.scenario).cloned().collect()
    }

    fn read(&self, limits: &Limits, problems: &mut Problems) -> Option<Vec<std::sync::Arc<crate::source::Source>>> {
        (!self.users.is_empty()).then(|| files::read(&self.users, limits, problems))
    }
}

impl Behaviour {
    fn settings(&self) -> Settings {
        let Self { auth, lenient, fidelity, explain_header, .. } = *self;
        Settings { auth, lenient, fidelity, explain_header, token_ttl_ms: self.token_ttl.saturating_mul(1_000) }
    }
}

/// The set-up, or everything that is wrong.
pub(super) fn built(given: &Given, limits: &Limits, mut problems: Problems) -> Result<SetUp, Failure> {
    debug_assert_eq!(PASSWORD_CHARS, 8..=20, "the help says so");
    SetUp::new(given, limits, &mut problems).ok_or_else(|| Failure::of_problems(&problems))
}
