//! The command line: one file for each subcommand, and these:
//!
//! - `setup.rs` has the flags that make a setup
//! - `limit_flags.rs`, `listen.rs`, `deliveries.rs`, `logging.rs` have other groups of flags
//! - `tls/` has those of HTTPS, the files of its certificates, and the variables by which programs trust them
//! - `grammar.rs` has the grammar of the command line
//! - `groups.rs` has the headings of flags in help texts
//! - `environment.rs` reads `WKSMOCK_` variables, `numbers.rs` the numbers of flags
//! - `exit.rs` has exit codes and errors
//! - `serving.rs`, `ready_files.rs`, `greeting.rs`, `browser.rs`, `watch.rs` are parts of `serve`
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
mod grammar;
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
mod numbers;
mod orphans;
mod output;
mod password;
mod plan;
#[cfg(feature = "http2")]
mod protocols;
mod ready_files;
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
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod watch;
mod written_file;

use crate::diagnostics::shown;
use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue};
use exit::Failure;
use grammar::Arguments;
use std::process::ExitCode;

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
