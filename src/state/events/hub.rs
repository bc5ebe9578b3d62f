//! The last events as text, written once for all followers, within a bound of bytes.

use super::mark::Mark;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio_util::sync::DropGuard;

/// The followers of events.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    /// Exists while anyone follows.
    hub: Mutex<Weak<Hub>>,
}

/// Some events as text.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) text: Bytes,
    /// Where each event ends, and a bit for its kind.
    pub(crate) ends: Vec<(usize, u8)>,
    /// The mark of a follower that has seen it and all before it.
    pub(crate) mark: Mark,
}

/// The batch at a follower's position.
#[derive(Debug)]
pub(crate) enum Next {
    Batch(Batch),
    /// Nothing has happened since.
    Nothing,
    /// The batch is not kept any more.
    Behind,
}

/// The last batches.
#[derive(Debug)]
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    told: Notify,
    bytes_max: usize,
    /// Ends with the hub.
    publisher: OnceLock<DropGuard>,
}

#[derive(Debug)]
struct Ring {
    batches: VecDeque<Batch>,
    /// The position of the first.
    first: u64,
    bytes: usize,
    /// The mark of a follower that has seen all batches.
    mark: Mark,
}

impl Followers {
    /// The hub that is there, or a new one from this mark on, which the thread that `publish` starts keeps up to date.
    pub(crate) fn hub(
        &self,
        bytes_max: usize,
        mark: impl FnOnce() -> Mark,
        publish: impl FnOnce(Weak<Hub>) -> io::Result<DropGuard>,
    ) -> io::Result<Arc<Hub>> {
        let mut current = self.hub.lock();
        if let Some(hub) = current.upgrade() {
            return Ok(hub);
        }
        let ring = Ring { batches: VecDeque::new(), first: 0, bytes: 0, mark: mark() };
        let publisher = OnceLock::new();
        let hub = Arc::new(Hub { ring: Mutex::new(ring), told: Notify::new(), bytes_max, publisher });
        // It is not shared yet.
        let _ = hub.publisher.set(publish(Arc::downgrade(&hub))?);
        *current = Arc::downgrade(&hub);
        Ok(hub)
    }
}

impl Hub {
    /// The mark of the publisher.
    pub(crate) fn mark(&self) -> Mark {
        self.ring.lock().mark.clone()
    }

    /// The position of the next batch, and the mark of a follower there.
    pub(crate) fn end(&self) -> (u64, Mark) {
        let ring = self.ring.lock();
        (ring.first + ring.batches.len() as u64, ring.mark.clone())
    }

    /// The batch at a position.
    pub(crate) fn at(&self, position: u64) -> Next {
        let ring = self.ring.lock();
        let Some(at) = position.checked_sub(ring.first) else { return Next::Behind };
        let batch = usize::try_from(at).ok().and_then(|at| ring.batches.get(at));
        batch.map_or(Next::Nothing, |batch| Next::Batch(batch.clone()))
    }

    /// The next batch from now on, whenever it is awaited.
    pub(crate) fn told(&self) -> Notified<'_> {
        self.told.notified()
    }

    /// Adds a batch, and drops the oldest for it. Only the publisher does.
    pub(crate) fn add(&self, batch: Batch) {
        let mut ring = self.ring.lock();
        ring.mark = batch.mark.clone();
        if batch.text.is_empty() {
            return;
        }
        ring.bytes += batch.bytes();
        ring.batches.push_back(batch);
        while ring.bytes > self.bytes_max && ring.batches.len() > 1 {
            let Some(oldest) = ring.batches.pop_front() else { break };
            ring.bytes -= oldest.bytes();
            ring.first += 1;
        }
        drop(ring);
        self.told.notify_waiters();
    }
}

impl Batch {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + size_of_val(self.ends.as_slice()) + self.mark.bytes()
    }
}
