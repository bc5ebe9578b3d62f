//! Errors, with the problems of files, rules and expectations.

use crate::diagnostics::{self, draw};
use std::error::Error;
use std::fmt;
use std::io;

/// A problem in a file, a text, a rule or an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file, or the name of the text.
    pub file: String,
    /// The line, from 1; `None` if the file as a whole is meant.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The error, and the expectation.
    pub message: String,
    /// The remedy.
    pub hint: Option<String>,
}

/// All problems of the files, rules and settings of a server. As a text, it draws each with its place.
#[derive(Clone)]
pub struct InvalidInput {
    drawn: String,
    problems: Vec<Problem>,
    more: usize,
}

/// Why a [`MockServer`](crate::MockServer) did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Files, rules, expectations, faults or URLs are invalid.
    #[error("{0}")]
    Setup(InvalidInput),
    /// Limits are out of their [ranges](crate::Limits::ranges). The text lists them.
    #[error("{0}")]
    Limits(String),
    /// No port or thread is available.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
}

/// Why an override was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// The rule is invalid for this server.
    #[error("{0}")]
    Invalid(InvalidInput),
    /// The limit of overrides is reached.
    #[error("override limit reached: at most {0} overrides; remove some, or raise the limit overrides_max")]
    Full(usize),
    /// The texts of all overrides would exceed this number of bytes.
    #[error("the active overrides would exceed {0} bytes")]
    TooLarge(usize),
    /// Another rule has the same name; its place.
    #[error("the rule name is already used by {0}")]
    NameTaken(String),
}

/// Why a project was not cloned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloneError {
    /// Unknown project.
    #[error("unknown project {0}")]
    Unknown(String),
    /// A project with this id exists.
    #[error("project {0} already exists; choose another id, or none")]
    Taken(String),
    /// Unknown account.
    #[error("unknown account {0:?}")]
    UnknownAccount(String),
    /// The account is bound to this clone of the project.
    #[error("the account is already bound to clone {0:?} of the same project")]
    Bound(String),
    /// The id is invalid; the reason.
    #[error("invalid id for a clone: {0}")]
    Id(String),
    /// The limit of clones is reached.
    #[error("clone limit reached: at most {0} clones; remove some, or raise the limit clones_max")]
    Full(usize),
    /// The scenario is invalid.
    #[error("{0}")]
    Scenario(InvalidInput),
    /// The scenarios of all clones would exceed a limit. The text names it.
    #[error("{0}")]
    TooLarge(String),
}

impl StartError {
    /// The problems of files, rules, expectations and faults; empty for other errors.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Setup(invalid) => invalid.problems(),
            _ => &[],
        }
    }
}

impl OverrideError {
    /// The problems of the rule; empty for other errors.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid(invalid) => invalid.problems(),
            _ => &[],
        }
    }
}

impl CloneError {
    /// The problems of the scenario; empty for other errors.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Scenario(invalid) => invalid.problems(),
            _ => &[],
        }
    }
}

impl InvalidInput {
    /// A setting with a wrong value.
    pub(super) fn of(setting: &str, expected: impl Into<String>) -> Self {
        let mut problems = diagnostics::Problems::new(1);
        let at = diagnostics::Location::whole(setting);
        problems.push(diagnostics::Problem::new(format!("invalid value of `{setting}`"), at, expected));
        (&problems).into()
    }

    /// The problems, file by file in the order of their places, as many as `errors_shown_max` allows.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The number of further problems.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl From<&diagnostics::Problems> for InvalidInput {
    fn from(problems: &diagnostics::Problems) -> Self {
        let all = problems.iter().map(Problem::from).collect();
        Self { drawn: draw(problems, false), problems: all, more: problems.more() }
    }
}

impl From<&diagnostics::Problem> for Problem {
    fn from(problem: &diagnostics::Problem) -> Self {
        let at = problem.at.span.as_ref().map(|span| problem.at.source.line_column(span.start));
        let told = problem.told();
        Self {
            file: problem.at.source.name().to_owned(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            message: told.message,
            hint: told.hint,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(out, ":{line}:{column}")?;
        }
        write!(out, ": {}", self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(out, "; {hint}"))
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.drawn)
    }
}

/// Draws the problems, so that an `unwrap` shows them as `Display` does.
impl fmt::Debug for InvalidInput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\n{}", self.drawn)
    }
}

impl Error for InvalidInput {}
