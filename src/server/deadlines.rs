//! Watches the progress of requests, and wakes connections that are too slow.
//!
//! Time is coarse: a sweeper turns a number a few times within the shortest limit, and a connection only notes that
//! number when it gets on. So a request sets no timer, and a limit is kept to within two turns, never early.

use super::phase::turn_of;
pub(super) use super::phase::{ConnectionOrder, ConnectionPhase};
use super::titles::Stamp;
use super::wire_faults::Strike;
use crate::limits::Limits;
use crate::state::{Attempt, Lifecycle, Tls};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;

/// The connections of one thread.
#[derive(Debug, Default)]
pub(super) struct ConnectionWatch {
    turn: AtomicU32,
    open: Mutex<Open>,
    opened: Notify,
}

#[derive(Debug, Default)]
struct Open {
    connections: HashMap<u64, Arc<Progress>>,
    /// Streams of connections of HTTP/2.
    streams: hashbrown::HashMap<u64, Arc<Progress>>,
    next_id: u64,
    /// Orders to every connection, which new ones get too.
    draining: bool,
    cut: bool,
}

/// How far one connection is, or one stream of HTTP/2.
#[derive(Debug)]
pub(super) struct Progress {
    watch: Arc<ConnectionWatch>,
    id: u64,
    phase: AtomicU8,
    /// The turn in which the phase began, or in which a part of the answer was written.
    since: AtomicU32,
    /// Whether the request that is there is the last.
    draining: AtomicBool,
    order: AtomicU8,
    waker: Mutex<Option<Waker>>,
    /// Requests that were answered.
    answered: AtomicU64,
    /// Whether a request was answered before its body was read.
    unread: AtomicBool,
    /// The fault that ends the connection once hyper has let go of it.
    strike: Mutex<Option<Box<Strike>>>,
    /// The console's attempt that opened it.
    attempt: Option<Arc<Attempt>>,
    /// The stamp of the answer that is written.
    stamp: Mutex<Stamp>,
    /// Whether a request waits until the answer before it is out.
    is_awaited: AtomicBool,
    /// The agreement of the handshake, over TLS.
    tls: OnceLock<Box<Tls>>,
    /// The connection of a stream.
    connection: Option<Arc<Progress>>,
}

/// Takes a connection or a stream off the watch when it ends.
pub(super) struct Watched {
    id: u64,
    pub(super) progress: Arc<Progress>,
}

const NO_ORDER: u8 = 0;
const OVERDUE: u8 = 1;
const RESET: u8 = 2;
const CUT: u8 = 3;

impl ConnectionWatch {
    /// Puts a new connection on the watch.
    pub(super) fn open(self: &Arc<Self>, attempt: Option<Arc<Attempt>>) -> Watched {
        let mut open = self.open.lock();
        let id = open.next_id;
        let progress = Arc::new(Progress::new(Arc::clone(self), id, attempt, None));
        if open.draining {
            progress.drain();
        }
        if open.cut {
            progress.order(CUT);
        }
        open.next_id += 1;
        open.connections.insert(id, Arc::clone(&progress));
        self.opened.notify_one();
        Watched { id, progress }
    }

    /// Watches the connections until everything is cut, which it orders them to be. It waits, so it runs on a thread that does
    /// not serve.
    pub(super) async fn keep(&self, lifecycle: &Lifecycle, limits: &Limits) {
        let turn = turn_of(limits);
        let sweep = async {
            loop {
                if self.open.lock().connections.is_empty() {
                    self.opened.notified().await;
                }
                tokio::time::sleep(turn).await;
                self.sweep(limits, turn);
            }
        };
        let tell = async {
            lifecycle.was_cut().await;
            self.cut();
        };
        tokio::select! {
            () = sweep => {}
            () = tell => {}
        }
    }

    fn sweep(&self, limits: &Limits, turn: Duration) {
        let now = self.turn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let open = self.open.lock();
        for progress in open.connections.values().chain(open.streams.values()) {
            if progress.is_overdue(progress.phase(), now, limits, turn) {
                progress.order(OVERDUE);
            }
        }
    }

    /// Makes the current request of every connection its last.
    pub(super) fn drain(&self) {
        let mut open = self.open.lock();
        open.draining = true;
        open.connections.values().for_each(|progress| progress.drain());
    }

    /// Resets every open connection; gives their number.
    pub(super) fn reset(&self) -> usize {
        let open = self.open.lock();
        open.connections.values().for_each(|progress| progress.order(RESET));
        open.connections.len()
    }

    fn cut(&self) {
        let mut open = self.open.lock();
        open.cut = true;
        open.connections.values().for_each(|progress| progress.order(CUT));
    }
}

#[cfg(feature = "http2")]
impl Watched {
    /// Serves for a next stream of the same connection, if the one before left no trace.
    pub(super) fn renew(self) -> Option<Self> {
        let progress = &*self.progress;
        // The watch has the other handle.
        let is_unshared = Arc::strong_count(&self.progress) == 2;
        let is_plain = !progress.is_unread() && progress.waker.lock().is_none() && progress.strike.lock().is_none();
        if !is_unshared || !is_plain {
            return None;
        }
        // Without a request there is nothing to be late with.
        progress.go_on_to(ConnectionPhase::Busy);
        progress.order.store(NO_ORDER, Ordering::Relaxed);
        progress.set_stamp(Stamp::default());
        Some(self)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut open = self.progress.watch.open.lock();
        let ended = match self.progress.connection {
            None => open.connections.remove(&self.id),
            Some(_) => open.streams.remove(&self.id),
        };
        drop(open);
        drop(ended);
    }
}

impl Progress {
    fn new(watch: Arc<ConnectionWatch>, id: u64, attempt: Option<Arc<Attempt>>, connection: Option<Arc<Self>>) -> Self {
        let since = watch.turn.load(Ordering::Relaxed);
        Self {
            watch,
            id,
            phase: AtomicU8::new(ConnectionPhase::New as u8),
            since: AtomicU32::new(since),
            draining: AtomicBool::new(false),
            order: AtomicU8::new(NO_ORDER),
            waker: Mutex::new(None),
            answered: AtomicU64::new(0),
            unread: AtomicBool::new(false),
            strike: Mutex::new(None),
            attempt,
            stamp: Mutex::default(),
            is_awaited: AtomicBool::new(false),
            tls: OnceLock::new(),
            connection,
        }
    }

    /// Puts a stream of this connection on the watch.
    #[cfg(feature = "http2")]
    pub(super) fn stream(self: &Arc<Self>) -> Watched {
        let mut open = self.watch.open.lock();
        let id = open.next_id;
        open.next_id += 1;
        let progress = Arc::new(Self::new(Arc::clone(&self.watch), id, self.attempt.clone(), Some(Arc::clone(self))));
        open.streams.insert(id, Arc::clone(&progress));
        Watched { id, progress }
    }

    pub(super) fn phase(&self) -> ConnectionPhase {
        match self.phase.load(Ordering::Relaxed) {
            0 => ConnectionPhase::New,
            1 => ConnectionPhase::Head,
            2 => ConnectionPhase::Busy,
            3 => ConnectionPhase::Waiting,
            4 => ConnectionPhase::Writing,
            6 => ConnectionPhase::Giving,
            7 => ConnectionPhase::Speaking,
            8 => ConnectionPhase::Silent,
            _ => ConnectionPhase::Idle,
        }
    }

    /// A shared handle, if the connection or stream is still open.
    pub(super) fn shared(&self) -> Option<Arc<Self>> {
        let open = self.watch.open.lock();
        match self.connection {
            None => open.connections.get(&self.id).cloned(),
            Some(_) => open.streams.get(&self.id).cloned(),
        }
    }

    /// Begins a phase.
    pub(super) fn enter(&self, phase: ConnectionPhase) {
        self.go_on_to(phase);
        self.advance();
    }

    /// Begins a phase that shares the time of the one before.
    pub(super) fn go_on_to(&self, phase: ConnectionPhase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// There is more to write of an answer that has no end.
    pub(super) fn speak(&self) {
        if self.phase() == ConnectionPhase::Silent {
            self.enter(ConnectionPhase::Speaking);
        }
    }

    /// Ends an answer without an end: it is out once the given bytes are written.
    pub(super) fn conclude(&self) {
        if matches!(self.phase(), ConnectionPhase::Speaking | ConnectionPhase::Silent) {
            self.enter(ConnectionPhase::Writing);
        }
    }

    /// Something got on within the phase.
    pub(super) fn advance(&self) {
        self.since.store(self.watch.turn.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// A request is answered; gives how many that makes on this connection.
    pub(super) fn answered(&self) -> u64 {
        self.enter(ConnectionPhase::Writing);
        let connection = self.connection.as_deref().unwrap_or(self);
        // Only the connection's own task counts.
        let answered = connection.answered.load(Ordering::Relaxed) + 1;
        connection.answered.store(answered, Ordering::Relaxed);
        answered
    }

    /// Notes the stamp of the answer that is written next.
    pub(super) fn set_stamp(&self, stamp: Stamp) {
        *self.stamp.lock() = stamp;
    }

    pub(super) fn stamp(&self) -> Stamp {
        *self.stamp.lock()
    }

    /// Whether an answer is not out yet.
    pub(super) fn is_writing(&self) -> bool {
        matches!(self.phase(), ConnectionPhase::Writing | ConnectionPhase::Giving)
    }

    /// Waits, on the connection's own task, until the answer is out.
    pub(super) async fn written(&self) {
        poll_fn(|_| {
            let is_writing = self.is_writing();
            self.is_awaited.store(is_writing, Ordering::Relaxed);
            if is_writing { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// The answer is out.
    pub(super) fn is_out(&self, context: &Context<'_>) {
        self.enter(ConnectionPhase::Idle);
        if self.is_awaited.load(Ordering::Relaxed) {
            context.waker().wake_by_ref();
        }
    }

    pub(super) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    pub(super) fn strike(&self, strike: Strike) {
        *self.strike.lock() = Some(Box::new(strike));
    }

    pub(super) fn take_strike(&self) -> Option<Strike> {
        self.strike.lock().take().map(|strike| *strike)
    }

    /// Whether the console opened the connection.
    #[inline]
    pub(super) fn is_by_console(&self) -> bool {
        self.attempt.is_some()
    }

    /// Tells the console, if it opened the connection, which entry of the journal its request has.
    #[inline]
    pub(super) fn arrived(&self, index: u64) {
        if let Some(attempt) = &self.attempt {
            attempt.arrived(index);
        }
    }

    /// Notes the agreement of the TLS handshake.
    pub(super) fn agree_on(&self, tls: Tls) {
        let _ = self.tls.set(Box::new(tls));
    }

    /// The agreement of the handshake; `None` over plain HTTP.
    #[inline]
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.connection.as_deref().unwrap_or(self).tls.get().map(|tls| &**tls)
    }

    /// Wakes the task of this context when there is an order.
    pub(super) fn wake(&self, context: &Context<'_>) {
        *self.waker.lock() = Some(context.waker().clone());
    }

    /// Ends the connection of a stream once its requests are answered.
    pub(super) fn end_connection(&self) {
        if let Some(connection) = &self.connection {
            connection.drain();
        }
    }

    /// Resets the connection of a stream.
    #[cfg(feature = "http2")]
    pub(super) fn reset_connection(&self) {
        if let Some(connection) = &self.connection {
            connection.order(RESET);
        }
    }

    /// Whether the server drains, and [`Progress::take_drain`] will tell.
    #[cfg(feature = "http2")]
    pub(super) fn is_to_drain(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether the server drains; true once.
    pub(super) fn take_drain(&self) -> bool {
        self.draining.load(Ordering::Relaxed) && self.draining.swap(false, Ordering::AcqRel)
    }

    /// Whether a phase began too long ago.
    fn is_overdue(&self, phase: ConnectionPhase, now: u32, limits: &Limits, turn: Duration) -> bool {
        let Some(limit) = phase.limit(limits) else { return false };
        // The turn in which the phase began may have been nearly over.
        let passed = now.wrapping_sub(self.since.load(Ordering::Relaxed)).saturating_sub(1);
        turn.saturating_mul(passed) >= limit
    }

    /// Takes the order that is there, unless the connection got on since it was given.
    pub(super) fn take_order(&self, limits: &Limits) -> Option<ConnectionOrder> {
        if self.order.load(Ordering::Relaxed) == NO_ORDER {
            return None;
        }
        match self.order.swap(NO_ORDER, Ordering::AcqRel) {
            // It was given by another thread, which may have seen the phase before this one.
            OVERDUE => {
                let (phase, now) = (self.phase(), self.watch.turn.load(Ordering::Relaxed));
                self.is_overdue(phase, now, limits, turn_of(limits)).then_some(ConnectionOrder::Overdue(phase))
            }
            RESET => Some(ConnectionOrder::Reset),
            CUT => Some(ConnectionOrder::Cut),
            _ => None,
        }
    }

    fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.rouse();
    }

    /// Gives an order, unless a graver one is there.
    fn order(&self, order: u8) {
        self.order.fetch_max(order, Ordering::AcqRel);
        self.rouse();
    }

    fn rouse(&self) {
        if let Some(waker) = self.waker.lock().as_ref() {
            waker.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overdue_after(phase: ConnectionPhase, limits: &Limits) -> u32 {
        let watch = Arc::new(ConnectionWatch::default());
        let watched = watch.open(None);
        watched.progress.enter(phase);
        let turn = turn_of(limits);
        for turns in 1..1_000 {
            watch.sweep(limits, turn);
            if let Some(order) = watched.progress.take_order(limits) {
                assert_eq!(order, ConnectionOrder::Overdue(phase));
                return turns;
            }
        }
        0
    }

    #[test]
    fn a_phase_is_overdue_at_its_limit_and_never_before() {
        let limits = Limits::default();
        assert_eq!(turn_of(&limits), Duration::from_millis(500));
        assert_eq!(overdue_after(ConnectionPhase::New, &limits), 21);
        assert_eq!(overdue_after(ConnectionPhase::Head, &limits), 21);
        assert_eq!(overdue_after(ConnectionPhase::Idle, &limits), 121);
        assert_eq!(overdue_after(ConnectionPhase::Writing, &limits), 61);
        assert_eq!(overdue_after(ConnectionPhase::Busy, &limits), 0);
    }

    #[cfg(feature = "http2")]
    #[test]
    fn stream_serves_again_only_if_it_left_no_trace() {
        type Trace = fn(&Progress);
        let traces: [(Trace, bool); 4] = [
            (|progress| progress.enter(ConnectionPhase::Writing), true),
            (|progress| progress.order(OVERDUE), true),
            (Progress::leave_unread, false),
            (|progress| progress.wake(&Context::from_waker(Waker::noop())), false),
        ];
        let limits = Limits::default();
        let watch = Arc::new(ConnectionWatch::default());
        let connection = watch.open(None);
        for (trace, expected) in traces {
            let stream = connection.progress.stream();
            trace(&stream.progress);
            let renewed = stream.renew();
            assert_eq!(renewed.is_some(), expected);
            if let Some(renewed) = renewed {
                (0..1_000).for_each(|_| watch.sweep(&limits, turn_of(&limits)));
                assert!(!renewed.progress.is_writing() && renewed.progress.take_order(&limits).is_none());
            }
            assert!(watch.open.lock().streams.is_empty());
        }
        let stream = connection.progress.stream();
        let other = stream.progress.shared();
        assert!(stream.renew().is_none() && other.is_some());
    }

    #[test]
    fn a_connection_that_got_on_is_not_overdue() {
        let limits = Limits::default();
        let watch = Arc::new(ConnectionWatch::default());
        let watched = watch.open(None);
        watched.progress.enter(ConnectionPhase::Idle);
        for _ in 0..121 {
            watch.sweep(&limits, turn_of(&limits));
        }
        watched.progress.enter(ConnectionPhase::Busy);
        assert_eq!(watched.progress.take_order(&limits), None);
    }

    #[test]
    fn stronger_order_is_kept_and_ended_connection_forgotten() {
        let watch = Arc::new(ConnectionWatch::default());
        let watched = watch.open(None);
        watch.cut();
        watched.progress.order(OVERDUE);
        let limits = Limits::default();
        assert_eq!(watched.progress.take_order(&limits), Some(ConnectionOrder::Cut));
        assert_eq!(watched.progress.take_order(&limits), None);
        drop(watched);
        assert!(watch.open.lock().connections.is_empty());
    }

    #[test]
    fn a_connection_that_opens_after_an_order_hears_it() {
        let watch = Arc::new(ConnectionWatch::default());
        watch.drain();
        assert!(watch.open(None).progress.take_drain());
        watch.cut();
        assert_eq!(watch.open(None).progress.take_order(&Limits::default()), Some(ConnectionOrder::Cut));
    }
}
