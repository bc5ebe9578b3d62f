//! Logs go to stderr through a bounded writer: when nobody reads them, lines are dropped and counted, and no
//! answer waits.

use crate::limits::Limits;
use clap::{Args, ValueEnum};
use std::io::{IsTerminal as _, Write as _};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;

/// How it is logged.
#[derive(Debug, Args)]
pub(super) struct Logging {
    /// Form of the log on stderr.
    #[arg(long = "log", env = "WKSMOCK_LOG", value_enum, default_value_t = Form::Text)]
    form: Form,

    /// Least severe level that is logged; info has one line for each request.
    #[arg(long = "log-level", value_name = "LEVEL", env = "WKSMOCK_LOG_LEVEL", value_enum, default_value_t = Level::Info)]
    level: Level,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

/// Writes what is still waiting when it is dropped.
#[must_use]
pub(super) struct Written {
    worker: Option<WorkerGuard>,
    dropped: ErrorCounter,
}

impl Logging {
    /// Logs from now on.
    pub(super) fn start(&self, limits: &Limits) -> Written {
        let (writer, worker) = NonBlockingBuilder::default()
            .buffered_lines_limit(limits.log_lines_max)
            .lossy(true)
            .thread_name("wksmock-log")
            .finish(std::io::stderr());
        let dropped = writer.error_counter();
        let builder = tracing_subscriber::fmt()
            .with_max_level(self.level.filter())
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .with_writer(writer);
        match self.form {
            Form::Text => builder.init(),
            Form::Json => builder.json().flatten_event(true).init(),
        }
        Written { worker: Some(worker), dropped }
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

impl Drop for Written {
    fn drop(&mut self) {
        drop(self.worker.take());
        let dropped = self.dropped.dropped_lines();
        if dropped > 0 {
            let _ = writeln!(std::io::stderr(), "{dropped} log lines were dropped: nobody read them in time");
        }
    }
}
