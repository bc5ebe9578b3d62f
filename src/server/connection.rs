//! Serves one connection.

use super::close::{ConnectionEnd, end};
use super::deadlines::{ConnectionOrder, Progress, Watched};
#[cfg(feature = "http2")]
use super::http2;
use super::stream::Stream;
use super::tls::ServerTls;
use super::wire::Wire;
use super::{Shared, exchange, handshake};
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, Waker};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// The place of a connection among those that are open, and its hold on the listener, which waits until all have ended.
pub(super) struct Held {
    shared: Arc<Shared>,
    watched: Watched,
    _permit: Option<OwnedSemaphorePermit>,
    _open: mpsc::Sender<Infallible>,
}

impl Held {
    pub(super) fn new(
        shared: Arc<Shared>,
        watched: Watched,
        permit: Option<OwnedSemaphorePermit>,
        open: mpsc::Sender<Infallible>,
    ) -> Self {
        Self { shared, watched, _permit: permit, _open: open }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.state.metrics.connections_closed.fetch_add(1, Ordering::Relaxed);
    }
}

/// Serves requests until the connection ends, its client is too slow, or the server ends.
///
/// An open connection has room for all that this keeps while it waits.
#[allow(clippy::manual_async_fn, reason = "an async function has its parameters twice")]
pub(super) fn serve(tcp: TcpStream, tls: Option<ServerTls>, held: Held) -> impl Future<Output = ()> + Send + 'static {
    async move {
        let (shared, progress) = (&*held.shared, &held.watched.progress);
        let (stream, ahead) = match begin(tcp, tls, shared, progress) {
            Beginning::Http1(stream) => (stream, Vec::new()),
            Beginning::Unknown(agreeing) => match agreeing.await {
                Some(agreed) => agreed,
                None => return,
            },
        };
        let (ended, stream, unread) = {
            let service = service_fn(|request| exchange::exchange(shared, progress, request));
            let limits = &shared.state.limits;
            let mut connection = http1::Builder::new()
                .half_close(true)
                // `titles.rs` writes it.
                .auto_date_header(false)
                .max_headers(limits.head_fields_max)
                .max_header_size(limits.head_bytes_max)
                .max_buf_size(limits.head_bytes_max.max(8192))
                .serve_connection(Wire::new(stream, ahead, Arc::clone(progress)), service);
            let (mut woken, running) = (None::<Waker>, &mut connection);
            let ended = poll_fn(move |context| {
                if !woken.as_ref().is_some_and(|woken| woken.will_wake(context.waker())) {
                    progress.wake(context);
                    woken = Some(context.waker().clone());
                }
                if progress.take_drain() {
                    Pin::new(&mut *running).graceful_shutdown();
                }
                if let Poll::Ready(result) = Pin::new(&mut *running).poll(context) {
                    return Poll::Ready(Ok(result));
                }
                progress.take_order(&shared.state.limits).map_or(Poll::Pending, |order| Poll::Ready(Err(order)))
            })
            .await;
            let parts = connection.into_parts();
            let (stream, swallowed) = parts.io.into_parts();
            let ended = match ended {
                Ok(result) => ConnectionEnd::Itself(result, swallowed),
                Err(order) => ConnectionEnd::Ordered(order),
            };
            (ended, stream, parts.read_buf)
        };
        finish(ended, stream, unread, shared, progress).await;
    }
}

/// A connection of HTTP/1, and the bytes that were read of it; `None` once it has ended.
type Agreed = Option<(Stream, Vec<u8>)>;

/// How a connection begins.
enum Beginning<'s> {
    /// With a request of HTTP/1.
    Http1(Stream),
    /// By what the client agrees on or sends first. Boxed, so that any other need not have room for it.
    Unknown(Pin<Box<dyn Future<Output = Agreed> + Send + 's>>),
}

fn begin<'s>(tcp: TcpStream, tls: Option<ServerTls>, shared: &'s Shared, progress: &'s Arc<Progress>) -> Beginning<'s> {
    // Answers are small and written whole; waiting for more to send would only delay them.
    let _ = tcp.set_nodelay(true);
    #[cfg(feature = "http2")]
    let is_http_1 = tls.is_none() && !shared.state.options.h2c;
    #[cfg(not(feature = "http2"))]
    let is_http_1 = tls.is_none();
    if is_http_1 {
        return Beginning::Http1(Stream::Plain(tcp));
    }
    Beginning::Unknown(Box::pin(agree(tcp, tls, shared, progress)))
}

/// Finishes the handshake of TLS, and serves a connection of HTTP/2.
async fn agree(tcp: TcpStream, tls: Option<ServerTls>, shared: &Shared, progress: &Arc<Progress>) -> Agreed {
    let stream = match tls {
        None => Stream::Plain(tcp),
        // Boxed, so that a connection of HTTP/2 need not have room for it.
        Some(tls) => match Box::pin(handshake::begin(tcp, &tls, shared, progress)).await {
            Ok(stream) => Stream::Tls(stream),
            Err(Some((tcp, line))) => {
                finish(ConnectionEnd::PlainHttp, Stream::Plain(tcp), line.into(), shared, progress).await;
                return None;
            }
            Err(None) => return None,
        },
    };
    #[cfg(feature = "http2")]
    if http2::may_be_spoken(&stream, shared, progress) {
        return http2::serve_if_spoken(stream, shared, progress).await;
    }
    Some((stream, Vec::new()))
}

/// Ends the connection.
fn finish<'s>(
    ended: ConnectionEnd,
    stream: Stream,
    head: Bytes,
    shared: &'s Shared,
    progress: &'s Progress,
) -> impl Future<Output = ()> + Send + 's {
    // Boxed, since it is large, short and rare: an open connection need not have room for it.
    let mut ending = Box::pin(shared.timekeeper.with_timers(end(ended, stream, head, shared, progress)));
    // An order ends even the last answer.
    poll_fn(move |context| {
        progress.wake(context);
        if ending.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        match progress.take_order(&shared.state.limits) {
            Some(ConnectionOrder::Cut | ConnectionOrder::Reset) => Poll::Ready(()),
            Some(ConnectionOrder::Overdue(_)) | None => Poll::Pending,
        }
    })
}
