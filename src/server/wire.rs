//! The socket as hyper sees it: it notes progress, and keeps back what hyper would answer by itself.
//!
//! A write while no request is being answered is hyper's own 400, 414 or 431, which has no body. It is swallowed, and
//! its status remembered for `ending.rs`, which answers in our shape. Shutting down is left to `ending.rs` too.
//!
//! The head of an answer is written from a copy that `titles.rs` makes. hyper learns that it is out once the whole copy is.

use super::deadlines::{ConnectionPhase, Progress};
use super::stream::Stream;
use super::titles::AnswerHead;
use super::tls::TlsStream;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::io;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

pub(super) struct Wire {
    stream: TokioIo<Stream>,
    progress: Arc<Progress>,
    /// The status of an answer that was kept back.
    swallowed: Option<u16>,
    /// Whether the head of the answer is out; else the next write begins with it.
    is_begun: bool,
    /// The head as it is sent, and some of the body.
    head: AnswerHead,
    /// Number of its bytes that are sent.
    written: usize,
    /// Number of hyper's bytes that the head replaces, `0` without one.
    stands_for: usize,
    /// Bytes that were read while an answer was held, and hyper has not seen.
    ahead: Vec<u8>,
}

/// Bytes of a body that hyper gets at once. It doubles its buffer where a read fills it, which has 8 KiB at the start.
const LITTLE: usize = (8 << 10) - 1;
/// Bytes that are read ahead at most; a client that sends more is not watched.
const AHEAD_MAX: usize = 64 << 10;

impl Wire {
    /// `ahead` has the bytes that were read already.
    pub(super) fn new(stream: Stream, ahead: Vec<u8>, progress: Arc<Progress>) -> Self {
        Self {
            stream: TokioIo::new(stream),
            progress,
            swallowed: None,
            is_begun: false,
            head: AnswerHead::default(),
            written: 0,
            stands_for: 0,
            ahead,
        }
    }

    /// Fails when the client is gone, and has the task woken when it goes. A client that only ends its sending looks the same,
    /// and counts as gone: nearly every client closes both. Bytes before that are kept for hyper.
    fn still_there(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 1024];
        while self.ahead.len() < AHEAD_MAX {
            let mut read = ReadBuf::new(&mut bytes);
            match Pin::new(self.stream.inner_mut()).poll_read(context, &mut read) {
                Poll::Ready(Ok(())) if read.filled().is_empty() => {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
                }
                Poll::Ready(Ok(())) => self.ahead.extend_from_slice(read.filled()),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Has TLS send what it keeps back. Apart, since plain connections have nothing of it.
    #[cold]
    #[inline(never)]
    fn flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Stream::Tls(tls) = self.stream.inner_mut() else { return Poll::Ready(Ok(())) };
        let flushed = Pin::new(&mut *tls).poll_flush(context);
        if tls.take_written() {
            self.progress.advance();
        }
        flushed
    }

    /// A head has begun with the first byte of its record, whose rest TLS waits for.
    fn wait_for_head(&self, phase: ConnectionPhase) {
        if phase == ConnectionPhase::Idle && matches!(self.stream.inner(), Stream::Tls(tls) if tls.has_begun_record()) {
            self.progress.enter(ConnectionPhase::Head);
        }
    }

    /// Writes the head of an answer, and the part of its body that is copied with it.
    fn write_head(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.stands_for == 0 {
            self.stands_for = self.head.write(bytes, self.progress.stamp());
            self.written = 0;
        }
        // hyper brings the same bytes until it learns that they are out.
        loop {
            let rest = invariant!(self.head.bytes().get(self.written..), &[], "no more is out than there is");
            let written = ready!(write_some(&mut self.stream, &self.progress, context, rest))?;
            if written == rest.len() {
                break;
            }
            if written == 0 {
                return Poll::Ready(Ok(0));
            }
            self.written += written;
            self.progress.advance();
        }
        self.is_begun = true;
        self.head.shrink();
        Poll::Ready(Ok(mem::take(&mut self.stands_for)))
    }

    /// Reads a piece of a body. Apart, since its buffer would be on the way of every read.
    #[cold]
    #[inline(never)]
    fn read_a_little(&mut self, context: &mut Context<'_>, mut buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [MaybeUninit::uninit(); LITTLE];
        let mut read = ReadBuf::uninit(bytes.get_mut(..buffer.remaining().min(LITTLE)).unwrap_or(&mut []));
        ready!(Pin::new(self.stream.inner_mut()).poll_read(context, &mut read))?;
        buffer.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }

    /// Gives hyper the bytes that were read ahead.
    #[cold]
    fn catch_up(&mut self, mut buffer: ReadBufCursor<'_>) {
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(invariant!(self.ahead.get(..count), &[], "the count is at most the length"));
        self.ahead.drain(..count);
    }

    /// The socket, and the status of an answer that was kept back.
    pub(super) fn into_parts(self) -> (Stream, Option<u16>) {
        (self.stream.into_inner(), self.swallowed)
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let phase = self.progress.phase();
        let read = if !self.ahead.is_empty() {
            self.catch_up(buffer);
            Ok(())
        } else if phase.is_before_request() {
            match Pin::new(&mut self.stream).poll_read(context, buffer) {
                Poll::Ready(read) => read,
                Poll::Pending => {
                    self.wait_for_head(phase);
                    return Poll::Pending;
                }
            }
        } else {
            ready!(self.read_a_little(context, buffer))
        };
        // The time for the first head runs from the connection's beginning, for others from their first byte.
        if phase == ConnectionPhase::New {
            self.progress.go_on_to(ConnectionPhase::Head);
        } else if phase == ConnectionPhase::Idle {
            self.progress.enter(ConnectionPhase::Head);
        }
        Poll::Ready(read)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let phase = self.progress.phase();
        if phase.is_before_request() {
            if self.swallowed.is_none() {
                self.swallowed = status_of(bytes);
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        // Bytes that are written before that are an interim answer, which has no fields.
        if (phase.is_sending() || phase == ConnectionPhase::Silent) && !self.is_begun {
            return self.write_head(context, bytes);
        }
        let this = &mut *self;
        let written = ready!(write_some(&mut this.stream, &this.progress, context, bytes));
        self.progress.advance();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Stream::Tls(_) = self.stream.inner() {
            ready!(self.flush(context))?;
        }
        match self.progress.phase() {
            // hyper flushes what it has written; a socket keeps nothing back. So the answer is out.
            ConnectionPhase::Writing => {
                self.is_begun = false;
                self.progress.is_out(context);
            }
            // hyper reads nothing meanwhile, and flushes whenever the connection is looked at.
            ConnectionPhase::Waiting | ConnectionPhase::Silent => return self.still_there(context),
            ConnectionPhase::Speaking => {
                self.progress.go_on_to(ConnectionPhase::Silent);
                return self.still_there(context);
            }
            ConnectionPhase::New
            | ConnectionPhase::Head
            | ConnectionPhase::Busy
            | ConnectionPhase::Idle
            | ConnectionPhase::Giving => {}
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Writes to the socket. TLS takes bytes before they are sent: the client got on only if some went out.
#[inline]
fn write_some(
    stream: &mut TokioIo<Stream>,
    progress: &Progress,
    context: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    match stream.inner_mut() {
        Stream::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
        Stream::Tls(tls) => write_over_tls(tls, progress, context, bytes),
    }
}

#[cold]
#[inline(never)]
fn write_over_tls(
    tls: &mut TlsStream,
    progress: &Progress,
    context: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    let written = Pin::new(&mut *tls).poll_write(context, bytes);
    if tls.take_written() {
        progress.advance();
    }
    written
}

/// The status in a status line.
fn status_of(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_found_in_a_status_line() {
        assert_eq!(status_of(b"HTTP/1.1 431 Request Header Fields Too Large\r\n"), Some(431));
        assert_eq!(status_of(b"HTTP/1.0 400 Bad Request\r\n"), Some(400));
        assert_eq!(status_of(b"HTTP/1.1 "), None);
    }
}
