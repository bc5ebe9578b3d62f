//! The command line: one file for each subcommand, and these:
//!
//! - `setup.rs` has the flags that make a setup
//! - `limit_flags.rs`, `listen.rs`, `deliveries.rs`, `logging.rs` have other groups of flags
//! - `groups.rs` has the headings of flags in help texts
//! - `environment.rs` reads `WKSMOCK_` variables
//! - `exit.rs` has exit codes and errors
//! - `serving.rs`, `ready_file.rs`, `greeting.rs`, `browser.rs`, `watch.rs` are parts of `serve`
//! - `launch.rs`, `output.rs`, `report.rs` are parts of `run`: they start the command, search its output for secrets
//!   (`scanner`), and write reports
//! - `orphans.rs` reaps children that this process did not start
//! - `written_file.rs` writes a file whole or not at all
//! - `log_lines.rs` writes logs, `ci.rs` escapes commands of CI systems
//! - `reference.rs` generates `docs/cli.md`

mod browser;
mod check;
mod ci;
mod completions;
mod deliveries;
mod env;
mod environment;
mod exit;
mod greeting;
mod groups;
mod health;
mod init;
mod launch;
mod limit_flags;
mod listen;
mod log_lines;
mod logging;
mod man;
mod orphans;
mod output;
mod password;
mod plan;
mod ready_file;
#[cfg(test)]
mod reference;
mod report;
mod run;
mod sample;
mod scanner;
mod scenario;
mod schema;
mod serve;
mod serving;
mod setup;
mod watch;
mod written_file;

use crate::diagnostics::shown;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use exit::Failure;
use std::process::ExitCode;

/// A mock of Huawei Cloud Workspace's password-reset API for tests: every documented answer on cue, the same on every
/// run
///
/// Exit codes: 0 success; 1 an unhealthy server, a failed expectation, missing coverage, a finding of --strict, or a secret
/// that --no-secrets-in-output found; 2 wrong usage or an invalid file;
/// 69 cannot listen; 70 internal error; 126 the command of `run` cannot be executed; 127 it was not found; 128 + n ended by
/// signal n.
#[derive(Debug, Parser)]
#[command(name = "wksmock", version, about, long_about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Run(run::RunArgs),
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Plan(plan::Plan),
    Scenario(scenario::ScenarioArgs),
    Env(env::EnvArgs),
    Password(password::PasswordArgs),
    Sample(sample::SampleArgs),
    Schema(schema::SchemaArgs),
    Health(health::HealthArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The rule of variables, shown at the end of each help text.
const VARIABLES: &str = "Each flag can be set by a variable: --seed by WKSMOCK_SEED, --log-level by WKSMOCK_LOG_LEVEL. A flag takes \
precedence over its variable. In a variable, values of a repeatable flag are separated by line breaks or semicolons.";

/// The grammar of the command line, with help texts.
fn grammar() -> clap::Command {
    let start = "Start: wksmock serve, or wksmock run -- pytest";
    let command = Arguments::command().after_help(start).after_long_help(format!("{start}\n\n{VARIABLES}"));
    command.mut_subcommands(|command| {
        let hidden = command.get_arguments().filter(|argument| argument.is_hide_short_help_set()).count();
        let has_variables = command.get_arguments().any(|argument| argument.get_env().is_some());
        let command = command.mut_args(|argument| argument.hide_env(true));
        match (has_variables, hidden) {
            (false, _) => command,
            (true, 0) => command.after_help(VARIABLES),
            (true, hidden) => {
                let more = format!(
                    "{hidden} more flags: see --help. Each flag can be set by a variable: --seed by WKSMOCK_SEED."
                );
                command.after_help(more).after_long_help(VARIABLES)
            }
        }
    })
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().collect();
    let (mut command, with_variables) = environment::command(&given);
    let matches = command.try_get_matches_from_mut(with_variables);
    let arguments = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    let explained = |error| shortened(environment::explained(error, &given)).format(&mut command);
    let arguments = match arguments.map_err(explained) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed stdout or stderr does not change the exit code.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::FINE });
        }
    };
    environment::warn(&given);
    match arguments.command.run() {
        Ok(code) => ExitCode::from(code),
        Err(failure) => environment::noted(failure, &given).report(),
    }
}

impl Command {
    fn run(self) -> Result<u8, Failure> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Run(run) => run.run(),
            Self::Check(check) => check.run(),
            Self::Plan(plan) => plan.run(),
            Self::Password(password) => password.run(),
            Self::Sample(sample) => sample.run(),
            Self::Scenario(scenario) => scenario.run(),
            Self::Init(init) => init.run(),
            Self::Schema(schema) => schema.run(),
            Self::Health(health) => health.run(),
            Self::Env(env) => env.run(),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
        }
    }
}

/// `error` with long values cut.
fn shortened(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
        if let Some(ContextValue::String(value)) = error.get(kind) {
            let value = shown(value).into_owned();
            error.insert(kind, ContextValue::String(value));
        }
    }
    error
}

impl Failure {
    fn report(self) -> ExitCode {
        self.tell();
        ExitCode::from(self.code)
    }
}
