//! The flags that make a setup.

use super::ci::harmless;
use super::exit::{Failure, escaped};
use super::groups::{CREDENTIALS, FAULTS, SERVED, TIME};
use super::numbers::whole;
use crate::contract::Fidelity;
use crate::diagnostics::Problems;
use crate::draw::PASSWORD_CHARS;
use crate::engine::{Auth, Given, Settings, Setup, TOKEN_TTL_MS};
use crate::files;
use crate::limits::Limits;
use crate::scenario::{Control, Fault, looks_like_a_chance};
use crate::state::{ClockMode, Options};
use clap::Args;
use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser as _};
use std::io::Write as _;
use std::path::PathBuf;

/// The users to serve.
#[derive(Clone, Debug, Args)]
pub(super) struct Users {
    /// Users file, or a directory of them; repeatable
    ///
    /// Default: the built-in example users.
    #[arg(long, value_name = "FILE|DIR", env = "WKSMOCK_USERS", help_heading = SERVED)]
    users: Vec<PathBuf>,

    /// Seed for everything that is drawn at random
    ///
    /// Passwords, chances, delays and generated users depend on it. Default: the seed in the files, else 0.
    #[arg(long, value_name = "N", env = "WKSMOCK_SEED", help_heading = SERVED, allow_negative_numbers = true,
          value_parser = whole(0..=u64::MAX))]
    seed: Option<u64>,

    /// Length of passwords, 8 to 20 characters
    #[arg(long, value_name = "N", env = "WKSMOCK_PASSWORD_LENGTH", default_value = "10", help_heading = SERVED,
          hide_short_help = true, value_parser = whole::<usize>(8..=20))]
    password_length: usize,
}

/// The rules to apply.
#[derive(Clone, Debug, Args)]
pub(super) struct Scripts {
    /// Scenario file, folder or builtin:NAME; repeatable
    ///
    /// Rules apply in the order given. `wksmock scenario list` prints the built-in scenarios. ./builtin:NAME is a file of
    /// that name.
    #[arg(long, value_name = "FILE|DIR", env = "WKSMOCK_SCENARIO", help_heading = FAULTS)]
    scenario: Vec<PathBuf>,

    /// Fault, as in 0001=503:1-2 or '*=500:10%'; repeatable
    #[arg(long, value_name = "FAULT", env = "WKSMOCK_FAULT", help_heading = FAULTS, long_help = about_faults())]
    fault: Vec<String>,
}

/// The long help of `--fault`.
fn about_faults() -> String {
    let mut names: Vec<_> = Fault::plain_names().collect();
    let last = invariant!(names.pop(), "", "there are faults");
    format!(
        "Fault, as in 0001=503:1-2 or '*=500:10%'; repeatable\n\n\
         TARGET=EFFECT, then any of calls, a chance and a phase, each after a colon, as in '*=503:1-2' or \
         '*=reset:2%:after'. TARGET is a user (the id, the user_name, or the end of the id) or * for every user. EFFECT \
         is a documented status, {} or {last}. Calls are 3, 1-2, 5-, */3 or several of these separated by commas; a chance \
         is 10% or 2.5%; the phase is before or after the password is reset.\n\n\
         Faults take precedence over scenario files.",
        names.join(", ")
    )
}

/// How requests are answered.
#[derive(Clone, Debug, Args)]
pub(super) struct Behaviour {
    /// Accept requests without parameters that only the documentation makes mandatory
    ///
    /// Content-Type is one of them. A signed request without a body may omit it in any case.
    #[arg(long, env = "WKSMOCK_LENIENT", value_parser = BoolishValueParser::new(), help_heading = SERVED,
          hide_short_help = true)]
    lenient: bool,

    /// Follow the documentation, or the live service where it differs
    ///
    /// With `observed`, an unknown user or project is a 400, a wrong method a 404, Content-Type is optional, and errors of
    /// the gateway have a request_id.
    #[arg(long, env = "WKSMOCK_FIDELITY", default_value = "documented", help_heading = SERVED, hide_short_help = true,
          value_parser = PossibleValuesParser::new(Fidelity::NAMES).try_map(|name| name.parse::<Fidelity>()))]
    fidelity: Fidelity,

    /// Name the rules behind each answer in its header X-Wksmock-Explain
    #[arg(long, env = "WKSMOCK_EXPLAIN_HEADER", value_parser = BoolishValueParser::new(), help_heading = SERVED,
          hide_short_help = true)]
    explain_header: bool,

    #[command(flatten)]
    scripts: Scripts,

    /// Credentials that requests must have
    ///
    /// `off` ignores credentials. `permissive` accepts requests without credentials, and refuses wrong ones. `required`
    /// also refuses requests without credentials.
    #[arg(long, env = "WKSMOCK_AUTH", default_value = "permissive", help_heading = CREDENTIALS,
          value_parser = PossibleValuesParser::new(Auth::NAMES).try_map(|name| name.parse::<Auth>()))]
    auth: Auth,

    /// Lifetime of tokens from POST /v3/auth/tokens, in seconds of virtual time
    #[arg(long, value_name = "SECONDS", env = "WKSMOCK_TOKEN_TTL", default_value_t = TOKEN_TTL_MS / 1_000,
          help_heading = CREDENTIALS, hide_short_help = true,
          value_parser = whole(1..=TOKEN_TTL_SECONDS_MAX))]
    token_ttl: u64,
}

/// One year.
const TOKEN_TTL_SECONDS_MAX: u64 = 366 * 86_400;

/// How virtual time runs, by which scenarios count.
#[derive(Debug, Args)]
pub(super) struct Time {
    /// Virtual time: running with real time, or manual, moved by POST /__admin/clock only
    ///
    /// Delays, time_ms of rules, and lifetimes of tokens are in virtual time.
    #[arg(long, env = "WKSMOCK_CLOCK", default_value = "running", help_heading = TIME, hide_short_help = true,
          value_parser = PossibleValuesParser::new(ClockMode::NAMES).try_map(|name| name.parse::<ClockMode>()))]
    clock: ClockMode,

    /// Record delays without waiting for them
    #[arg(long, env = "WKSMOCK_INSTANT_DELAYS", value_parser = BoolishValueParser::new(), help_heading = TIME,
          hide_short_help = true)]
    instant_delays: bool,
}

impl Time {
    /// How a `down` window can be ended, depending on a separate address of the admin API.
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
    /// Reads the scenario files.
    fn add_to(&self, given: Given, limits: &Limits, problems: &mut Problems) -> Given {
        Given { scenarios: files::read(&self.scenario, limits, problems), faults: self.fault.clone(), ..given }
    }
}

impl Users {
    /// A setup of the users alone, without rules.
    pub(super) fn alone(&self, limits: &Limits) -> Result<Setup, Failure> {
        built(limits, |problems| self.given(None, limits, problems))
    }

    /// A setup of users and rules outside a server.
    pub(super) fn with(&self, scripts: &Scripts, limits: &Limits) -> Result<Setup, Failure> {
        built(limits, |problems| self.given_with(scripts, limits, problems))
    }

    /// The input for a setup of users and rules outside a server.
    pub(super) fn given_with(&self, scripts: &Scripts, limits: &Limits, problems: &mut Problems) -> Given {
        let given = self.given(None, limits, problems);
        // Here it is unknown whether the admin API has a separate address.
        scripts.add_to(Given { control: Control::Apart, ..given }, limits, problems)
    }

    /// The input for a setup: the users and, with `behaviour`, the rules.
    pub(super) fn given(
        &self,
        behaviour: Option<(&Behaviour, Control)>,
        limits: &Limits,
        problems: &mut Problems,
    ) -> Given {
        let given = Given {
            users: (!self.users.is_empty()).then(|| files::read(&self.users, limits, problems)),
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

    /// The given files and directories.
    pub(super) fn paths(&self, behaviour: &Behaviour) -> Vec<PathBuf> {
        self.users.iter().chain(&behaviour.scripts.scenario).cloned().collect()
    }

    /// The given users files and directories.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.users
    }
}

impl Behaviour {
    fn settings(&self) -> Settings {
        let Self { auth, lenient, fidelity, explain_header, .. } = *self;
        Settings { auth, lenient, fidelity, explain_header, token_ttl_ms: self.token_ttl.saturating_mul(1_000) }
    }
}

/// The setup, or all errors. Warns of faults whose call number looks like a chance.
pub(super) fn built(limits: &Limits, read: impl FnOnce(&mut Problems) -> Given) -> Result<Setup, Failure> {
    debug_assert_eq!(PASSWORD_CHARS, 8..=20, "the help names this range");
    let mut problems = Problems::new(limits.errors_shown_max);
    let given = read(&mut problems);
    for warning in given.faults.iter().filter_map(|fault| looks_like_a_chance(fault)) {
        let _ = std::io::stderr().write_all(harmless(&format!("warning: {}\n", escaped(&warning))).as_bytes());
    }
    Setup::new(&given, limits, &mut problems).ok_or_else(|| Failure::of_problems(&problems))
}
