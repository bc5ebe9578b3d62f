//! The body of an answer as hyper sends it. A long one is given in pieces: hyper copies what it is given, and would keep
//! a second copy of all of it for a client that reads nothing. A list is not even written before its piece is asked for.

use super::deadlines::{ConnectionPhase, Progress};
use super::live::Live;
use super::titles::Stamp;
use crate::api::{Content, Listing, PIECE};
use crate::draw::RequestId;
use crate::state::{Held, LimitHit, State};
use bytes::{Buf as _, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The rest of an answer.
pub(super) enum Sending {
    Whole(Option<Content>),
    Long(Box<Pieces>),
    Live(Box<Live>),
}

/// The memory of a long answer, and the list that it is, if it is one.
pub(super) struct Reserved {
    pub(super) held: Held,
    pub(super) list: Option<Box<Listing>>,
}

/// A long answer.
#[derive(Debug)]
pub(super) struct Pieces {
    left: Left,
    progress: Option<Arc<Progress>>,
    _held: Option<Held>,
}

/// The rest of a long answer.
#[derive(Debug)]
enum Left {
    Text(Bytes),
    List(Box<Listing>),
}

impl Sending {
    #[inline]
    fn new(content: Content) -> Self {
        Self::Whole(Some(content).filter(Content::has_remaining))
    }

    /// An answer, with the memory that it takes if it is long.
    #[inline]
    pub(super) fn of(content: Content, progress: &Progress, reserved: Option<Reserved>) -> Self {
        match reserved {
            None => Self::new(content),
            Some(Reserved { held, list: Some(list) }) => Self::long(Left::List(list), progress, Some(held)),
            Some(Reserved { held, list: None }) => match content {
                Content::Long(text) => Self::long(Left::Text(text), progress, Some(held)),
                short @ Content::Short { .. } => Self::new(short),
            },
        }
    }

    /// An answer that takes memory of the budget until all of it is given.
    #[cold]
    fn long(left: Left, progress: &Progress, held: Option<Held>) -> Self {
        Self::Long(Box::new(Pieces { left, progress: progress.shared(), _held: held }))
    }
}

/// Counts an answer that leaves now. Returns whether it must announce the end of the connection. `id` identifies answers of the
/// emulated API.
pub(super) fn leave(state: &State, progress: &Progress, now: Duration, id: Option<RequestId>) -> bool {
    progress.set_stamp(Stamp { date: state.clock.date(now), id });
    if progress.answered() >= state.limits.requests_per_connection_max {
        state.metrics.hit(LimitHit::RequestsPerConnection);
        // Further requests may be on their way, and must not turn the close into a reset.
        progress.leave_unread();
        progress.end_connection();
    }
    progress.is_unread()
}

impl Left {
    /// Bytes.
    fn count(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(list) => list.left(),
        }
    }

    fn next(&mut self) -> Bytes {
        match self {
            Self::Text(text) => text.split_to(text.len().min(PIECE)),
            Self::List(list) => list.next(),
        }
    }
}

impl Pieces {
    fn next(&mut self) -> Option<Content> {
        let piece = self.left.next();
        self.tell(self.left.count() == 0);
        (!piece.is_empty()).then(|| piece.into())
    }

    /// Says whether there is more to come: then the answer is not out when hyper has written what it was given.
    fn tell(&self, is_last: bool) {
        if let Some(progress) = &self.progress {
            progress.go_on_to(if is_last { ConnectionPhase::Writing } else { ConnectionPhase::Giving });
        }
    }
}

/// The rest may never be asked for, as with an answer to HEAD.
impl Drop for Pieces {
    fn drop(&mut self) {
        if self.progress.as_ref().is_some_and(|progress| progress.phase() == ConnectionPhase::Giving) {
            self.tell(true);
        }
    }
}

impl Body for Sending {
    type Data = Content;
    type Error = Infallible;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Content>, Infallible>>> {
        let piece = match &mut *self {
            Self::Whole(whole) => whole.take(),
            Self::Long(pieces) => pieces.next(),
            Self::Live(live) => ready!(live.poll_next(context)),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(content) => content.is_none(),
            Self::Long(pieces) => pieces.left.count() == 0,
            Self::Live(live) => live.is_over(),
        }
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(content) => content.as_ref().map_or(0, |content| content.remaining() as u64),
            Self::Long(pieces) => pieces.left.count() as u64,
            Self::Live(_) => return SizeHint::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::deadlines::ConnectionWatch;
    use super::*;
    use crate::state::Budget;
    use std::task::Waker;

    #[test]
    fn a_long_answer_is_given_in_pieces_and_then_costs_nothing() {
        for (length, expected) in
            [(1, vec![1]), (PIECE, vec![PIECE]), (PIECE + 1, vec![PIECE, 1]), (3 * PIECE, vec![PIECE; 3])]
        {
            let budget = Budget::new(length);
            let watch = Arc::new(ConnectionWatch::default());
            let watched = watch.open(None);
            watched.progress.enter(ConnectionPhase::Writing);
            let held = budget.hold(length);
            let mut sending = Sending::long(Left::Text(vec![b'x'; length].into()), &watched.progress, held);
            let (mut found, mut left) = (Vec::new(), length);
            while !sending.is_end_stream() {
                assert_eq!(sending.size_hint().exact(), Some(left as u64));
                let mut context = Context::from_waker(Waker::noop());
                let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut sending).poll_frame(&mut context) else { panic!() };
                found.push(frame.into_data().unwrap().remaining());
                left -= found.last().unwrap();
                assert_eq!(
                    watched.progress.phase(),
                    if left > 0 { ConnectionPhase::Giving } else { ConnectionPhase::Writing }
                );
                assert!(budget.hold(1).is_none());
            }
            assert_eq!(found, expected);
            drop(sending);
            assert!(budget.hold(length).is_some());
        }
    }

    #[test]
    fn dropped_answer_counts_as_sent() {
        let watch = Arc::new(ConnectionWatch::default());
        let watched = watch.open(None);
        let sending = Sending::long(Left::Text(vec![b'x'; 3 * PIECE].into()), &watched.progress, None);
        watched.progress.enter(ConnectionPhase::Giving);
        drop(sending);
        assert_eq!(watched.progress.phase(), ConnectionPhase::Writing);
    }
}
