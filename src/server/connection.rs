//! Serves one connection.

use super::{Shared, exchange};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::pin::pin;
use std::sync::Arc;
use tokio::net::TcpStream;

/// Serves requests until the connection ends. When the server drains, the request that is in flight is the last.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Answers are small and written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let limits = &shared.state.limits;
    let service = service_fn(|request| exchange::exchange(Arc::clone(&shared), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .half_close(true)
        .max_headers(limits.head_fields_max)
        .max_header_size(limits.head_bytes_max)
        .max_buf_size(limits.head_bytes_max.max(8192))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut draining = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = shared.state.lifecycle.drained(), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
            () = shared.state.lifecycle.was_cut() => return,
        }
    }
}
