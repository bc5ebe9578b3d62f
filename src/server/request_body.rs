//! The body of a request as it arrives, over either protocol.

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(feature = "http2")]
use tokio::sync::oneshot;

/// The body of a request.
pub(super) enum RequestBody {
    Http1(Incoming),
    #[cfg(feature = "http2")]
    Http2(StreamBody),
    /// No body, over HTTP/2.
    #[cfg(feature = "http2")]
    Empty,
}

/// The body of a request on a stream of HTTP/2.
#[cfg(feature = "http2")]
pub(super) struct StreamBody {
    /// Empty only while this is dropped.
    stream: Option<h2::RecvStream>,
    /// Bytes that are still to come, if the client announced a length.
    left: Option<u64>,
    /// Takes a body that is not read to its end.
    unread: Option<oneshot::Sender<h2::RecvStream>>,
    /// Hears of the first read, if the client waits to be asked.
    ask: Option<oneshot::Sender<()>>,
}

/// Why a body cannot be read.
pub(super) type BodyError = Box<dyn Error + Send + Sync>;

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        Self::Http1(body)
    }
}

#[cfg(feature = "http2")]
impl StreamBody {
    /// A body, with its length if that is announced. `unread` takes it if it is not read to its end; `ask` hears of the first
    /// read.
    pub(super) fn new(
        stream: h2::RecvStream,
        length: Option<u64>,
        unread: oneshot::Sender<h2::RecvStream>,
        ask: Option<oneshot::Sender<()>>,
    ) -> Self {
        Self { stream: Some(stream), left: length, unread: Some(unread), ask }
    }

    /// The next bytes. They make room for further ones at once: the reader has its own bound.
    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        if let Some(ask) = self.ask.take() {
            let _ = ask.send(());
        }
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        stream.poll_data(context).map(|data| {
            Some(data?.map_err(BodyError::from).and_then(|data| {
                stream.flow_control().release_capacity(data.len())?;
                self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
                Ok(data)
            }))
        })
    }
}

#[cfg(feature = "http2")]
impl Drop for StreamBody {
    fn drop(&mut self) {
        if let (Some(stream), Some(unread)) = (self.stream.take(), self.unread.take())
            && !stream.is_end_stream()
        {
            let _ = unread.send(stream);
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Http1(body) => Pin::new(body).poll_frame(context).map_err(BodyError::from),
            #[cfg(feature = "http2")]
            Self::Http2(body) => body.poll_data(context).map_ok(Frame::data),
            #[cfg(feature = "http2")]
            Self::Empty => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            #[cfg(feature = "http2")]
            Self::Http2(body) => body.stream.as_ref().is_none_or(h2::RecvStream::is_end_stream),
            #[cfg(feature = "http2")]
            Self::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            #[cfg(feature = "http2")]
            Self::Http2(body) => body.left.map_or_else(SizeHint::default, SizeHint::with_exact),
            #[cfg(feature = "http2")]
            Self::Empty => SizeHint::with_exact(0),
        }
    }
}

/// The first cause; the message of the libraries is only that the body could not be read.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
