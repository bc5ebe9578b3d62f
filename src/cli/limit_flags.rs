//! The flag `--limit`.

use super::exit::Failure;
use super::groups::LIMITS;
use crate::limits::Limits;
use clap::Args;

/// The limits that differ from their defaults.
#[derive(Debug, Args)]
pub(super) struct LimitFlags {
    /// Limit to set, as in idle_ms=5000 or journal_entries_max=100; repeatable
    ///
    /// An unknown name, as in `--limit names=0`, prints all names. Their defaults and ranges are on the page docs/limits.md
    /// of the source.
    #[arg(long, value_name = "NAME=N", env = "WKSMOCK_LIMIT", value_parser = limit, help_heading = LIMITS,
          hide_short_help = true)]
    limit: Vec<(String, u64)>,
}

/// Parses `NAME=N`.
fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=N, as in idle_ms=5000")?;
    let value = value.parse().map_err(|_| format!("{value:?} is not a whole number"))?;
    Limits::default().set(name, value)?;
    Ok((name.to_owned(), value))
}

impl LimitFlags {
    /// The limits, with connections capped by the process's file limit less a reserve.
    pub(super) fn limits(&self) -> Result<Limits, Failure> {
        const OTHER_FILES: u64 = 64;
        let mut limits = Limits::default();
        for (name, value) in &self.limit {
            limits.set(name, *value).map_err(Failure::usage)?;
        }
        let limit = u64::try_from(limits.connections_max).unwrap_or(u64::MAX);
        if let Ok(files) = rlimit::increase_nofile_limit(limit.saturating_add(OTHER_FILES)) {
            let connections = files.saturating_sub(OTHER_FILES).max(files / 2).max(1);
            limits.connections_max = usize::try_from(connections.min(limit)).unwrap_or(usize::MAX);
        }
        Ok(limits)
    }
}
