//! Binds, accepts, and drains.

use super::progress::Watch;
use super::{Shared, connection};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

/// How long accepting rests when the system has no descriptor or memory left for a connection.
const REST: Duration = Duration::from_millis(100);

/// Listens on an address.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves connections until the server shall drain; then finishes those that are open, within the limit.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    let connections = TaskTracker::new();
    let watch = Arc::new(Watch::default());
    let kept = Arc::clone(&watch);
    let keeping = Arc::clone(&shared);
    let keeper = tokio::spawn(async move { kept.keep(&keeping.state.lifecycle, &keeping.state.limits).await });
    let permits = Arc::new(Semaphore::new(shared.state.limits.connections_max));
    shared.state.lifecycle.serve();
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = shared.state.lifecycle.drained() => break,
        };
        let serve = connection::serve(stream, Arc::clone(&shared), Arc::clone(&watch));
        connections.spawn(async move {
            serve.await;
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(shared.state.limits.drain, connections.wait()).await.is_err() {
        shared.state.lifecycle.cut();
        connections.wait().await;
    }
    keeper.abort();
}

/// Waits for room, then for a connection.
async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; resting");
                tokio::time::sleep(REST).await;
            }
        }
    }
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
