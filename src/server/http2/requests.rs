//! The requests of one connection. What a finished request leaves serves the next.

use super::stream;
use super::vitals::Vitals;
use crate::api::Content;
use crate::server::Shared;
use crate::server::deadlines::{Progress, Watched};
use futures_util::stream::{FuturesUnordered, Stream as _};
use h2::RecvStream;
use h2::server::SendResponse;
use hyper::Request;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_util::sync::ReusableBoxFuture;

pub(super) struct Requests<'c> {
    shared: &'c Shared,
    vitals: &'c Vitals,
    progress: &'c Arc<Progress>,
    /// Requests that wait for something.
    waiting: FuturesUnordered<ReusableBoxFuture<'c, Watched>>,
    /// The watch and the memory of a finished request.
    spare: Option<Watched>,
    place: Option<ReusableBoxFuture<'c, Watched>>,
}

impl<'c> Requests<'c> {
    pub(super) fn new(shared: &'c Shared, vitals: &'c Vitals, progress: &'c Arc<Progress>) -> Self {
        Self { shared, vitals, progress, waiting: FuturesUnordered::new(), spare: None, place: None }
    }

    /// Begins to answer a request. Returns whether it is finished, as most are.
    pub(super) fn begin(
        &mut self,
        request: Request<RecvStream>,
        respond: SendResponse<Content>,
        context: &mut Context<'_>,
    ) -> bool {
        let watched = self.spare.take().unwrap_or_else(|| self.progress.stream());
        let request = stream::serve(self.shared, self.vitals, watched, request, respond);
        let mut request = match self.place.take() {
            None => ReusableBoxFuture::new(request),
            Some(mut place) => {
                place.set(request);
                place
            }
        };
        match request.poll(context) {
            Poll::Ready(watched) => {
                self.vitals.end();
                self.spare = watched.renew();
                self.place = Some(request);
                true
            }
            Poll::Pending => {
                self.waiting.push(request);
                false
            }
        }
    }

    /// Goes on with the requests that wait. Returns whether some are finished.
    pub(super) fn go_on(&mut self, context: &mut Context<'_>) -> bool {
        let mut is_any_finished = false;
        while let Poll::Ready(Some(_)) = Pin::new(&mut self.waiting).poll_next(context) {
            self.vitals.end();
            is_any_finished = true;
        }
        is_any_finished
    }
}
