//! The flags for logs, and their start.

use super::exit::is_coloured;
use super::groups::OUTPUT;
use super::log_lines::{self, LogWriter};
use crate::limits::Limits;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use std::io;
pub(super) use tracing_subscriber::filter::LevelFilter;

/// Level and format of logs.
#[derive(Debug, Args)]
pub(super) struct Logging {
    /// Log format on stderr
    #[arg(long = "log", value_name = "FORMAT", env = "WKSMOCK_LOG", value_enum, default_value_t = Form::Text,
          help_heading = OUTPUT, hide_short_help = true)]
    form: Form,

    /// Lowest level to log; info logs each request
    ///
    /// The default is info, in `run` warn.
    #[arg(long = "log-level", value_name = "LEVEL", env = "WKSMOCK_LOG_LEVEL", help_heading = OUTPUT,
          value_parser = PossibleValuesParser::new(LEVELS).try_map(|level| level.parse::<LevelFilter>()))]
    level: Option<LevelFilter>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// The values of `--log-level`.
const LEVELS: [&str; 5] = ["off", "error", "warn", "info", "debug"];

impl Logging {
    /// Starts logging, at level `usual` unless a flag sets another.
    pub(super) fn start(&self, limits: &Limits, usual: LevelFilter) -> io::Result<LogWriter> {
        let (lines, written) = log_lines::write_to(std::io::stderr(), limits.log_lines_max)?;
        let builder = tracing_subscriber::fmt()
            .with_max_level(self.level.unwrap_or(usual))
            .with_ansi(is_coloured())
            .with_target(false)
            .with_writer(lines);
        match self.form {
            Form::Text => builder.init(),
            Form::Json => builder.json().flatten_event(true).init(),
        }
        Ok(written)
    }
}
