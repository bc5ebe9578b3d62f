//! Serves one connection.

use super::close::{ConnectionEnd, end};
use super::deadlines::{ConnectionOrder, ConnectionWatch, Progress};
#[cfg(feature = "http2")]
use super::http2;
use super::stream::Stream;
use super::tls::ServerTls;
use super::wire::Wire;
use super::{Shared, exchange, handshake};
use crate::state::Attempt;
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::net::TcpStream;

/// Serves requests until the connection ends, its client is too slow, or the server ends.
pub(super) async fn serve(
    tcp: TcpStream,
    tls: Option<ServerTls>,
    attempt: Option<Arc<Attempt>>,
    shared: &Shared,
    watch: &Arc<ConnectionWatch>,
) {
    // Answers are small and written whole; waiting for more to send would only delay them.
    let _ = tcp.set_nodelay(true);
    let watched = watch.open(attempt);
    let progress = &watched.progress;
    let stream = match tls {
        None => Stream::Plain(tcp),
        // Boxed, so that a plain connection need not have room for it.
        Some(tls) => match Box::pin(handshake::begin(tcp, &tls, shared, progress)).await {
            Ok(stream) => Stream::Tls(stream),
            Err(Some((tcp, line))) => {
                return finish(ConnectionEnd::PlainHttp, Stream::Plain(tcp), line.into(), shared, progress).await;
            }
            Err(None) => return,
        },
    };
    let ahead = Vec::new();
    #[cfg(feature = "http2")]
    let (stream, ahead) = if http2::may_be_spoken(&stream, shared, progress) {
        // Boxed, so that a connection of HTTP/1 need not have room for it.
        match Box::pin(http2::serve_if_spoken(stream, shared, progress)).await {
            Some(other) => other,
            None => return,
        }
    } else {
        (stream, ahead)
    };
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
    let mut woken: Option<Waker> = None;
    let ended = poll_fn(|context| {
        if !woken.as_ref().is_some_and(|woken| woken.will_wake(context.waker())) {
            progress.wake(context);
            woken = Some(context.waker().clone());
        }
        if progress.take_drain() {
            Pin::new(&mut connection).graceful_shutdown();
        }
        if let Poll::Ready(result) = Pin::new(&mut connection).poll(context) {
            return Poll::Ready(Ok(result));
        }
        progress.take_order(limits).map_or(Poll::Pending, |order| Poll::Ready(Err(order)))
    })
    .await;
    let parts = connection.into_parts();
    let (stream, swallowed) = parts.io.into_parts();
    let ended = match ended {
        Ok(result) => ConnectionEnd::Itself(result, swallowed),
        Err(order) => ConnectionEnd::Ordered(order),
    };
    finish(ended, stream, parts.read_buf, shared, progress).await;
}

/// Ends the connection.
async fn finish(ended: ConnectionEnd, stream: Stream, head: Bytes, shared: &Shared, progress: &Progress) {
    // Boxed, since it is large, short and rare: an open connection need not have room for it.
    let mut ending = Box::pin(shared.timekeeper.with_timers(end(ended, stream, head, shared, progress)));
    // An order ends even the last answer.
    poll_fn(|context| {
        progress.wake(context);
        if ending.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        match progress.take_order(&shared.state.limits) {
            Some(ConnectionOrder::Cut | ConnectionOrder::Reset) => Poll::Ready(()),
            Some(ConnectionOrder::Overdue(_)) | None => Poll::Pending,
        }
    })
    .await;
}
