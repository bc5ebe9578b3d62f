//! The socket as hyper sees it: it notes progress, and keeps back what hyper would answer by itself.
//!
//! A write while no request is being answered is hyper's own 400, 414 or 431, which has no body. It is swallowed, and
//! its status remembered for `ending.rs`, which answers in our shape. Shutting down is left to `ending.rs` too.

use super::progress::{Phase, Progress};
use super::titles::Titles;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;

pub(super) struct Wire {
    stream: TokioIo<TcpStream>,
    progress: Arc<Progress>,
    /// The status of an answer that was kept back.
    swallowed: Option<u16>,
    /// How far an answer is written; nothing where the next write begins one.
    titles: Option<Titles>,
    /// Where a head is copied, to be written with its names in title case.
    copy: Vec<u8>,
    /// What was read while an answer was held, and hyper has not seen.
    ahead: Vec<u8>,
}

/// What is read ahead at most; who sends more is not looked after.
const AHEAD_MAX: usize = 64 << 10;
/// Bytes of an answer that are copied at once, and of the copy that are kept for the next.
const COPY_MAX: usize = 4 << 10;
const COPY_KEPT: usize = 512;

impl Wire {
    pub(super) fn new(stream: TcpStream, progress: Arc<Progress>) -> Self {
        Self {
            stream: TokioIo::new(stream),
            progress,
            swallowed: None,
            titles: None,
            copy: Vec::new(),
            ahead: Vec::new(),
        }
    }

    /// Fails when the client is gone, and sees to it that the task is woken when it goes. Who only ends its sending
    /// looks the same, and counts as gone: nearly every client closes both. What comes before that is kept for hyper.
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

    /// Writes a part of an answer that has its head, or what is left of it.
    fn write_head(&mut self, context: &mut Context<'_>, bytes: &[u8], before: Titles) -> Poll<io::Result<usize>> {
        let bytes = bytes.get(..COPY_MAX).unwrap_or(bytes);
        self.copy.clear();
        self.copy.extend_from_slice(bytes);
        let mut titles = before;
        titles.write(&mut self.copy);
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.copy))?;
        let is_whole = written == bytes.len();
        self.titles = Some(if is_whole { titles } else { before.after(bytes.get(..written).unwrap_or(&[])) });
        if self.copy.capacity() > COPY_KEPT {
            self.copy = Vec::new();
        }
        Poll::Ready(Ok(written))
    }

    /// Gives hyper what was read ahead.
    #[cold]
    fn catch_up(&mut self, mut buffer: ReadBufCursor<'_>) {
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(self.ahead.get(..count).unwrap_or(&[]));
        self.ahead.drain(..count);
    }

    /// The socket, and the status of an answer that was kept back.
    pub(super) fn into_parts(self) -> (TcpStream, Option<u16>) {
        (self.stream.into_inner(), self.swallowed)
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))
        } else {
            self.catch_up(buffer);
            Ok(())
        };
        match self.progress.phase() {
            // The time for the first head runs from the connection's beginning, for others from their first byte.
            Phase::New => self.progress.go_on_to(Phase::Head),
            Phase::Idle => self.progress.enter(Phase::Head),
            Phase::Head | Phase::Busy | Phase::Waiting | Phase::Writing | Phase::Giving => {}
        }
        Poll::Ready(read)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let phase = self.progress.phase();
        if !matches!(phase, Phase::Busy | Phase::Waiting | Phase::Writing | Phase::Giving) {
            if self.swallowed.is_none() {
                self.swallowed = status_of(bytes);
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        // What is written before that is an interim answer, which has no fields.
        let titles = matches!(phase, Phase::Writing | Phase::Giving)
            .then(|| self.titles.unwrap_or_else(|| Titles::begin(bytes)));
        let written = match titles {
            Some(titles) if titles.is_in_head() => ready!(self.write_head(context, bytes, titles)),
            _ => ready!(Pin::new(&mut self.stream).poll_write(context, bytes)),
        };
        self.progress.advance();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.progress.phase() {
            // hyper flushes what it has written; a socket keeps nothing back. So the answer is out.
            Phase::Writing => {
                self.titles = None;
                self.progress.enter(Phase::Idle);
            }
            // hyper reads nothing meanwhile, and flushes whenever the connection is looked at.
            Phase::Waiting => return self.still_there(context),
            Phase::New | Phase::Head | Phase::Busy | Phase::Idle | Phase::Giving => {}
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
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
