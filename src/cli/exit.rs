//! Exit codes, and errors that end a command.

use super::ci::harmless;
use crate::diagnostics::{Problem, Problems, draw, is_obeyed};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

pub(super) const FINE: u8 = 0;
pub(super) const UNHEALTHY: u8 = 1;
/// A failed expectation, missing coverage, a finding of `--strict`, or a secret in the output.
pub(super) const FAILED: u8 = 1;
pub(super) const USAGE: u8 = 2;
pub(super) const CANNOT_LISTEN: u8 = 69;
pub(super) const INTERNAL: u8 = 70;
pub(super) const CANNOT_EXECUTE: u8 = 126;
pub(super) const NO_SUCH_COMMAND: u8 = 127;
pub(super) const SIGNAL: u8 = 128;

/// Prints to stdout, and returns the exit code.
pub(super) fn print(text: impl AsRef<[u8]>) -> Result<u8, Failure> {
    printed(std::io::stdout().write_all(text.as_ref()))
}

/// The exit code of a command that prints. A reader that stops, as with `| head`, is not an error.
pub(super) fn printed(written: std::io::Result<()>) -> Result<u8, Failure> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(INTERNAL, format!("cannot write to stdout: {error}")))
        }
        _ => Ok(FINE),
    }
}

/// `text` with characters that a terminal would obey escaped.
pub(super) fn escaped(text: &str) -> String {
    let shown =
        |character| if is_obeyed(character) { character.escape_default().to_string() } else { character.into() };
    text.chars().map(shown).collect()
}

/// Whether stderr has colours: on a terminal, unless `NO_COLOR` is set.
pub(super) fn is_coloured() -> bool {
    let is_set = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !is_set
}

/// [`escaped`] for a text of several lines.
pub(super) fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// An error that ends a command.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    /// Complete lines for stderr.
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: u8, message: impl std::fmt::Display) -> Self {
        let message = message.to_string();
        Self { code, message: format!("error: {}\n", escaped_lines(&message)) }
    }

    /// An error in flags or files.
    pub(super) fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(USAGE, message)
    }

    /// An error of the program or the system.
    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(INTERNAL, error)
    }

    /// Prints the message. A closed stderr is not an error.
    pub(super) fn tell(&self) {
        let _ = std::io::stderr().write_all(harmless(&self.message).as_bytes());
    }

    /// One error in a file.
    pub(super) fn of_problem(problem: Box<Problem>) -> Self {
        let mut problems = Problems::new(1);
        problems.push(problem);
        Self::of_problems(&problems)
    }

    /// Errors in files or flags, drawn with their places.
    pub(super) fn of_problems(problems: &Problems) -> Self {
        let mut message = draw(problems, is_coloured());
        let count = problems.count();
        let errors = if count == 1 { "error" } else { "errors" };
        let _ = writeln!(message, "{count} {errors}");
        Self { code: USAGE, message }
    }
}
