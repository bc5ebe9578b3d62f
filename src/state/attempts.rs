//! The connections that the console's `try` opens to its own server, to tell its requests from clients'.
//!
//! A connection is known by the address of its client's end, which is bound and noted before it connects. No header says
//! whose a request is: a consumer could send it too.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Notify;

named_enum! {
    /// The credentials of an attempt.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Credentials {
        /// A signature with the account's access key.
        Signature = "signature",
        /// A token of the account.
        Token = "token",
        /// A signature with a temporary access key of the account.
        Temporary = "temporary",
        None = "none",
        /// A signature with the account's access key and another secret.
        Wrong = "wrong",
    }
}

impl Credentials {
    /// Whether the account needs an access key of its own for it.
    pub(crate) fn needs_key(self) -> bool {
        matches!(self, Self::Signature | Self::Wrong)
    }
}

/// The attempts of a server.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    /// Number of noted addresses, read for each connection.
    noted: AtomicUsize,
    counting: Counting,
    /// By the address from which they connect.
    connecting: Mutex<HashMap<SocketAddr, Arc<Attempt>>>,
}

/// The number of console calls that are being counted: verdicts wait until they are counted as the console's too.
#[derive(Debug, Default)]
struct Counting {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A call that is being counted until this is dropped.
#[derive(Debug)]
pub(crate) struct BeingCounted<'a>(&'a Counting);

/// One attempt, as the connection knows it that serves it.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    /// The index of its journal entry, or 0 before there is one.
    index: AtomicU64,
    accepted: Notify,
}

/// An address that is noted until this is dropped.
#[derive(Debug)]
pub(crate) struct NotedAddress<'a> {
    attempts: &'a Attempts,
    address: SocketAddr,
    attempt: Arc<Attempt>,
}

impl Attempts {
    /// Notes the address from which an attempt is about to connect.
    pub(crate) fn note(&self, address: SocketAddr) -> NotedAddress<'_> {
        let attempt = Arc::new(Attempt::default());
        self.connecting.lock().insert(address, Arc::clone(&attempt));
        self.noted.fetch_add(1, Ordering::SeqCst);
        NotedAddress { attempts: self, address, attempt }
    }

    /// Finds the attempt that connects from an address. There is nearly always none, which costs one load.
    #[inline]
    pub(crate) fn of(&self, peer: &SocketAddr) -> Option<Arc<Attempt>> {
        if self.noted.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let attempt = self.connecting.lock().get(peer).cloned();
        attempt.inspect(|attempt| attempt.accepted.notify_one())
    }
}

impl Attempts {
    /// A call of the console's is about to be counted.
    pub(crate) fn count(&self) -> BeingCounted<'_> {
        self.counting.begun.fetch_add(1, Ordering::SeqCst);
        BeingCounted(&self.counting)
    }

    /// A number that is another once a call was counted; none while one is.
    pub(crate) fn counted(&self) -> Option<u64> {
        let ended = self.counting.ended.load(Ordering::SeqCst);
        (self.counting.begun.load(Ordering::SeqCst) == ended).then_some(ended)
    }
}

impl Drop for BeingCounted<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Attempt {
    /// Notes the journal entry of its request.
    pub(crate) fn arrived(&self, index: u64) {
        self.index.store(index, Ordering::Release);
    }
}

impl NotedAddress<'_> {
    /// Waits until the connection was accepted, and is known. A request that was sent before could outlive this note, and be
    /// taken for a client's.
    pub(crate) async fn accepted(&self) {
        self.attempt.accepted.notified().await;
    }

    /// The index of the journal entry, once there is one.
    pub(crate) fn index(&self) -> Option<u64> {
        Some(self.attempt.index.load(Ordering::Acquire)).filter(|index| *index > 0)
    }
}

impl Drop for NotedAddress<'_> {
    fn drop(&mut self) {
        self.attempts.connecting.lock().remove(&self.address);
        self.attempts.noted.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempt_is_known_by_its_address_until_it_ends() {
        let attempts = Attempts::default();
        let [own, other] = ["127.0.0.1:1", "127.0.0.1:2"].map(|address| address.parse().unwrap());
        assert!(attempts.of(&own).is_none());
        let noted = attempts.note(own);
        assert!(attempts.of(&other).is_none());
        assert_eq!(noted.index(), None);
        attempts.of(&own).unwrap().arrived(7);
        assert_eq!(noted.index(), Some(7));
        drop(noted);
        assert!(attempts.of(&own).is_none());
    }
}
