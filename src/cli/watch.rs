//! `--watch`: which files of a server are read again, and when.

use super::exit::Failure;
use super::groups::SERVED;
use super::setup::{Behaviour, Users};
use crate::diagnostics::Problems;
use crate::files::WatchedFiles;
use crate::limits::Limits;
use crate::scenario::Control;
use clap::Args;
use clap::builder::BoolishValueParser;

/// Whether files are watched.
#[derive(Debug, Args)]
pub(super) struct Watching {
    /// Reload users and scenario files when they change
    ///
    /// SIGHUP reloads them in any case. Call numbers continue. While a file is invalid, its last valid version stays in
    /// force, and health reports stale.
    #[arg(long, env = "WKSMOCK_WATCH", value_parser = BoolishValueParser::new(), help_heading = SERVED)]
    watch: bool,
}

impl Watching {
    /// Looks at the files. To be done before they are first read, so that no change is missed.
    pub(super) fn begin(
        &self,
        users: &Users,
        (behaviour, control): (&Behaviour, Control),
        limits: &Limits,
    ) -> Result<WatchedFiles, Failure> {
        let paths = users.paths(behaviour);
        let (users, behaviour, bounds) = (users.clone(), behaviour.clone(), limits.clone());
        let read = move |problems: &mut Problems| users.given(Some((&behaviour, control)), &bounds, problems);
        WatchedFiles::begin(paths, self.watch, limits, read).map_err(|problems| Failure::of_problems(&problems))
    }
}
