//! `wksmock serve`: serves until it is stopped.

use super::browser::open_browser;
use super::deliveries::Deliveries;
use super::exit::{self, Failure};
use super::greeting::{Greeting, GreetingAdmin};
use super::groups::{ADMIN, LISTENING};
use super::limit_flags::LimitFlags;
use super::listen::{self, Listen, OTHER_PORT, bind_all, callable};
use super::logging::{LevelFilter, Logging};
use super::orphans::reap;
#[cfg(feature = "http2")]
use super::protocols::Protocols;
use super::ready_files::{ReadyFlags, ReadyTargets};
use super::serving::Server;
use super::setup::{Behaviour, Time, Users, built};
use super::tls::{Https, ServeTls};
use super::watch::Watching;
use crate::admin::Access;
use crate::diagnostics::Problems;
use crate::engine::Setup;
use crate::files::{self, Reloader, WatchedFiles};
use crate::limits::Limits;
use crate::scenario::Control;
use crate::server::{self, Delivering, Entrance, Shared, Timekeeper};
use crate::state::{Beside, Options, State};
use clap::Args;
use clap::builder::BoolishValueParser;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::parent_id;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Serve the API until SIGTERM, SIGINT or POST /__admin/shutdown
///
/// When connections are accepted, one line appears on stdout: `wksmock listening on http://127.0.0.1:7070`, and with HTTPS a
/// second one with its URL. On a terminal, a summary follows on stderr. SIGHUP reloads users and scenario files, and the
/// certificate of --tls-cert.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
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
    #[cfg(feature = "http2")]
    #[command(flatten)]
    protocols: Protocols,
    #[command(flatten)]
    tls: ServeTls,

    #[command(flatten)]
    ready: ReadyFlags,

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
    limit_flags: LimitFlags,
    #[command(flatten)]
    logging: Logging,
    #[command(flatten)]
    deliveries: Deliveries,
}

/// Interval of checks for the parent process.
const PARENT_LOOK: Duration = Duration::from_millis(200);

impl ServeArgs {
    pub(super) fn run(self) -> Result<u8, Failure> {
        // Read first, since the parent may end at any time.
        let parent = self.exit_with_parent.then(parent_id);
        let read = files::list(&self.users.paths(&self.behaviour), &mut Problems::new(0));
        // Before anything can fail, since a file of an earlier server would report this one ready.
        self.ready.remove_stale(&read);
        let limits = self.limit_flags.limits()?;
        let runtime = server::runtime().map_err(Failure::internal)?;
        // The kernel drops signals to the first process that it does not catch; others end at once.
        let signals = is_first_process().then(|| Signals::on(&runtime)).transpose()?;
        let ready = self.ready.check(&read)?;
        let control = self.time.control(self.listen.has_separate_admin());
        let mut watch = self.watching.begin(&self.users, (&self.behaviour, control), &limits)?;
        let setup = self.setup(control, &mut watch, &limits)?;
        let addresses = self.listen.addresses()?;
        let log = self.logging.start(&limits, LevelFilter::INFO).map_err(Failure::internal)?;
        let https = self.tls.begin(&self.listen, &limits)?;
        let all_addresses = [addresses.as_slice(), https.as_ref().map_or(&[][..], Https::addresses)].concat();
        if let Some(https) = &https {
            https.watch(&mut watch, &limits);
        }
        let listen::AdminListen { addresses: admin_addresses, access, generated } =
            self.listen.admin(&all_addresses)?;
        let ready = ready.with_access(https.as_ref(), access.token.as_ref())?;
        let post = self.deliveries.post()?;
        let token = access.token.is_some();
        let options = Options { beside: Beside::of(access.enabled, access.console), ..self.time.options() };
        #[cfg(feature = "http2")]
        let options = self.protocols.add_to(options);
        let state = Arc::new(State::new(setup, limits, options));

        let listeners = bind_all(&addresses, usize::from(self.listen.threads), OTHER_PORT)?;
        let _ = state.url.set(url_of(listeners.first())?);
        let mut entrances: Vec<Vec<_>> =
            listeners.into_iter().map(|sockets| sockets.into_iter().map(Entrance::from).collect()).collect();
        let _published = https.map(|https| https.listen(&mut entrances, &state)).transpose()?;
        let timekeeper = Arc::new(Timekeeper::start().map_err(Failure::internal)?);
        let shared = |access, api| Shared::new(Arc::clone(&state), access, api, Arc::clone(&timekeeper));
        let (shared, admin) = match admin_addresses {
            None => (shared(access, true), None),
            Some(admin_addresses) => {
                let loopback = all_addresses.iter().all(|address| address.ip().is_loopback());
                let elsewhere = Access { enabled: false, loopback, ..access.clone() };
                let listeners =
                    invariant!(bind_all(&admin_addresses, 1, OTHER_PORT)?.pop(), Vec::new(), "there is one thread");
                let _ = state.admin_url.set(url_of(Some(&listeners))?);
                (shared(elsewhere, true), Some((listeners, Arc::new(shared(access, false)))))
            }
        };
        // Before the server is announced, so that signals are caught from then on.
        let signals = signals.map_or_else(|| Signals::on(&runtime), Ok)?;
        let reloader = Reloader::start(watch, &state).map_err(Failure::internal)?;
        let delivering = post.start(&state).map_err(Failure::internal)?;
        let greeting = io::stderr().is_terminal().then(|| self.greeting(&state, token));
        let server = Server { entrances, shared: Arc::new(shared), admin, token: generated, greeting, log: &log };
        let code = runtime.block_on(self.serve(server, delivering, ready, signals, reloader, parent));
        // Open connections are closed before the log. An unfinished verdict is dropped.
        runtime.shutdown_background();
        code
    }

    fn setup(&self, control: Control, watch: &mut WatchedFiles, limits: &Limits) -> Result<Setup, Failure> {
        built(limits, |problems| {
            let given = self.users.given(Some((&self.behaviour, control)), limits, problems);
            watch.note(&given);
            given
        })
    }

    /// The greeting on a terminal.
    fn greeting(&self, state: &State, needs_token: bool) -> String {
        let setup = &state.running().setup;
        let url = |url: Option<&String>| callable_url(url.map_or("", String::as_str));
        let beside = self.listen.has_admin().then(|| GreetingAdmin {
            url: url(state.admin_url.get().or_else(|| state.url.get())),
            has_console: self.listen.has_console(),
            needs_token,
        });
        let users = self.users.files();
        let https = state.https_url.get().map(|url| callable_url(url));
        Greeting { setup, users, url: &url(state.url.get()), https, admin: beside }.text(exit::is_coloured())
    }

    async fn serve(
        &self,
        server: Server<'_>,
        delivering: Option<Delivering>,
        ready: ReadyTargets,
        signals: Signals,
        reloader: Reloader,
        parent: Option<u32>,
    ) -> Result<u8, Failure> {
        let state = Arc::clone(&server.shared.state);
        let timekeeper = Arc::clone(&server.shared.timekeeper);
        let (log, greeting, token) = (server.log, server.greeting.clone(), server.token.clone());
        let serving = server.start().map_err(Failure::internal)?;
        let url = state.url.get().map_or("", String::as_str);
        let https = state.https_url.get();
        let callable = callable_url(https.map_or(url, String::as_str));
        let admin = state.admin_url.get();
        let callable_admin = admin.map(|url| callable_url(url));
        let ready = ready.write(&callable, callable_admin, &state.running().setup, [state.url.get(), admin, https])?;
        let _parent = parent.map(|parent| timekeeper.run(drain_with_parent(parent, Arc::clone(&state))));
        announce(url, https, token.as_deref());
        if let Some(greeting) = greeting {
            log.say(&greeting);
        }
        if let Some(url) = state.admin_url.get() {
            tracing::info!(%url, "the admin API listens");
        }
        if self.open {
            open_browser(&console_url(&state));
        }
        let ending = async move {
            let ended = serving.await;
            drop(ready);
            if let Some(delivering) = delivering {
                delivering.finish().await;
            }
            ended.map(|()| exit::FINE).map_err(Failure::internal)
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

/// The URL of a server's first socket.
fn url_of(listeners: Option<&Vec<TcpListener>>) -> Result<String, Failure> {
    let first = listeners.and_then(|listeners| listeners.first()).ok_or_else(|| Failure::internal("no socket"))?;
    Ok(format!("http://{}", first.local_addr().map_err(Failure::internal)?))
}

/// The console's URL, as called from this machine.
fn console_url(state: &State) -> String {
    let url = state.admin_url.get().or_else(|| state.url.get()).map_or("", String::as_str);
    format!("{}/__admin/", callable_url(url))
}

/// A server's URL, as called from this machine.
fn callable_url(url: &str) -> String {
    let parts = url.split_once("://");
    parts.map_or_else(|| url.to_owned(), |(scheme, address)| format!("{scheme}://{}", callable(address.to_owned())))
}

/// Whether this is the first process of a container.
fn is_first_process() -> bool {
    std::process::id() == 1
}

/// Drains when the parent process ends, which shows in a new parent id.
async fn drain_with_parent(parent: u32, state: Arc<State>) {
    while parent_id() == parent {
        tokio::time::sleep(PARENT_LOOK).await;
    }
    tracing::info!("draining: the parent process has ended");
    state.lifecycle.drain();
}

/// The signals that stop the server, SIGHUP for a reload, and SIGCHLD.
struct Signals {
    /// For the first process of a container, which has to reap orphans.
    child: Option<Signal>,
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to catch signals.
    fn on(runtime: &Runtime) -> Result<Self, Failure> {
        let _runtime = runtime.enter();
        let caught = |kind| signal(kind).map_err(Failure::internal);
        Ok(Self {
            child: is_first_process().then(|| caught(SignalKind::child())).transpose()?,
            hangup: caught(SignalKind::hangup())?,
            terminate: caught(SignalKind::terminate())?,
            interrupt: caught(SignalKind::interrupt())?,
        })
    }

    /// Drains at the first signal, and returns the exit code at the second.
    async fn watch(mut self, state: &State, mut reloader: Reloader) -> u8 {
        if self.child.is_some() {
            // Children that ended before signals were caught.
            reap(None);
        }
        self.next(|| reloader.ask()).await;
        tracing::info!(
            "draining: finishing open requests, except those that a rule holds; another signal ends at once"
        );
        state.lifecycle.drain();
        exit::SIGNAL + self.next(|| ()).await
    }

    /// The number of the next signal that ends the server.
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

/// Prints the ready line, another for HTTPS, and a generated admin token in the last. A closed stdout is not an error.
fn announce(url: &str, https: Option<&String>, token: Option<&str>) {
    let mut lines = format!("wksmock listening on {url}\n");
    if let Some(https) = https {
        lines.extend(["wksmock listening on ", https, "\n"]);
    }
    if let Some(token) = token {
        lines.extend(["wksmock admin token: ", token, "\n"]);
    }
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
}
