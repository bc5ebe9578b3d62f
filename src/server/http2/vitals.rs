//! The state of a connection, which decides what its client is waited for.

use super::frames::FrameKind;
use super::shared_values::SharedValues;
use crate::limits::Limits;
use crate::server::deadlines::Progress;
use crate::server::phase::ConnectionPhase;
use crate::state::Clock;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The span in which frames are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// State that the socket and the requests of a connection share.
#[derive(Debug)]
pub(super) struct Vitals {
    progress: Arc<Progress>,
    /// Requests that are being answered.
    requests: AtomicUsize,
    has_begun: AtomicBool,
    is_in_head: AtomicBool,
    /// Whether the client takes nothing.
    is_blocked: AtomicBool,
    is_flooded: AtomicBool,
    resets: Mutex<Count>,
    controls: Mutex<Count>,
    /// Told whenever all bytes that could be sent are sent.
    flushed: Notify,
    pub(super) values: SharedValues,
}

/// Frames of a kind in a minute.
#[derive(Debug, Default)]
struct Count {
    count: u64,
    since: Duration,
}

impl Count {
    /// Counts one more; whether that is too many. Time is looked at only where the bound is reached.
    fn is_over(&mut self, most: u64, now: impl FnOnce() -> Duration) -> bool {
        self.count += 1;
        if self.count <= most {
            return false;
        }
        let now = now();
        let is_over = now.saturating_sub(self.since) < MINUTE;
        if !is_over {
            *self = Self { count: 1, since: now };
        }
        is_over
    }
}

impl Vitals {
    pub(super) fn new(progress: &Arc<Progress>, now: Duration) -> Self {
        Self {
            progress: Arc::clone(progress),
            requests: AtomicUsize::new(0),
            has_begun: AtomicBool::new(false),
            is_in_head: AtomicBool::new(false),
            is_blocked: AtomicBool::new(false),
            is_flooded: AtomicBool::new(false),
            resets: Mutex::new(Count { count: 0, since: now }),
            controls: Mutex::new(Count { count: 0, since: now }),
            flushed: Notify::new(),
            values: SharedValues::default(),
        }
    }

    /// A request begins.
    pub(super) fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.settle();
    }

    /// A request has ended.
    pub(super) fn end(&self) {
        self.requests.fetch_sub(1, Ordering::Relaxed);
        self.settle();
    }

    pub(super) fn has_requests(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }

    /// A frame has begun to arrive.
    pub(super) fn count(&self, kind: FrameKind, limits: &Limits, clock: &Clock) {
        self.has_begun.store(true, Ordering::Relaxed);
        let (count, most) = match kind {
            FrameKind::Reset => (&self.resets, limits.resets_per_minute_max),
            FrameKind::Control => (&self.controls, limits.control_frames_per_minute_max),
            FrameKind::Data | FrameKind::Head { .. } | FrameKind::WindowUpdate => return,
        };
        if count.lock().is_over(most, || clock.now()) {
            self.is_flooded.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the client sent too many frames that ask for nothing.
    pub(super) fn is_flooded(&self) -> bool {
        self.is_flooded.load(Ordering::Relaxed)
    }

    /// Bytes arrived.
    pub(super) fn read(&self, is_in_head: bool) {
        self.is_in_head.store(is_in_head, Ordering::Relaxed);
        self.settle();
    }

    /// The client takes nothing at the moment.
    pub(super) fn block(&self) {
        self.is_blocked.store(true, Ordering::Relaxed);
        self.settle();
    }

    /// The client took some bytes.
    pub(super) fn written(&self) {
        if self.is_blocked.swap(false, Ordering::Relaxed) {
            self.settle();
        }
    }

    /// Some bytes left.
    pub(super) fn advance(&self) {
        self.progress.advance();
    }

    /// All that could be sent was offered to the socket.
    pub(super) fn offered(&self) {
        if !self.is_blocked.load(Ordering::Relaxed) {
            self.flushed.notify_waiters();
        }
    }

    /// Waits until the bytes that can be sent now are sent.
    pub(super) async fn flushed(&self) {
        self.flushed.notified().await;
    }

    /// Enters the phase that all of this makes.
    fn settle(&self) {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let phase = if is(&self.is_blocked) {
            ConnectionPhase::Writing
        } else if is(&self.is_in_head) {
            ConnectionPhase::Head
        } else if self.has_requests() {
            ConnectionPhase::Busy
        } else if is(&self.has_begun) {
            ConnectionPhase::Idle
        } else {
            ConnectionPhase::New
        };
        if phase != self.progress.phase() {
            self.progress.enter(phase);
        }
    }
}
