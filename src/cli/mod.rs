//! The command line: one file a subcommand.
//!
//! `set_up.rs` holds the flags that make a set-up, `files.rs` reads files, `environment.rs` looks after
//! `WKSMOCK_` variables, `logging.rs` sends logs to stderr, and `exit.rs` lists the exit codes.

mod check;
mod environment;
mod exit;
mod files;
mod health;
mod listen;
mod log_lines;
mod logging;
mod password;
mod plan;
mod schema;
mod serve;
mod set_up;

pub(crate) use files::read as read_files;

use clap::{FromArgMatches as _, Parser, Subcommand};
use exit::Failure;
use std::process::ExitCode;

/// Emulates Huawei Cloud Workspace's password-reset API for tests: every documented answer on cue, the same on
/// every run.
///
/// Every flag has a variable: --seed is WKSMOCK_SEED. Repeatable flags are separated by newlines there.
///
/// Exit codes: 0 fine; 1 not healthy; 2 usage or a bad file; 69 cannot listen; 70 internal error; 128 + n ended
/// by signal n.
#[derive(Debug, Parser)]
#[command(name = "wksmock", version, about, long_about, max_term_width = 100, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Plan(plan::Plan),
    Password(password::Password),
    Schema(schema::Schema),
    Health(health::Health),
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().collect();
    let mut command = environment::command(&given);
    let matches = command.try_get_matches_from_mut(given);
    let arguments = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match arguments.map_err(|error| error.format(&mut command)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed stdout or stderr is no reason to end in another way.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::FINE });
        }
    };
    environment::warn_of_unknown();
    let ended = match arguments.command {
        Command::Serve(serve) => serve.run(),
        Command::Check(check) => check.run(),
        Command::Plan(plan) => plan.run(),
        Command::Password(password) => password.run(),
        Command::Schema(schema) => schema.run(),
        Command::Health(health) => health.run(),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failure.report(),
    }
}

impl Failure {
    fn report(self) -> ExitCode {
        use std::io::Write as _;
        let _ = write!(std::io::stderr(), "{}", self.message);
        ExitCode::from(self.code)
    }
}
