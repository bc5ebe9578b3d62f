//! `wksmock serve`: answers until it is told to stop.

use super::exit::{self, Failure};
use super::listen::{Listen, cannot_listen};
use super::logging::Logging;
use super::set_up::{Behaviour, Users};
use crate::limits::Limits;
use crate::server::{self, Shared};
use crate::state::State;
use clap::Args;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Serve the API until SIGTERM, SIGINT or POST /__admin/shutdown
///
/// One line on stdout tells that connections are accepted: `wksmock listening on http://127.0.0.1:7070`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    users: Users,
    #[command(flatten)]
    behaviour: Behaviour,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    logging: Logging,

    /// File that is written, with the URL, once connections are accepted; it appears whole.
    #[arg(long, value_name = "FILE", env = "WKSMOCK_READY_FILE")]
    ready_file: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self) -> Result<u8, Failure> {
        let limits = Limits::default();
        let set_up = self.users.set_up(Some(&self.behaviour), &limits)?;
        let address = self.listen.address()?;
        let access = self.listen.access(address)?;
        if let Some(file) = &self.ready_file {
            remove_stale(file)?;
        }
        let _written = self.logging.start(&limits);
        let shared = Arc::new(Shared { state: State::new(set_up, limits), access });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(exit::INTERNAL, error))?;
        runtime.block_on(self.serve(address, shared))
    }

    async fn serve(&self, address: SocketAddr, shared: Arc<Shared>) -> Result<u8, Failure> {
        let internal = |error| Failure::new(exit::INTERNAL, error);
        // Before anyone knows of the server, so that no signal finds it unprepared.
        let signals = Signals::new().map_err(internal)?;
        let listener = server::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
        let url = format!("http://{}", listener.local_addr().map_err(internal)?);
        let _ = shared.state.url.set(url.clone());
        if let Some(file) = &self.ready_file {
            write_whole(file, &url)?;
        }
        announce(&url);
        tokio::select! {
            biased;
            code = signals.watch(&shared) => Ok(code),
            () = server::run(listener, Arc::clone(&shared)) => Ok(exit::FINE),
        }
    }
}

/// The signals that stop the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The first signal drains; the second ends at once, with its exit code.
    async fn watch(mut self, shared: &Shared) -> u8 {
        self.next().await;
        tracing::info!("draining: open requests are finished; another signal ends at once");
        shared.state.lifecycle.drain();
        exit::SIGNAL + self.next().await
    }

    async fn next(&mut self) -> u8 {
        let number = |kind: SignalKind| u8::try_from(kind.as_raw_value()).unwrap_or(0);
        tokio::select! {
            _ = self.terminate.recv() => number(SignalKind::terminate()),
            _ = self.interrupt.recv() => number(SignalKind::interrupt()),
        }
    }
}

/// The ready line. Whether anyone reads it is not the server's business.
fn announce(url: &str) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "wksmock listening on {url}").and_then(|()| stdout.flush());
}

/// A file of an earlier run would tell of a server that is not there.
fn remove_stale(file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new(exit::USAGE, format!("--ready-file {}: {error}", file.display())))
        }
        _ => Ok(()),
    }
}

/// Writes beside the file, then renames: whoever sees the file sees all of it.
fn write_whole(file: &Path, url: &str) -> Result<(), Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let written = std::fs::write(&beside, format!("{url}\n")).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| Failure::new(exit::USAGE, format!("--ready-file {}: {error}", file.display())))
}
