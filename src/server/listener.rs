//! Binds, accepts, and drains.

use super::connection::{self, Held};
use super::deadlines::ConnectionWatch;
use super::tls::ServerTls;
use super::{Shared, Timekeeper};
use crate::state::{Clock, LimitHit, State};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as Bound};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;

/// How long accepting rests when the system has no descriptor or memory left for a connection.
const REST: Duration = Duration::from_millis(100);
/// Maximum number of attempts to listen again, with a pause between them.
const TRIES_MAX: u32 = 50;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;

/// A socket that listens, and TLS if it is spoken there.
#[derive(Debug)]
pub(crate) struct Entrance {
    socket: Bound,
    tls: Option<ServerTls>,
}

impl Entrance {
    /// Speaks TLS on a socket.
    pub(crate) fn tls(socket: Bound, tls: ServerTls) -> Self {
        Self { socket, tls: Some(tls) }
    }
}

impl From<Bound> for Entrance {
    fn from(socket: Bound) -> Self {
        Self { socket, tls: None }
    }
}

/// Listens on an address, with a socket for each thread.
///
/// The first is bound alone, so that a second server on a busy port fails; only then it is shared with the others.
pub(crate) fn bind(address: SocketAddr, threads: usize) -> io::Result<Vec<Bound>> {
    // hyper looks at the clock too, and panics.
    if !Clock::has_date() {
        return Err(io::Error::other(
            "the system clock is before 1970 or after 9999, outside the range of HTTP dates: set it",
        ));
    }
    let first = socket(address)?;
    first.bind(&address.into())?;
    // With port 0 the system has chosen one.
    let address = invariant!(first.local_addr()?.as_socket(), address, "a bound socket has an address of IP");
    let mut sockets = vec![first];
    if threads > 1 {
        for socket in &sockets {
            socket.set_reuse_port(true)?;
        }
        for _ in 1..threads {
            let other = socket(address)?;
            other.set_reuse_port(true)?;
            other.bind(&address.into())?;
            sockets.push(other);
        }
    }
    for socket in &sockets {
        socket.listen(BACKLOG)?;
    }
    Ok(sockets.into_iter().map(Bound::from).collect())
}

/// Listens on a free port of loopback.
pub(crate) fn bind_free() -> io::Result<Bound> {
    let socket = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1)?.pop();
    socket.ok_or_else(|| io::Error::other("no socket"))
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    Ok(socket)
}

/// Serves connections until the server drains; then finishes the open ones, within the limit.
pub(crate) async fn run(entrance: impl Into<Entrance>, shared: Arc<Shared>) -> io::Result<()> {
    let state = Arc::clone(&shared.state);
    state.lifecycle.serve();
    serve(entrance.into(), shared, state.lifecycle.drained()).await
}

/// Serves on all sockets of a thread.
pub(crate) async fn run_all(mut entrances: Vec<Entrance>, shared: Arc<Shared>) -> io::Result<()> {
    match entrances.pop() {
        Some(only) if entrances.is_empty() => run(only, shared).await,
        last => together(entrances.into_iter().chain(last).map(|one| run(one, Arc::clone(&shared)))).await,
    }
}

/// Runs tasks concurrently until all have ended or one fails.
pub(crate) async fn together(
    all: impl Iterator<Item = impl Future<Output = io::Result<()>> + Send + 'static>,
) -> io::Result<()> {
    let mut running: JoinSet<_> = all.collect();
    while let Some(ended) = running.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

/// Serves the admin API on a listener of its own until everything else has ended, so that it can report the drain.
pub(crate) async fn run_admin(
    entrance: impl Into<Entrance>,
    shared: Arc<Shared>,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    let state = Arc::clone(&shared.state);
    let ended = async {
        ended.await;
        state.lifecycle.drain();
    };
    serve(entrance.into(), shared, ended).await
}

async fn serve(entrance: Entrance, shared: Arc<Shared>, ended: impl Future<Output = ()>) -> io::Result<()> {
    let Entrance { socket, tls } = entrance;
    let mut listener = TcpListener::from_std(socket)?;
    // Each connection has a sender: the receiver learns when all have ended.
    let (open, mut all_ended) = mpsc::channel::<Infallible>(1);
    let watch = Arc::new(ConnectionWatch::default());
    let _keeper = shared.timekeeper.run(keep(Arc::clone(&watch), Arc::clone(&shared.state)));
    let until_down = |down| shared.state.until_down(down, |time| shared.timekeeper.sleep(time));
    let mut down = std::pin::pin!(until_down(true));
    let mut ended = std::pin::pin!(ended);
    let listener = 'serving: loop {
        let (stream, peer, permit) = tokio::select! {
            // In this order: a client that connects while it goes down is not served.
            biased;
            () = ended.as_mut() => break 'serving Some(listener),
            () = down.as_mut(), if shared.api => {
                let place = Place::of(&listener)?;
                // Connections that wait to be accepted are reset with it.
                drop(listener);
                // The watch sees a connection that was just accepted once that has had its turn.
                tokio::task::yield_now().await;
                let since_ms = shared.state.strike_down(None, watch.reset());
                tracing::info!("down: connections are refused");
                let up = async {
                    until_down(false).await;
                    place.listen_again(&shared.timekeeper).await
                };
                tokio::select! {
                    again = up => listener = again?,
                    () = ended.as_mut() => {
                        shared.state.strike_down(Some(since_ms), 0);
                        break 'serving None;
                    }
                }
                shared.state.strike_down(Some(since_ms), 0);
                tracing::info!("listening again");
                down.set(until_down(true));
                continue;
            }
            accepted = accept(&listener, &shared) => accepted,
        };
        if !shared.state.clock.has_begun() && shared.own.get() != Some(&peer) {
            shared.state.clock.begin();
            if shared.api && shared.state.is_down() {
                // A client that begins a window is the first that it keeps out.
                let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                continue;
            }
        }
        shared.state.metrics.connections_opened.fetch_add(1, Ordering::Relaxed);
        let attempt = if shared.api { shared.state.attempts.of(&peer) } else { None };
        let held = Held::new(Arc::clone(&shared), watch.open(attempt), permit, open.clone());
        tokio::spawn(connection::serve(stream, tls.clone(), held));
    };
    drop(listener);
    watch.drain();
    drop(open);
    let drained = async { tokio::time::timeout(shared.state.limits.drain, all_ended.recv()).await };
    if shared.timekeeper.with_timers(drained).await.is_err() {
        shared.state.lifecycle.cut();
        all_ended.recv().await;
    }
    Ok(())
}

/// Where a listener was, and how it shared that.
struct Place {
    address: SocketAddr,
    shared: bool,
}

impl Place {
    fn of(listener: &TcpListener) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, shared: SockRef::from(listener).reuse_port()? })
    }

    /// Listens on the address again. Another process may have taken it meanwhile: then it is tried for a while.
    async fn listen_again(self, timekeeper: &Timekeeper) -> io::Result<TcpListener> {
        let mut tries = 1;
        loop {
            match self.bind() {
                Ok(bound) => return TcpListener::from_std(bound),
                Err(error) if tries == TRIES_MAX => {
                    let told = format!("cannot listen on {} again: {error}", self.address);
                    return Err(io::Error::new(error.kind(), told));
                }
                Err(error) => tracing::warn!(%error, address = %self.address, "cannot listen again; retrying"),
            }
            tries += 1;
            timekeeper.sleep(REST).await;
        }
    }

    fn bind(&self) -> io::Result<Bound> {
        let socket = socket(self.address)?;
        if self.shared {
            socket.set_reuse_port(true)?;
        }
        socket.bind(&self.address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    }
}

async fn keep(watch: Arc<ConnectionWatch>, state: Arc<State>) {
    watch.keep(&state.lifecycle, &state.limits).await;
}

/// Waits for a connection, then for room: room that is kept for one that may never come would be missing on another
/// thread. So up to one connection a thread is open and not served.
async fn accept(listener: &TcpListener, shared: &Shared) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let (stream, peer) = loop {
        match listener.accept().await {
            Ok(accepted) => break accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; pausing");
                shared.timekeeper.sleep(REST).await;
            }
        }
    };
    if let Ok(permit) = Arc::clone(&shared.permits).try_acquire_owned() {
        return (stream, peer, Some(permit));
    }
    shared.state.metrics.hit(LimitHit::Connections);
    (stream, peer, Arc::clone(&shared.permits).acquire_owned().await.ok())
}

/// The connection ended before it was accepted; the next may be fine.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
