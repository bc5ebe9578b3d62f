//! The command line: one file a subcommand.
//!
//! `set_up.rs` holds the flags that make a set-up, `bounds.rs` the one that sets bounds, `output.rs` and `report.rs` what
//! `run` does with a command's output and its reports, `launch.rs` starts that command, `orphans.rs` asks how other children ended, `files.rs` reads files, `watch.rs` reads them again, `environment.rs` looks after
//! `WKSMOCK_` variables, `logging.rs` sends logs to stderr, and `exit.rs` lists the exit codes.

mod bounds;
mod browser;
mod check;
mod ci;
mod deliveries;
mod env;
mod environment;
mod exit;
mod files;
mod health;
mod launch;
mod listen;
mod log_lines;
mod logging;
mod orphans;
mod output;
mod password;
mod plan;
mod report;
mod run;
mod sample;
mod scanner;
mod schema;
mod serve;
mod set_up;
mod watch;
mod written_file;

pub(crate) use files::read as read_files;

use crate::source::shown;
use clap::error::{ContextKind, ContextValue};
use clap::{FromArgMatches as _, Parser, Subcommand};
use exit::Failure;
use std::process::ExitCode;

/// Emulates Huawei Cloud Workspace's password-reset API for tests: every documented answer on cue, the same on
/// every run.
///
/// Every flag has a variable: --seed is WKSMOCK_SEED. Several values of a
/// repeatable flag are separated there by line breaks or by semicolons.
///
/// Exit codes: 0 fine; 1 not healthy, or not what was expected; 2 usage or a bad file; 69 cannot listen; 70 internal
/// error; 126 a command that cannot be run; 127 no such command; 128 + n ended by signal n.
#[derive(Debug, Parser)]
#[command(name = "wksmock", version, about, long_about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Run(run::Run),
    Check(check::Check),
    Plan(plan::Plan),
    Password(password::Password),
    Sample(sample::Sample),
    Schema(schema::Schema),
    Health(health::Health),
    Env(env::Env),
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
            // A closed stdout or stderr is no reason to end in another way.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::FINE });
        }
    };
    environment::warn(&given);
    let ended = match arguments.command {
        Command::Serve(serve) => serve.run(),
        Command::Run(run) => run.run(),
        Command::Check(check) => check.run(),
        Command::Plan(plan) => plan.run(),
        Command::Password(password) => password.run(),
        Command::Sample(sample) => sample.run(),
        Command::Schema(schema) => schema.run(),
        Command::Health(health) => health.run(),
        Command::Env(env) => env.run(),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(failure) => environment::noted(failure, &given).report(),
    }
}

/// An error that quotes of a long value the beginning.
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
