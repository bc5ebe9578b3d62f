//! Sends the body of an answer, no faster than the client takes it.

use super::vitals::Vitals;
use crate::api::Content;
use crate::limits::Limits;
use crate::server::deadlines::Progress;
use crate::server::phase::ConnectionPhase;
use crate::server::sending::Sending;
use bytes::{Buf as _, Bytes};
use h2::SendStream;
use hyper::body::Body as _;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Why an answer was not sent whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The client gave it up, or is gone.
    Gone,
    /// The client took nothing for too long.
    Overdue,
}

/// The body of one answer on its way.
pub(super) struct Outgoing<'s> {
    pub(super) stream: SendStream<Content>,
    pub(super) progress: &'s Progress,
    pub(super) vitals: &'s Vitals,
    pub(super) limits: &'s Limits,
}

impl Outgoing<'_> {
    /// Sends all of a body.
    pub(super) async fn pour(&mut self, mut body: Sending) -> Result<(), Stopped> {
        let is_short = matches!(body, Sending::Whole(_));
        loop {
            let piece = self.next_of(&mut body).await?;
            let is_last = piece.is_none() || body.is_end_stream();
            self.give(piece.unwrap_or_else(|| Bytes::new().into()), is_last).await?;
            if is_last {
                break;
            }
        }
        // A long answer holds its memory until it is sent.
        if is_short { Ok(()) } else { self.flushed().await }
    }

    /// Gives a piece to the connection as the client has room for it.
    pub(super) async fn give(&mut self, mut piece: Content, is_last: bool) -> Result<(), Stopped> {
        while piece.has_remaining() {
            let room = self.room(piece.remaining()).await?;
            self.progress.advance();
            if room >= piece.remaining() {
                break;
            }
            self.hand_over(piece.copy_to_bytes(room).into(), false)?;
        }
        self.hand_over(piece, is_last)
    }

    /// Waits until the bytes that were given are sent.
    pub(super) async fn flushed(&mut self) -> Result<(), Stopped> {
        let mut flushed = pin!(self.vitals.flushed());
        poll_fn(|context| match flushed.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Ok(())),
            Poll::Pending => self.poll_stopped(context).map(Err),
        })
        .await
    }

    fn hand_over(&mut self, piece: Content, is_last: bool) -> Result<(), Stopped> {
        self.stream.send_data(piece, is_last).map_err(|_| Stopped::Gone)
    }

    /// The next piece, once there is one.
    async fn next_of(&mut self, body: &mut Sending) -> Result<Option<Content>, Stopped> {
        poll_fn(|context| {
            if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) {
                let piece = frame.and_then(Result::ok).and_then(|frame| frame.into_data().ok());
                return Poll::Ready(Ok(piece));
            }
            if self.progress.phase() == ConnectionPhase::Speaking {
                self.progress.go_on_to(ConnectionPhase::Silent);
            }
            self.poll_stopped(context).map(Err)
        })
        .await
    }

    /// Waits for room for some of so many bytes.
    async fn room(&mut self, bytes: usize) -> Result<usize, Stopped> {
        self.stream.reserve_capacity(bytes);
        poll_fn(|context| {
            // The client announces only more room, and there may be some already.
            let room = self.stream.capacity();
            if room > 0 {
                return Poll::Ready(Ok(room));
            }
            match self.stream.poll_capacity(context) {
                Poll::Ready(Some(Ok(room))) if room > 0 => Poll::Ready(Ok(room)),
                Poll::Ready(None | Some(Err(_))) => Poll::Ready(Err(Stopped::Gone)),
                Poll::Ready(Some(Ok(_))) => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Pending => self.poll_stopped(context).map(Err),
            }
        })
        .await
    }

    /// Whether the answer cannot go on.
    pub(super) fn poll_stopped(&mut self, context: &mut Context<'_>) -> Poll<Stopped> {
        self.progress.wake(context);
        if self.stream.poll_reset(context).is_ready() {
            return Poll::Ready(Stopped::Gone);
        }
        match self.progress.take_order(self.limits) {
            Some(_) => Poll::Ready(Stopped::Overdue),
            None => Poll::Pending,
        }
    }
}
