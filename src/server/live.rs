//! The body of an endless answer: it asks for more content once the client has read the previous piece.

use super::deadlines::Progress;
use super::timekeeper::Timekeeper;
use crate::admin::Follower;
use crate::api::{Content, PIECE};
use bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

type Asked = Pin<Box<dyn Future<Output = (Follower, Option<Bytes>)> + Send>>;

/// A body without an end of its own.
pub(super) struct Live {
    /// Unsent rest of the last content.
    left: Bytes,
    /// Whether a piece was given in this turn of the connection.
    has_given: bool,
    /// Content after it; `None` once the server ends.
    asked: Option<Asked>,
    timekeeper: Arc<Timekeeper>,
    progress: Option<Arc<Progress>>,
}

impl Live {
    /// A body that begins with these words.
    pub(super) fn new(first: Bytes, follower: Follower, timekeeper: &Arc<Timekeeper>, progress: &Progress) -> Self {
        let asked = Some(ask(follower, timekeeper));
        Self { left: first, has_given: false, asked, timekeeper: Arc::clone(timekeeper), progress: progress.shared() }
    }

    /// The next piece, once there is one.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Content>> {
        // One piece a turn: readers with much to read share the thread with callers.
        if std::mem::take(&mut self.has_given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.left.is_empty() {
            let Some(asked) = &mut self.asked else { return Poll::Ready(None) };
            let (follower, text) = ready!(asked.as_mut().poll(context));
            self.asked = text.is_some().then(|| ask(follower, &self.timekeeper));
            self.left = text.unwrap_or_default();
        }
        if let Some(progress) = &self.progress {
            progress.speak();
        }
        self.has_given = true;
        let piece = self.left.split_to(self.left.len().min(PIECE));
        Poll::Ready(Some(piece.into()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.left.is_empty() && self.asked.is_none()
    }
}

fn ask(mut follower: Follower, timekeeper: &Timekeeper) -> Asked {
    Box::pin(timekeeper.with_timers(async move {
        let text = follower.next().await;
        (follower, text)
    }))
}

/// The body has ended, or is not needed, as in an answer to HEAD.
impl Drop for Live {
    fn drop(&mut self) {
        if let Some(progress) = &self.progress {
            progress.conclude();
        }
    }
}
