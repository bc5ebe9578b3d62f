//! Reads the files again, when they change or when SIGHUP asks for it, on a thread of its own: no answer waits for it.
//!
//! It looks once in a while, since what tells of changes by itself does not do so on every file system, above all not
//! on what is mounted into a container.

use super::exit::{self, Failure};
use super::groups::SERVED;
use super::setup::{Behaviour, Users};
use crate::diagnostics::{Location, Problem, Problems, Source};
use crate::engine::{Given, Setup};
use crate::files;
use crate::limits::Limits;
use crate::scenario::Control;
use crate::state::State;
use clap::Args;
use clap::builder::BoolishValueParser;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};

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

/// How often files that have changed are read again although they look the same: a change within the same tick of the
/// file system's clock shows in nothing else, and some clocks tick every two seconds.
const LOOKS_AFTER_A_CHANGE: u8 = 3;

/// The files of a server, and how they looked.
pub(super) struct Watch {
    users: Users,
    behaviour: Behaviour,
    control: Control,
    limits: Limits,
    /// Whether to look without being asked.
    unasked: bool,
    looks: Looks,
    unsettled: u8,
    /// Whether the files were bad at the last look, which the next one has to confirm.
    doubted: bool,
    /// Of what was read last.
    digest: u64,
    /// The ids of the overrides that were in force then.
    overrides: Vec<u64>,
}

/// What tells that a file has not changed without reading it. Whoever writes to it, or puts another in its place,
/// changes the time of change at least, which nobody can set.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    file: u64,
    device: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// By path; none for what cannot be looked at.
type Looks = Vec<(PathBuf, Option<Look>)>;

/// Asks for the files to be read again.
pub(super) struct Reloader {
    state: Arc<State>,
    /// Until the thread has it.
    watch: Option<Watch>,
    ask: SyncSender<()>,
    asked: Option<Receiver<()>>,
}

impl Watch {
    /// Looks at the files. To be done before they are first read, so that no change is missed.
    pub(super) fn begin(
        users: &Users,
        (behaviour, control): (&Behaviour, Control),
        flag: &Watching,
        limits: &Limits,
    ) -> Result<Self, Failure> {
        let mut watch = Self {
            users: users.clone(),
            behaviour: behaviour.clone(),
            control,
            limits: limits.clone(),
            unasked: flag.watch,
            looks: Vec::new(),
            unsettled: LOOKS_AFTER_A_CHANGE,
            doubted: false,
            digest: 0,
            overrides: Vec::new(),
        };
        if flag.watch {
            let mut problems = Problems::new(limits.errors_shown_max);
            watch.looks = watch.look();
            watch.refuse_streams(&mut problems);
            if !problems.is_empty() {
                return Err(Failure::of_problems(&problems));
            }
        }
        Ok(watch)
    }

    /// Notes what was read first.
    pub(super) fn read(&mut self, given: &Given) {
        if self.unasked {
            self.digest = digest(given, &Problems::new(0));
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.users.paths(&self.behaviour)
    }

    fn look(&self) -> Looks {
        // What cannot be listed is told when it is read.
        let files = files::list(&self.paths(), &mut Problems::new(0));
        let look = |path: PathBuf| {
            let look = path.metadata().ok().map(|found| Look {
                file: found.ino(),
                device: found.dev(),
                bytes: found.size(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            });
            (path, look)
        };
        files.into_iter().map(look).collect()
    }

    /// What can be read once only, such as a pipe, would be waited for.
    fn refuse_streams(&self, problems: &mut Problems) {
        for path in files::list(&self.paths(), &mut Problems::new(0)) {
            if path.metadata().is_ok_and(|found| !found.is_file()) {
                let at = Location::whole(path.display().to_string());
                problems.push(Problem::new("this cannot be reloaded", at, "expected a file, or a directory of them"));
            }
        }
    }

    /// Reads the files again if they have changed, or if asked to. Bad ones may be good once overrides have gone, whose
    /// names they have.
    fn follow(&mut self, state: &State, asked: bool) {
        let overrides: Vec<_> = state.running().overrides().iter().map(|one| one.id).collect();
        let was_bad = state.freshness().stale;
        let asked = asked || (overrides != self.overrides && was_bad);
        self.overrides = overrides;
        let looks = self.look();
        if looks != self.looks {
            self.unsettled = LOOKS_AFTER_A_CHANGE;
        } else if self.unsettled == 0 && !asked && !was_bad {
            return;
        } else {
            self.unsettled = self.unsettled.saturating_sub(1);
        }
        self.looks = looks;
        let mut problems = Problems::new(self.limits.errors_shown_max);
        self.refuse_streams(&mut problems);
        let given = if problems.is_empty() {
            self.users.given(Some((&self.behaviour, self.control)), &self.limits, &mut problems)
        } else {
            Given::default()
        };
        let digest = digest(&given, &problems);
        if digest == self.digest && !asked {
            self.doubted = false;
            return;
        }
        let is_bad = || !problems.is_empty() || Setup::new(&given, &self.limits, &mut Problems::new(0)).is_none();
        if !asked && !was_bad && !self.doubted && is_bad() {
            // It may be half written, or a link that is being made.
            (self.doubted, self.unsettled) = (true, LOOKS_AFTER_A_CHANGE);
            return;
        }
        self.doubted = false;
        self.digest = digest;
        reload(state, &given, problems);
    }
}

fn reload(state: &State, given: &Given, problems: Problems) {
    let freshness = state.reload(given, problems);
    for problem in &freshness.problems {
        tracing::warn!(place = problem.place, hint = problem.hint, "{}", problem.message);
    }
    if freshness.stale {
        tracing::warn!("the files are invalid: their last valid version stays in force");
    } else {
        tracing::info!("the files were reloaded");
    }
}

/// Stands for everything that was read.
fn digest(given: &Given, problems: &Problems) -> u64 {
    let mut digest = DefaultHasher::new();
    let mut add = |sources: &[Arc<Source>]| {
        sources.len().hash(&mut digest);
        for source in sources {
            (source.name(), source.text()).hash(&mut digest);
        }
    };
    add(given.users.as_deref().unwrap_or_default());
    add(&given.scenarios);
    for problem in problems.iter() {
        (problem.place(), &problem.what).hash(&mut digest);
    }
    digest.finish()
}

impl Reloader {
    /// Begins to look, if files are watched.
    pub(super) fn start(watch: Watch, state: &Arc<State>) -> Result<Self, Failure> {
        let (ask, asked) = sync_channel(1);
        let unasked = watch.unasked;
        let mut reloader = Self { state: Arc::clone(state), watch: Some(watch), ask, asked: Some(asked) };
        if unasked {
            reloader.begin().map_err(|error| Failure::new(exit::INTERNAL, error))?;
        }
        Ok(reloader)
    }

    /// Has the files read again, now.
    pub(super) fn ask(&mut self) {
        if let Err(error) = self.begin() {
            tracing::error!(%error, "cannot reload the files");
        }
        // Who was asked and has not begun yet needs not be asked again.
        let _ = self.ask.try_send(());
    }

    /// Without --watch the thread begins with the first SIGHUP. It is not waited for: it may be in the middle of
    /// reading when the server ends.
    fn begin(&mut self) -> std::io::Result<()> {
        let (Some(mut watch), Some(asked)) = (self.watch.take(), self.asked.take()) else {
            return Ok(());
        };
        let state = Arc::clone(&self.state);
        let follow = move || {
            let interval = state.limits.watch_interval;
            loop {
                let asked = if watch.unasked {
                    asked.recv_timeout(interval)
                } else {
                    asked.recv().map_err(RecvTimeoutError::from)
                };
                match asked {
                    Ok(()) => watch.follow(&state, true),
                    Err(RecvTimeoutError::Timeout) => watch.follow(&state, false),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        std::thread::Builder::new().name("wksmock-files".to_owned()).spawn(follow).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::setup::built;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        users: Users,
        #[command(flatten)]
        behaviour: Behaviour,
        #[command(flatten)]
        watching: Watching,
    }

    /// A file of rules for everyone with the status 500, a watch on it, and what it was loaded into.
    fn watched() -> (tempfile::NamedTempFile, Watch, State) {
        let file = tempfile::NamedTempFile::new().unwrap();
        write(&file, &rules(500));
        let flags = Flags::parse_from(["", "--watch", "--scenario", file.path().to_str().unwrap()]);
        let limits = Limits::default();
        let mut watch =
            Watch::begin(&flags.users, (&flags.behaviour, Control::Shared), &flags.watching, &limits).ok().unwrap();
        let mut problems = Problems::new(9);
        let given = flags.users.given(Some((&flags.behaviour, Control::Shared)), &limits, &mut problems);
        watch.read(&given);
        let setup = built(&given, &limits, problems).ok().unwrap();
        (file, watch, State::new(setup, limits, crate::state::Options::default()))
    }

    fn write(file: &tempfile::NamedTempFile, text: &str) {
        std::fs::write(file.path(), text).unwrap();
    }

    fn rules(status: u16) -> String {
        format!(r#"{{"rules": [{{"name": "r", "status": {status}}}]}}"#)
    }

    #[test]
    fn a_file_that_is_bad_for_a_moment_changes_nothing() {
        let (file, mut watch, state) = watched();
        let mut look = |text: Option<String>| {
            if let Some(text) = text {
                write(&file, &text);
            }
            watch.follow(&state, false);
            let freshness = state.freshness();
            (freshness.stale, freshness.reloads)
        };
        let half = || Some(rules(503)[..20].to_owned());
        for _ in 0..2 {
            assert_eq!(look(half()), (false, 0));
            assert_eq!(look(Some(rules(500))), (false, 0), "it is as it was");
        }
        assert_eq!(look(half()), (false, 0));
        assert_eq!(look(Some(rules(503))), (false, 1), "it is another");
        assert_eq!(look(half()), (false, 1));
        assert_eq!(look(None), (true, 2), "it stays bad");
        assert_eq!(look(Some(String::new())), (true, 3), "bad in another way");
        for _ in 0..5 {
            assert_eq!(look(None), (true, 3));
        }
        // What is bad is read at every look, so that no change is missed, whatever the file looks like.
        write(&file, &rules(404));
        watch.looks = watch.look();
        watch.follow(&state, false);
        assert!(!state.freshness().stale);
    }

    #[test]
    fn for_some_looks_after_a_change_files_are_read_whatever_they_look_like() {
        let (file, mut watch, state) = watched();
        let write = |status| write(&file, &rules(status));
        // A file that changes within a tick looks as it did: as if the look had been taken after the change.
        let mut change = |status| {
            write(status);
            watch.looks = watch.look();
            watch.follow(&state, false);
            state.freshness().reloads
        };
        assert_eq!([change(503), change(404), change(500)], [1, 2, 3]);
        // Then it is trusted, until it looks new.
        assert_eq!(change(503), 3);
        write(404);
        watch.follow(&state, false);
        assert_eq!(state.freshness().reloads, 4);
    }
}
