//! Watches files, and reads them again when they change or on request, on a thread of its own: no answer waits for it.
//!
//! It polls, since notifications of changes do not work on every file system, above all not on mounts into a container.

use crate::diagnostics::{Location, Problem, Problems, Source};
use crate::engine::{Given, Setup};
use crate::limits::Limits;
use crate::state::State;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};

/// Number of extra reads after a change, of files that look unchanged. A change within one tick of the file system's
/// clock shows in nothing else, and some clocks tick every two seconds.
const LOOKS_AFTER_A_CHANGE: u8 = 3;

/// Reads the files of a server into what its setup is made of.
type ReadFiles = Box<dyn Fn(&mut Problems) -> Given + Send>;

/// Reads further files that are not part of the setup, such as certificates. Gets whether that was asked for.
type FollowAlso = Box<dyn FnMut(&State, bool) + Send>;

/// The files of a server, and how they looked.
pub(crate) struct WatchedFiles {
    /// Files, and directories of files.
    paths: Vec<PathBuf>,
    read: ReadFiles,
    limits: Limits,
    /// Whether to look without a request.
    polls: bool,
    looks: Looks,
    unsettled: u8,
    /// Whether the files were invalid at the last look, which the next one has to confirm.
    doubted: bool,
    /// Of the content that was read last.
    digest: u64,
    /// The ids of the overrides that were in force then.
    overrides: Vec<u64>,
    also: Option<FollowAlso>,
}

/// Tells without reading it that a file has not changed. A write, or another file in its place, changes the time of change at
/// least, which no program can set.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    file: u64,
    device: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// By path; none for a file that cannot be looked at.
type Looks = Vec<(PathBuf, Option<Look>)>;

/// Asks for the files to be read again.
pub(crate) struct Reloader {
    state: Arc<State>,
    /// Until the thread has it.
    files: Option<WatchedFiles>,
    ask: SyncSender<()>,
    asked: Option<Receiver<()>>,
}

impl WatchedFiles {
    /// Looks at the files. To be done before they are first read, so that no change is missed.
    ///
    /// # Errors
    ///
    /// If it is to poll, and a path is neither a file nor a directory.
    pub(crate) fn begin(
        paths: Vec<PathBuf>,
        polls: bool,
        limits: &Limits,
        read: impl Fn(&mut Problems) -> Given + Send + 'static,
    ) -> Result<Self, Problems> {
        let mut files = Self {
            paths,
            read: Box::new(read),
            limits: limits.clone(),
            polls,
            looks: Vec::new(),
            unsettled: LOOKS_AFTER_A_CHANGE,
            doubted: false,
            digest: 0,
            overrides: Vec::new(),
            also: None,
        };
        if polls {
            let mut problems = Problems::new(limits.errors_shown_max);
            files.looks = files.look();
            files.refuse_streams(&mut problems);
            if !problems.is_empty() {
                return Err(problems);
            }
        }
        Ok(files)
    }

    /// Notes what was read first.
    pub(crate) fn note(&mut self, given: &Given) {
        if self.polls {
            self.digest = digest(given, &Problems::new(0));
        }
    }

    /// Has `follow` read further files whenever these are looked at.
    pub(crate) fn also(&mut self, follow: impl FnMut(&State, bool) + Send + 'static) {
        self.also = Some(Box::new(follow));
    }

    fn look(&self) -> Looks {
        // A directory that cannot be listed is reported when it is read.
        let files = super::list(&self.paths, &mut Problems::new(0));
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

    /// Refuses what can be read only once, such as a pipe: to read it again would wait.
    fn refuse_streams(&self, problems: &mut Problems) {
        for path in super::list(&self.paths, &mut Problems::new(0)) {
            if path.metadata().is_ok_and(|found| !found.is_file()) {
                let at = Location::whole(path.display().to_string());
                problems.push(Problem::new("this cannot be reloaded", at, "expected a file, or a directory of them"));
            }
        }
    }

    /// Reads the files again if they have changed, or if asked to. Invalid ones may be valid once overrides with the same names
    /// have gone.
    fn follow(&mut self, state: &State, asked: bool) {
        if let Some(also) = &mut self.also {
            also(state, asked);
        }
        let overrides: Vec<_> = state.running().overrides().iter().map(|one| one.id).collect();
        let was_stale = state.freshness().stale;
        let asked = asked || (overrides != self.overrides && was_stale);
        self.overrides = overrides;
        let looks = self.look();
        if looks != self.looks {
            self.unsettled = LOOKS_AFTER_A_CHANGE;
        } else if self.unsettled == 0 && !asked && !was_stale {
            return;
        } else {
            self.unsettled = self.unsettled.saturating_sub(1);
        }
        self.looks = looks;
        let mut problems = Problems::new(self.limits.errors_shown_max);
        self.refuse_streams(&mut problems);
        let given = if problems.is_empty() { (self.read)(&mut problems) } else { Given::default() };
        let digest = digest(&given, &problems);
        if digest == self.digest && !asked {
            self.doubted = false;
            return;
        }
        let is_invalid = || !problems.is_empty() || Setup::new(&given, &self.limits, &mut Problems::new(0)).is_none();
        if !asked && !was_stale && !self.doubted && is_invalid() {
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

/// A digest of everything that was read.
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
    /// Begins to look, if the files are polled.
    pub(crate) fn start(files: WatchedFiles, state: &Arc<State>) -> io::Result<Self> {
        let (ask, asked) = sync_channel(1);
        let polls = files.polls;
        let mut reloader = Self { state: Arc::clone(state), files: Some(files), ask, asked: Some(asked) };
        if polls {
            reloader.begin()?;
        }
        Ok(reloader)
    }

    /// Has the files read again, now.
    pub(crate) fn ask(&mut self) {
        if let Err(error) = self.begin() {
            tracing::error!(%error, "cannot reload the files");
        }
        // A thread that has not begun with the last request needs no other.
        let _ = self.ask.try_send(());
    }

    /// Starts the thread; without polling, at the first request. The end of the server does not wait for it: it may be in the
    /// middle of reading.
    fn begin(&mut self) -> io::Result<()> {
        let (Some(mut files), Some(asked)) = (self.files.take(), self.asked.take()) else {
            return Ok(());
        };
        let state = Arc::clone(&self.state);
        let follow = move || {
            let interval = state.limits.watch_interval;
            loop {
                let asked = if files.polls {
                    asked.recv_timeout(interval)
                } else {
                    asked.recv().map_err(RecvTimeoutError::from)
                };
                match asked {
                    Ok(()) => files.follow(&state, true),
                    Err(RecvTimeoutError::Timeout) => files.follow(&state, false),
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
    use crate::files;

    /// A file of rules for everyone with the status 500, a watch on it, and what it was loaded into.
    fn watched() -> (tempfile::NamedTempFile, WatchedFiles, State) {
        let file = tempfile::NamedTempFile::new().unwrap();
        write(&file, &rules(500));
        let limits = Limits::default();
        let paths = vec![file.path().to_owned()];
        let read = {
            let (paths, limits) = (paths.clone(), limits.clone());
            move |problems: &mut Problems| {
                let scenarios = files::read(&paths, &limits, problems);
                Given { scenarios, password_length: 10, ..Given::default() }
            }
        };
        let given = read(&mut Problems::new(9));
        let mut files = WatchedFiles::begin(paths, true, &limits, read).ok().unwrap();
        files.note(&given);
        let setup = Setup::new(&given, &limits, &mut Problems::new(9)).unwrap();
        (file, files, State::new(setup, limits, crate::state::Options::default()))
    }

    fn write(file: &tempfile::NamedTempFile, text: &str) {
        std::fs::write(file.path(), text).unwrap();
    }

    fn rules(status: u16) -> String {
        format!(r#"{{"rules": [{{"name": "r", "status": {status}}}]}}"#)
    }

    #[test]
    fn a_file_that_is_invalid_for_a_moment_changes_nothing() {
        let (file, mut files, state) = watched();
        let mut look = |text: Option<String>| {
            if let Some(text) = text {
                write(&file, &text);
            }
            files.follow(&state, false);
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
        // Invalid files are read at every look, so that no change is missed.
        write(&file, &rules(404));
        files.looks = files.look();
        files.follow(&state, false);
        assert!(!state.freshness().stale);
    }

    #[test]
    fn after_a_change_files_are_read_however_they_look() {
        let (file, mut files, state) = watched();
        let write = |status| write(&file, &rules(status));
        // A file that changes within a tick looks as it did: as if the look had been taken after the change.
        let mut change = |status| {
            write(status);
            files.looks = files.look();
            files.follow(&state, false);
            state.freshness().reloads
        };
        assert_eq!([change(503), change(404), change(500)], [1, 2, 3]);
        // Then it is trusted, until it looks new.
        assert_eq!(change(503), 3);
        write(404);
        files.follow(&state, false);
        assert_eq!(state.freshness().reloads, 4);
    }
}
