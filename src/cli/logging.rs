//! Logs go to stderr through a bounded writer: when nobody reads them, lines are dropped and counted, and no
//! answer waits.

use super::log_lines::{self, Written};
use crate::limits::Limits;
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal as _};
use tracing_subscriber::filter::LevelFilter;

/// How it is logged.
#[derive(Debug, Args)]
pub(super) struct Logging {
    /// Form of the log on stderr.
    #[arg(long = "log", env = "WKSMOCK_LOG", value_enum, default_value_t = Form::Text)]
    form: Form,

    /// Least severe level that is logged; info has one line for each request. Default: info, and warn in `run`.
    #[arg(long = "log-level", value_name = "LEVEL", env = "WKSMOCK_LOG_LEVEL", value_enum)]
    level: Option<Level>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

impl Logging {
    /// Logs from now on, at the usual level unless another was said.
    pub(super) fn start(&self, limits: &Limits, usual: Level) -> io::Result<Written> {
        let (lines, written) = log_lines::write_to(std::io::stderr(), limits.log_lines_max)?;
        let builder = tracing_subscriber::fmt()
            .with_max_level(self.level.unwrap_or(usual).filter())
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .with_writer(lines);
        match self.form {
            Form::Text => builder.init(),
            Form::Json => builder.json().flatten_event(true).init(),
        }
        Ok(written)
    }
}

impl Level {
    const fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
        }
    }
}
