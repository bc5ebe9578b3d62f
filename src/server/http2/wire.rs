//! The socket as h2 sees it: it counts frames, and notes whether the client takes what it is sent.

use super::frames::{Frames, PREFACE};
use super::vitals::Vitals;
use crate::server::stream::Stream;
use crate::state::State;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Wire<'c> {
    pub(super) stream: Stream,
    /// Bytes that were read before, and h2 has not seen.
    pub(super) ahead: Vec<u8>,
    pub(super) vitals: &'c Vitals,
    pub(super) state: &'c State,
    frames: Frames,
    /// Bytes of the preface that are still to come: frames begin after them.
    preface_left: usize,
}

impl<'c> Wire<'c> {
    pub(super) fn new(stream: Stream, ahead: Vec<u8>, vitals: &'c Vitals, state: &'c State) -> Self {
        Self { stream, ahead, vitals, state, frames: Frames::default(), preface_left: PREFACE.len() }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        let (preface, bytes) = bytes.split_at(self.preface_left.min(bytes.len()));
        self.preface_left -= preface.len();
        self.frames.follow(bytes, |kind| self.vitals.count(kind, &self.state.limits, &self.state.clock));
        self.vitals.read(self.frames.is_in_head());
    }

    fn note_written<T>(&mut self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &written {
            Poll::Pending => self.vitals.block(),
            Poll::Ready(_) => self.vitals.written(),
        }
        // TLS takes bytes before they are sent.
        if let Stream::Tls(tls) = &mut self.stream
            && tls.take_written()
        {
            self.vitals.advance();
        }
        written
    }
}

impl AsyncRead for Wire<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Further frames of a client that floods are not read.
        if self.vitals.is_flooded() {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        } else {
            let count = self.ahead.len().min(buffer.remaining());
            buffer.put_slice(invariant!(self.ahead.get(..count), &[], "the count is at most the length"));
            self.ahead.drain(..count);
        }
        let read = buffer.filled().get(before..).unwrap_or(&[]);
        self.note_read(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire<'_> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket has nothing to flush, TLS has.
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.note_written(flushed)
    }

    /// `connection.rs` closes the connection, so that the client sees why.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
