//! `wksmock serve`: answers until it is told to stop.

use super::bounds::Bounds;
use super::browser::open;
use super::deliveries::Deliveries;
use super::exit::{self, Failure};
use super::greeting::{Admin, Greeting};
use super::groups::{ADMIN, LISTENING};
use super::listen::{self, Listen, bind, callable};
use super::log_lines;
use super::logging::{Level, Logging};
use super::orphans::reap;
use super::setup::{Behaviour, Time, Users, built, warn_of_faults};
use super::watch::Watching;
use super::written_file::{Written, WrittenFile};
use crate::admin::Access;
use crate::diagnostics::Problems;
use crate::engine::Setup;
use crate::files::{self, Reloader, WatchedFiles};
use crate::limits::Limits;
use crate::scenario::Control;
use crate::server::{self, Delivering, Shared, Timekeeper};
use crate::state::{Beside, Options, State};
use clap::Args;
use clap::builder::BoolishValueParser;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Serve the API until SIGTERM, SIGINT or POST /__admin/shutdown
///
/// When connections are accepted, one line appears on stdout: `wksmock listening on http://127.0.0.1:7070`. On a terminal,
/// a summary of what is served follows on stderr. SIGHUP reloads users and scenario files.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    watching: Watching,
    #[command(flatten)]
    behaviour: Behaviour,
    #[command(flatten)]
    time: Time,
    #[command(flatten)]
    listen: Listen,

    /// File to write the URL to once the server is ready
    ///
    /// It appears complete when connections are accepted, and is removed when the server ends. A second line has the URL of a separate admin API. A file
    /// left by an earlier server is removed at the start.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_READY_FILE", help_heading = LISTENING)]
    ready_file: Option<PathBuf>,

    /// Shut down when the parent process ends
    #[arg(long, env = "WKSMOCK_EXIT_WITH_PARENT", value_parser = BoolishValueParser::new(), help_heading = LISTENING,
          hide_short_help = true)]
    exit_with_parent: bool,

    /// Open the console in a browser
    ///
    /// The browser is the command in BROWSER, else that of the desktop.
    #[arg(long, env = "WKSMOCK_OPEN", value_parser = BoolishValueParser::new(), help_heading = ADMIN,
          conflicts_with_all = ["no_console", "no_admin"])]
    open: bool,

    #[command(flatten)]
    bounds: Bounds,
    #[command(flatten)]
    logging: Logging,
    #[command(flatten)]
    deliveries: Deliveries,
}

/// How often it is looked whether the parent is there.
const PARENT_LOOK: Duration = Duration::from_millis(200);

impl Serve {
    pub(super) fn run(self) -> Result<u8, Failure> {
        // Noted first: it may end at any time.
        let parent = self.exit_with_parent.then(parent_id);
        let read = files::list(&self.users.paths(&self.behaviour), &mut Problems::new(0));
        if let Some(file) = &self.ready_file {
            // Before anything can fail: one of an earlier server would say that this one is ready.
            ReadyFile::remove_stale(file, &read);
        }
        let limits = self.bounds.limits()?;
        let runtime = server::runtime().map_err(internal)?;
        // Elsewhere a signal that comes while files are read just ends the process.
        let signals = is_first_process().then(|| Signals::on(&runtime)).transpose()?;
        let ready = self.ready_file.as_deref().map(|file| ReadyFile::check(file, &read)).transpose()?;
        let control = self.time.control(self.listen.has_admin_apart());
        let mut watch = self.watching.begin(&self.users, (&self.behaviour, control), &limits)?;
        let setup = self.setup(control, &mut watch, &limits)?;
        let addresses = self.listen.addresses()?;
        let listen::Admin { addresses: admin_addresses, access } = self.listen.admin(&addresses)?;
        let post = self.deliveries.post()?;
        let log = self.logging.start(&limits, Level::Info).map_err(internal)?;
        let token = access.token.is_some();
        let options = Options { beside: Beside::of(access.enabled, access.console), ..self.time.options() };
        let state = Arc::new(State::new(setup, limits, options));

        let listeners = bind(&addresses, usize::from(self.listen.threads))?;
        let _ = state.url.set(url_of(listeners.first())?);
        let timekeeper = Arc::new(Timekeeper::start().map_err(internal)?);
        let shared = |access, api| Shared::new(Arc::clone(&state), access, api, Arc::clone(&timekeeper));
        let (shared, admin) = match admin_addresses {
            None => (shared(access, true), None),
            Some(admin_addresses) => {
                let loopback = addresses.iter().all(|address| address.ip().is_loopback());
                let elsewhere = Access { enabled: false, loopback, ..access.clone() };
                let listeners = bind(&admin_addresses, 1)?.pop().unwrap_or_default();
                let _ = state.admin_url.set(url_of(Some(&listeners))?);
                (shared(elsewhere, true), Some((listeners, Arc::new(shared(access, false)))))
            }
        };
        // Before anyone knows of the server, so that no signal finds it unprepared.
        let signals = signals.map_or_else(|| Signals::on(&runtime), Ok)?;
        let reloader = Reloader::start(watch, &state).map_err(internal)?;
        let delivering = post.start(&state).map_err(internal)?;
        let greeting = io::stderr().is_terminal().then(|| self.greeting(&state, token));
        let server = Server { listeners, shared: Arc::new(shared), admin, greeting, log: &log };
        let code = runtime.block_on(self.serve(server, delivering, ready, signals, reloader, parent));
        // What is still open is closed before the log is. A verdict that is still in the making is nobody's business.
        runtime.shutdown_background();
        code
    }

    fn setup(&self, control: Control, watch: &mut WatchedFiles, limits: &Limits) -> Result<Setup, Failure> {
        let mut problems = Problems::new(limits.errors_shown_max);
        let given = self.users.given(Some((&self.behaviour, control)), limits, &mut problems);
        watch.note(&given);
        warn_of_faults(&given.faults);
        built(&given, limits, problems)
    }

    /// What is served, for a person at a terminal.
    fn greeting(&self, state: &State, needs_token: bool) -> String {
        let setup = &state.running().setup;
        let url = |url: Option<&String>| callable_url(url.map_or("", String::as_str));
        let beside = self.listen.has_admin().then(|| Admin {
            url: url(state.admin_url.get().or_else(|| state.url.get())),
            has_console: self.listen.has_console(),
            needs_token,
        });
        let users = self.users.files();
        Greeting { setup, users, url: &url(state.url.get()), admin: beside }.text(exit::is_coloured())
    }

    async fn serve(
        &self,
        server: Server<'_>,
        delivering: Option<Delivering>,
        ready: Option<WrittenFile>,
        signals: Signals,
        reloader: Reloader,
        parent: Option<u32>,
    ) -> Result<u8, Failure> {
        let state = Arc::clone(&server.shared.state);
        let timekeeper = Arc::clone(&server.shared.timekeeper);
        let (log, greeting) = (server.log, server.greeting.clone());
        let serving = server.start().map_err(internal)?;
        let url = state.url.get().map_or("", String::as_str);
        let ready = ready.map(|to| ReadyFile::write(&to, url, state.admin_url.get())).transpose()?;
        let _parent = parent.map(|parent| timekeeper.run(drain_with_parent(parent, Arc::clone(&state))));
        announce(url);
        if let Some(greeting) = greeting {
            log.say(&greeting);
        }
        if let Some(url) = state.admin_url.get() {
            tracing::info!(%url, "the admin API listens");
        }
        if self.open {
            open(&console_url(&state));
        }
        let ending = async move {
            let ended = serving.await;
            drop(ready);
            if let Some(delivering) = delivering {
                delivering.finish().await;
            }
            ended.map(|()| exit::FINE).map_err(internal)
        };
        tokio::select! {
            biased;
            code = signals.watch(&state, reloader) => {
                state.outbox.give_up("the server ended at once");
                Ok(code)
            }
            ended = ending => ended,
        }
    }
}

/// The URL of a server: that of its first socket.
fn url_of(listeners: Option<&Vec<TcpListener>>) -> Result<String, Failure> {
    let first = listeners.and_then(|listeners| listeners.first()).ok_or_else(|| internal("no socket"))?;
    Ok(format!("http://{}", first.local_addr().map_err(internal)?))
}

/// Where the console is, by an address that can be called.
fn console_url(state: &State) -> String {
    let url = state.admin_url.get().or_else(|| state.url.get()).map_or("", String::as_str);
    format!("{}/__admin/", callable_url(url))
}

/// A server's URL, by an address that can be called.
fn callable_url(url: &str) -> String {
    let address = url.strip_prefix("http://").and_then(|address| address.parse().ok());
    address.map_or_else(|| url.to_owned(), |address| format!("http://{}", callable(address)))
}

/// Whether this is the first process of its container. The kernel drops the signals that such a one did not ask for.
fn is_first_process() -> bool {
    std::process::id() == 1
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(exit::INTERNAL, error)
}

/// Sockets that listen, and what is served on them.
struct Server<'s> {
    /// Those of each thread, one for each address.
    listeners: Vec<Vec<TcpListener>>,
    shared: Arc<Shared>,
    admin: Option<(Vec<TcpListener>, Arc<Shared>)>,
    /// What follows the ready line, if a person may read it.
    greeting: Option<String>,
    log: &'s log_lines::Written,
}

impl Server<'_> {
    /// Serves: the first sockets and the admin API on this runtime, those of each other thread on a thread of its own.
    fn start(self) -> io::Result<impl Future<Output = io::Result<()>>> {
        self.shared.state.lifecycle.expect(self.listeners.iter().map(Vec::len).sum());
        let mut listeners = self.listeners.into_iter();
        let first = listeners.next().ok_or_else(|| io::Error::other("no socket"))?;
        let mut threads = Vec::new();
        for listeners in listeners {
            let shared = Arc::clone(&self.shared);
            let runtime = server::runtime()?;
            let (sender, ended) = oneshot::channel();
            std::thread::Builder::new().name("wksmock".to_owned()).spawn(move || {
                let _ = sender.send(runtime.block_on(serve_all(listeners, shared)));
            })?;
            threads.push(ended);
        }
        let shared = self.shared;
        Ok(async move {
            let tell = CancellationToken::new();
            let api = async {
                let _tell = tell.clone().drop_guard();
                serve_all(first, shared).await?;
                for thread in threads {
                    thread.await.map_err(|_| io::Error::other("a thread ended early"))??;
                }
                Ok(())
            };
            let (listeners, shared) = self.admin.map_or((Vec::new(), None), |(own, shared)| (own, Some(shared)));
            let serving = listeners.into_iter().zip(shared.into_iter().cycle());
            let admin = together(serving.map(|(listener, shared)| {
                let told = tell.clone();
                async move { server::run_admin(listener, shared, told.cancelled()).await }
            }));
            tokio::try_join!(api, admin).map(|_| ())
        })
    }
}

/// Serves the API on the sockets of a thread.
async fn serve_all(mut listeners: Vec<TcpListener>, shared: Arc<Shared>) -> io::Result<()> {
    match listeners.pop() {
        Some(only) if listeners.is_empty() => server::run(only, shared).await,
        last => together(listeners.into_iter().chain(last).map(|one| server::run(one, Arc::clone(&shared)))).await,
    }
}

/// Does things at once, until all have ended or one fails.
async fn together(all: impl Iterator<Item = impl Future<Output = io::Result<()>> + Send + 'static>) -> io::Result<()> {
    let mut running: JoinSet<_> = all.collect();
    while let Some(ended) = running.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

/// Drains when the process that started this one is gone: another takes its place as parent.
async fn drain_with_parent(parent: u32, state: Arc<State>) {
    while parent_id() == parent {
        tokio::time::sleep(PARENT_LOOK).await;
    }
    tracing::info!("draining: the parent process has ended");
    state.lifecycle.drain();
}

/// The signals that stop the server, the one that has it read its files again, and the one that tells of a child's end.
struct Signals {
    /// For the first process of a container, whose children are those that others have left.
    child: Option<Signal>,
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on signals are kept until somebody looks.
    fn on(runtime: &Runtime) -> Result<Self, Failure> {
        let _runtime = runtime.enter();
        let wanted = |kind| signal(kind).map_err(internal);
        Ok(Self {
            child: is_first_process().then(|| wanted(SignalKind::child())).transpose()?,
            hangup: wanted(SignalKind::hangup())?,
            terminate: wanted(SignalKind::terminate())?,
            interrupt: wanted(SignalKind::interrupt())?,
        })
    }

    /// The first signal drains; the second ends at once, with its exit code.
    async fn watch(mut self, state: &State, mut reloader: Reloader) -> u8 {
        if self.child.is_some() {
            // Those that ended before anyone listened.
            reap(None);
        }
        self.next(|| reloader.ask()).await;
        tracing::info!(
            "draining: finishing open requests, except those that a rule holds; another signal ends at once"
        );
        state.lifecycle.drain();
        exit::SIGNAL + self.next(|| ()).await
    }

    /// The next signal that ends something.
    async fn next(&mut self, mut hung_up: impl FnMut()) -> u8 {
        let number = |kind: SignalKind| u8::try_from(kind.as_raw_value()).unwrap_or(0);
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return number(SignalKind::terminate()),
                _ = self.interrupt.recv() => return number(SignalKind::interrupt()),
                _ = self.hangup.recv() => hung_up(),
                Some(()) = async { self.child.as_mut()?.recv().await } => {
                    reap(None);
                }
            }
        }
    }
}

/// The ready line. Whether anyone reads it is not the server's business.
fn announce(url: &str) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "wksmock listening on {url}").and_then(|()| stdout.flush());
}

/// The file that says that the server is ready, while it is.
struct ReadyFile(Written);

impl ReadyFile {
    /// Removes a file that an earlier server has left. What is read, or is not a file, stays, and the check tells of it.
    fn remove_stale(file: &Path, read: &[PathBuf]) {
        let is_file = file.symlink_metadata().is_ok_and(|found| found.is_file()) && !file.starts_with("/dev");
        let found = file.canonicalize().ok();
        if is_file && !read.iter().any(|path| path.canonicalize().ok() == found) {
            let _ = std::fs::remove_file(file);
        }
    }

    /// Looks whether it can be written. It must not be one of those that are read.
    fn check(file: &Path, read: &[PathBuf]) -> Result<WrittenFile, Failure> {
        let checked =
            WrittenFile::check(file).and_then(|checked| match read.iter().find(|path| checked.is_file(path)) {
                Some(path) => Err(format!("this is {}, which is an input; expected another file", path.display())),
                None => Ok(checked),
            });
        checked.map_err(|what| Self::wrong(exit::USAGE, file, what))
    }

    fn write(to: &WrittenFile, url: &str, admin: Option<&String>) -> Result<Self, Failure> {
        let mut lines = format!("{url}\n");
        if let Some(admin) = admin {
            lines.push_str(admin);
            lines.push('\n');
        }
        let written = to.write(lines.as_bytes());
        written.map(Self).map_err(|error| Self::wrong(exit::INTERNAL, to.path(), error))
    }

    fn wrong(code: u8, file: &Path, what: impl std::fmt::Display) -> Failure {
        Failure::new(code, format!("--ready-file {}: {what}", file.display()))
    }
}

/// A file that stays would name a server that has ended. One that another server wrote since stays.
impl Drop for ReadyFile {
    fn drop(&mut self) {
        self.0.remove();
    }
}
