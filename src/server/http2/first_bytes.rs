//! Finds out by its first bytes whether a client speaks HTTP/2.

use super::connection;
use super::frames::PREFACE;
use crate::server::Shared;
use crate::server::deadlines::Progress;
use crate::server::phase::ConnectionOrder;
use crate::server::stream::Stream;
use crate::server::tcp_close::reset;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead as _, ReadBuf};

/// The meaning of the first bytes.
enum First {
    Http2,
    /// Something else, or not enough before the client ended or was too slow.
    Other,
    Ended(ConnectionOrder),
}

/// Whether a client may speak HTTP/2: it agreed on that in the handshake of TLS, or needs no agreement.
pub(in crate::server) fn may_be_spoken(stream: &Stream, shared: &Shared, progress: &Progress) -> bool {
    match stream {
        Stream::Plain(_) => shared.state.options.h2c,
        Stream::Tls(_) => progress.tls().is_some_and(|tls| tls.alpn.as_deref() == Some("h2")),
    }
}

/// Serves a connection whose client speaks HTTP/2. Gives back any other, with the bytes that were read of it.
pub(in crate::server) async fn serve_if_spoken(
    mut stream: Stream,
    shared: &Shared,
    progress: &Arc<Progress>,
) -> Option<(Stream, Vec<u8>)> {
    let mut read = Vec::new();
    let limits = &shared.state.limits;
    let first = poll_fn(|context| {
        progress.wake(context);
        if let Poll::Ready(is_http_2) = poll_first(&mut stream, &mut read, context) {
            return Poll::Ready(if is_http_2 { First::Http2 } else { First::Other });
        }
        match progress.take_order(limits) {
            Some(order @ (ConnectionOrder::Cut | ConnectionOrder::Reset)) => Poll::Ready(First::Ended(order)),
            Some(ConnectionOrder::Overdue(_)) => Poll::Ready(First::Other),
            None if progress.is_to_drain() => Poll::Ready(First::Other),
            None => Poll::Pending,
        }
    })
    .await;
    match first {
        First::Http2 => connection::serve(stream, read, shared, progress).await,
        First::Other => return Some((stream, read)),
        First::Ended(ConnectionOrder::Reset) => reset(stream),
        First::Ended(_) => drop(stream),
    }
    None
}

/// Reads until the bytes can only be those of one protocol; whether it is HTTP/2. No byte after the preface is read.
fn poll_first(stream: &mut Stream, read: &mut Vec<u8>, context: &mut Context<'_>) -> Poll<bool> {
    loop {
        let mut bytes = [0; PREFACE.len()];
        let left = PREFACE.len() - read.len();
        let mut buffer = ReadBuf::new(bytes.get_mut(..left).unwrap_or(&mut []));
        match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => read.extend_from_slice(buffer.filled()),
            // HTTP/1 meets the same end.
            Poll::Ready(_) => return Poll::Ready(false),
        }
        if !PREFACE.starts_with(read) {
            return Poll::Ready(false);
        }
        if read.len() == PREFACE.len() {
            return Poll::Ready(true);
        }
    }
}
