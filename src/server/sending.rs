//! The body of an answer as hyper sends it. A long one is given in pieces: hyper copies what it is given, and would keep
//! a second copy of all of it for a client that reads nothing.

use super::progress::{Phase, Progress};
use crate::api::Content;
use crate::state::Held;
use bytes::{Buf as _, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Bytes of one piece, and of an answer that is not counted against the budget of memory: a connection has a buffer for it
/// anyway.
pub(super) const PIECE: usize = 16 << 10;

/// What is still to be sent.
#[derive(Debug)]
pub(super) enum Sending {
    Whole(Option<Content>),
    Long(Box<Pieces>),
}

/// A long answer.
#[derive(Debug)]
pub(super) struct Pieces {
    left: Bytes,
    progress: Option<Arc<Progress>>,
    _held: Option<Held>,
}

impl Sending {
    #[inline]
    fn new(content: Content) -> Self {
        Self::Whole(Some(content).filter(Content::has_remaining))
    }

    /// An answer, and the memory of the budget that it takes, if it is long.
    #[inline]
    pub(super) fn of(content: Content, progress: &Progress, held: Option<Held>) -> Self {
        match content {
            Content::Long(bytes) if bytes.len() > PIECE => Self::long(bytes, progress, held),
            content => Self::new(content),
        }
    }

    /// An answer that takes memory of the budget until all of it is given.
    #[cold]
    fn long(left: Bytes, progress: &Progress, held: Option<Held>) -> Self {
        Self::Long(Box::new(Pieces { left, progress: progress.shared(), _held: held }))
    }
}

impl Pieces {
    fn next(&mut self) -> Option<Content> {
        let piece = self.left.split_to(self.left.len().min(PIECE));
        self.tell();
        (!piece.is_empty()).then(|| piece.into())
    }

    /// Says whether there is more to come: then the answer is not out when hyper has written what it was given.
    fn tell(&self) {
        if let Some(progress) = &self.progress {
            progress.go_on_to(if self.left.is_empty() { Phase::Writing } else { Phase::Giving });
        }
    }
}

/// Nobody asks for the rest, as of an answer to HEAD.
impl Drop for Pieces {
    fn drop(&mut self) {
        self.left.clear();
        if self.progress.as_ref().is_some_and(|progress| progress.phase() == Phase::Giving) {
            self.tell();
        }
    }
}

impl Body for Sending {
    type Data = Content;
    type Error = Infallible;

    #[inline]
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Content>, Infallible>>> {
        let piece = match &mut *self {
            Self::Whole(content) => content.take(),
            Self::Long(pieces) => pieces.next(),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(content) => content.is_none(),
            Self::Long(pieces) => pieces.left.is_empty(),
        }
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(content) => content.as_ref().map_or(0, |content| content.remaining() as u64),
            Self::Long(pieces) => pieces.left.len() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Watch;
    use super::*;
    use crate::state::Budget;
    use std::task::Waker;

    #[test]
    fn a_long_answer_is_given_in_pieces_and_then_costs_nothing() {
        for (length, expected) in
            [(1, vec![1]), (PIECE, vec![PIECE]), (PIECE + 1, vec![PIECE, 1]), (3 * PIECE, vec![PIECE; 3])]
        {
            let budget = Budget::new(length);
            let watch = Arc::new(Watch::default());
            let watched = watch.open(None);
            watched.progress.enter(Phase::Writing);
            let held = budget.hold(length);
            let mut sending = Sending::long(vec![b'x'; length].into(), &watched.progress, held);
            let (mut found, mut left) = (Vec::new(), length);
            while !sending.is_end_stream() {
                assert_eq!(sending.size_hint().exact(), Some(left as u64));
                let mut context = Context::from_waker(Waker::noop());
                let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut sending).poll_frame(&mut context) else { panic!() };
                found.push(frame.into_data().unwrap().remaining());
                left -= found.last().unwrap();
                assert_eq!(watched.progress.phase(), if left > 0 { Phase::Giving } else { Phase::Writing });
                assert!(budget.hold(1).is_none());
            }
            assert_eq!(found, expected);
            drop(sending);
            assert!(budget.hold(length).is_some());
        }
    }

    #[test]
    fn an_answer_that_nobody_asks_for_is_out() {
        let watch = Arc::new(Watch::default());
        let watched = watch.open(None);
        let sending = Sending::long(vec![b'x'; 3 * PIECE].into(), &watched.progress, None);
        watched.progress.enter(Phase::Giving);
        drop(sending);
        assert_eq!(watched.progress.phase(), Phase::Writing);
    }
}
