//! Serves one connection of HTTP/2.

use super::errors::ClientError;
use super::requests::Requests;
use super::vitals::Vitals;
use super::wire::Wire;
use crate::api::{Content, PIECE};
use crate::limits::Limits;
use crate::server::Shared;
use crate::server::deadlines::Progress;
use crate::server::phase::{ConnectionOrder, ConnectionPhase};
use crate::server::stream::Stream;
use crate::server::tcp_close::{drop_the_rest, reset};
use crate::state::LimitHit;
use h2::Reason;
use h2::server::{Builder, Connection};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// Bytes of bodies that a connection may have on the way at once.
const WINDOW: u32 = 256 << 10;
/// Bytes of an answer that wait for the socket, on each stream.
const SEND_BUFFER: usize = PIECE;

/// How a connection ended.
enum Ended {
    /// Both sides know.
    Closed,
    Ordered(ConnectionOrder),
}

/// Serves requests until the connection ends. `ahead` has the bytes that were read already.
pub(super) async fn serve(mut stream: Stream, ahead: Vec<u8>, shared: &Shared, progress: &Arc<Progress>) {
    let limits = &shared.state.limits;
    let vitals = Vitals::new(progress, shared.state.clock.now());
    let mut wire = Wire::new(stream, ahead, &vitals, &shared.state);
    let ended = serve_requests(&mut wire, &vitals, shared, progress).await;
    stream = wire.stream;
    match ended {
        Ended::Ordered(ConnectionOrder::Reset) => reset(stream),
        Ended::Ordered(ConnectionOrder::Overdue(ConnectionPhase::Writing)) => {
            shared.state.metrics.hit(LimitHit::Stall);
            reset(stream);
        }
        Ended::Ordered(_) => {}
        Ended::Closed => {
            let mut closing = pin!(shared.timekeeper.with_timers(drop_the_rest(&mut stream, limits)));
            poll_fn(|context| {
                progress.wake(context);
                match progress.take_order(limits) {
                    Some(ConnectionOrder::Cut | ConnectionOrder::Reset) => Poll::Ready(()),
                    Some(ConnectionOrder::Overdue(_)) | None => closing.as_mut().poll(context),
                }
            })
            .await;
        }
    }
}

fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    let list = u32::try_from(limits.head_bytes_max.saturating_mul(2)).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(limits.streams_max)
        // A head that is a little too long is answered as any other; h2 answers longer ones by itself.
        .max_header_list_size(list)
        .initial_connection_window_size(WINDOW)
        .max_send_buffer_size(SEND_BUFFER);
    builder
}

async fn serve_requests(wire: &mut Wire<'_>, vitals: &Vitals, shared: &Shared, progress: &Arc<Progress>) -> Ended {
    let limits = &shared.state.limits;
    let mut handshake = pin!(builder(limits).handshake::<_, Content>(wire));
    let shaken = poll_fn(|context| {
        progress.wake(context);
        match handshake.as_mut().poll(context) {
            Poll::Ready(shaken) => Poll::Ready(Ok(shaken)),
            Poll::Pending => progress.take_order(limits).map_or(Poll::Pending, |order| Poll::Ready(Err(order))),
        }
    })
    .await;
    let connection = match shaken {
        Ok(Ok(connection)) => connection,
        // The preface was wrong, or the client is gone.
        Ok(Err(_)) => return Ended::Closed,
        Err(order) => return Ended::Ordered(order),
    };
    let mut serving = Serving { connection, vitals, shared, progress, is_draining: false, is_leaving: false };
    let mut requests = Requests::new(shared, vitals, progress);
    let mut arrived = Vec::new();
    let mut woken: Option<Waker> = None;
    poll_fn(|context| {
        if !woken.as_ref().is_some_and(|woken| woken.will_wake(context.waker())) {
            progress.wake(context);
            woken = Some(context.waker().clone());
        }
        loop {
            // An answer that is given while others can be read would be sent alone.
            while let Some(accepted) = ready_now(serving.connection.poll_accept(context)) {
                let Some(Ok((request, respond))) = accepted else {
                    accepted.and_then(Result::err).iter().for_each(|error| serving.note_error(error));
                    return Poll::Ready(Ended::Closed);
                };
                vitals.begin();
                arrived.push((request, respond));
            }
            vitals.offered();
            let mut has_news = false;
            for (request, respond) in arrived.drain(..) {
                has_news |= requests.begin(request, respond, context);
            }
            has_news |= requests.go_on(context);
            match serving.leave_in_time() {
                Leaving::At(order) => return Poll::Ready(Ended::Ordered(order)),
                Leaving::Begins => {}
                Leaving::No if has_news => {}
                Leaving::No => return Poll::Pending,
            }
        }
    })
    .await
}

fn ready_now<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// A connection that is open.
struct Serving<'c, 'w> {
    connection: Connection<&'c mut Wire<'w>, Content>,
    vitals: &'c Vitals,
    shared: &'c Shared,
    progress: &'c Progress,
    /// Whether the client was told to begin no further requests.
    is_draining: bool,
    /// Whether the client was told that the connection ends now.
    is_leaving: bool,
}

/// Whether the server ends a connection.
enum Leaving {
    No,
    /// The client is to be told.
    Begins,
    At(ConnectionOrder),
}

impl Serving<'_, '_> {
    /// Ends the connection if an order, a limit or the server's end wants that.
    fn leave_in_time(&mut self) -> Leaving {
        let metrics = &self.shared.state.metrics;
        if self.progress.take_drain() && !self.is_draining {
            self.is_draining = true;
            self.connection.graceful_shutdown();
            return Leaving::Begins;
        }
        if self.vitals.is_flooded() && !self.is_leaving {
            return self.send_away(ClientError::Flood);
        }
        match self.progress.take_order(&self.shared.state.limits) {
            None if self.is_draining && !self.is_leaving && self.is_at_rest() => self.leave(Reason::NO_ERROR),
            None => Leaving::No,
            Some(ConnectionOrder::Overdue(ConnectionPhase::Idle)) if !self.is_leaving => {
                metrics.hit(LimitHit::Idle);
                self.leave(Reason::NO_ERROR)
            }
            Some(ConnectionOrder::Overdue(ConnectionPhase::Head)) if !self.is_leaving => {
                self.send_away(ClientError::SlowHead)
            }
            Some(ConnectionOrder::Overdue(ConnectionPhase::New)) if !self.is_leaving => {
                metrics.hit(LimitHit::Head);
                self.leave(Reason::ENHANCE_YOUR_CALM)
            }
            Some(order) => Leaving::At(order),
        }
    }

    fn send_away(&mut self, error: ClientError) -> Leaving {
        error.note(&self.shared.state, self.progress);
        self.leave(error.reason())
    }

    fn leave(&mut self, reason: Reason) -> Leaving {
        self.is_leaving = true;
        self.connection.abrupt_shutdown(reason);
        Leaving::Begins
    }

    /// Whether every answer is sent.
    fn is_at_rest(&self) -> bool {
        !self.vitals.has_requests() && !self.connection.has_streams()
    }

    /// Notes an error that the client made.
    fn note_error(&self, error: &h2::Error) {
        // The reason of one that is remote is the client's word, which h2 repeats.
        let is_ours = !error.is_remote() && !self.is_leaving;
        if let Some(reason) = error.reason().filter(|reason| is_ours && *reason != Reason::NO_ERROR) {
            ClientError::Frames(reason).note(&self.shared.state, self.progress);
        }
    }
}
