//! Counts for monitoring, in atomics: counting is a few additions, and reading blocks nothing.

use crate::contract::Operation;
use crate::scenario::{FAULT_KINDS, Fault};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the buckets of durations, in microseconds.
pub(crate) const DURATION_BUCKETS_US: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];
/// Statuses that can be counted, from 100.
const STATUSES: usize = 500;

named_enum! {
    /// The origin of the answer to a request.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum DecidedBy {
        Rule = "rule",
        OwnBehaviour = "own",
        /// It was refused before it was counted.
        Rejection = "rejection",
    }
}

named_enum! {
    /// A limit that was reached.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum LimitHit {
        Connections = "connections",
        Handshakes = "handshakes",
        Head = "head",
        HeadBytes = "head_bytes",
        TargetBytes = "target_bytes",
        BodyBytes = "body_bytes",
        BodyTime = "body_time",
        Idle = "idle",
        Stall = "stall",
        RequestsPerConnection = "requests_per_connection",
        HeldBytes = "held_bytes",
        Frames = "frames",
    }
}

/// Codes of the errors for which clients of HTTP/2 are sent away, with their numbers.
const HTTP_2_ERRORS: [(u32, &str); 6] = [
    (1, "PROTOCOL_ERROR"),
    (3, "FLOW_CONTROL_ERROR"),
    (5, "STREAM_CLOSED"),
    (6, "FRAME_SIZE_ERROR"),
    (9, "COMPRESSION_ERROR"),
    (11, "ENHANCE_YOUR_CALM"),
];

/// The counts of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// By operation (the last is unknown), origin and status.
    requests: Box<[AtomicU64]>,
    durations: [AtomicU64; DURATION_BUCKETS_US.len() + 1],
    durations_us: AtomicU64,
    /// By place in the table of faults.
    faults: [AtomicU64; FAULT_KINDS.len()],
    limits: [AtomicU64; LimitHit::ALL.len()],
    pub(crate) connections_opened: AtomicU64,
    pub(crate) connections_closed: AtomicU64,
    pub(crate) handshakes_finished: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
    /// By place in the table of codes; the last has all others.
    http2_errors: [AtomicU64; HTTP_2_ERRORS.len() + 1],
}

/// Number of requests of a kind.
#[derive(Debug)]
pub(crate) struct Requests {
    /// The operationId, if the path is known.
    pub(crate) operation: Option<&'static str>,
    pub(crate) decided_by: DecidedBy,
    pub(crate) status: u16,
    pub(crate) count: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let kinds = (Operation::ALL.len() + 1) * DecidedBy::ALL.len() * STATUSES;
        Self {
            requests: (0..kinds).map(|_| AtomicU64::new(0)).collect(),
            durations: Default::default(),
            durations_us: AtomicU64::new(0),
            faults: Default::default(),
            limits: Default::default(),
            connections_opened: AtomicU64::new(0),
            connections_closed: AtomicU64::new(0),
            handshakes_finished: AtomicU64::new(0),
            handshakes_failed: AtomicU64::new(0),
            http2_errors: Default::default(),
        }
    }
}

impl Metrics {
    /// Counts a request that was answered. `operation` is its index in the table of operations.
    pub(crate) fn answered(&self, operation: Option<usize>, decided_by: DecidedBy, status: u16, took: Duration) {
        let operation = operation.unwrap_or(Operation::ALL.len());
        let status = usize::from(status).saturating_sub(100).min(STATUSES - 1);
        let kind = operation * DecidedBy::ALL.len() + decided_by as usize;
        add(self.requests.get(kind * STATUSES + status), 1);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = DURATION_BUCKETS_US.iter().position(|end| took <= *end).unwrap_or(DURATION_BUCKETS_US.len());
        add(self.durations.get(bucket), 1);
        self.durations_us.fetch_add(took, Ordering::Relaxed);
    }

    /// Counts a connection of HTTP/2 that ends because of an error of its client, by the code's number.
    #[cfg(feature = "http2")]
    pub(crate) fn http2_error(&self, code: u32) {
        let place = HTTP_2_ERRORS.iter().position(|(known, _)| *known == code).unwrap_or(HTTP_2_ERRORS.len());
        add(self.http2_errors.get(place), 1);
    }

    /// Number of such connections for each code.
    #[cfg(feature = "metrics")]
    pub(crate) fn http2_errors(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = HTTP_2_ERRORS.into_iter().map(|(_, name)| name).chain(["other"]);
        names.zip(&self.http2_errors).map(|(name, count)| (name, count.load(Ordering::Relaxed)))
    }

    /// Counts a fault that was sent instead of an answer, or spoiled one.
    pub(crate) fn injected(&self, fault: Fault) {
        add(self.faults.get(fault.index()), 1);
    }

    /// Number of injections of each fault, by name.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (&'static str, u64)> {
        FAULT_KINDS.iter().map(|kind| kind.name).zip(self.faults.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    pub(crate) fn hit(&self, limit: LimitHit) {
        add(self.limits.get(limit as usize), 1);
    }

    /// Number of times that a limit was reached.
    pub(crate) fn hits(&self, limit: LimitHit) -> u64 {
        self.limits.get(limit as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Every kind of request that there was.
    pub(crate) fn requests(&self) -> Vec<Requests> {
        let mut found = Vec::new();
        for (kind, counts) in self.requests.chunks(STATUSES).enumerate() {
            let operation = Operation::ALL.get(kind / DecidedBy::ALL.len()).map(|operation| operation.id);
            let Some(decided_by) = DecidedBy::ALL.get(kind % DecidedBy::ALL.len()).copied() else {
                continue;
            };
            for (status, count) in (100..).zip(counts) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    found.push(Requests { operation, decided_by, status, count });
                }
            }
        }
        found
    }

    /// Number of requests in each bucket of durations (the last has no upper bound), and the sum of durations.
    pub(crate) fn durations(&self) -> (Vec<u64>, Duration) {
        let counts = self.durations.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        (counts, Duration::from_micros(self.durations_us.load(Ordering::Relaxed)))
    }
}

fn add(count: Option<&AtomicU64>, more: u64) {
    if let Some(count) = count {
        count.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_kind_and_duration() {
        let metrics = Metrics::default();
        metrics.answered(Some(0), DecidedBy::Rule, 503, Duration::from_micros(50));
        metrics.answered(Some(0), DecidedBy::Rule, 503, Duration::from_micros(51));
        metrics.answered(None, DecidedBy::Rejection, 404, Duration::from_mins(1));
        let requests = metrics.requests();
        let seen: Vec<_> =
            requests.iter().map(|kind| (kind.operation, kind.decided_by.name(), kind.status, kind.count)).collect();
        assert_eq!(seen, [(Some("ResetRandomPassword"), "rule", 503, 2), (None, "rejection", 404, 1)]);
        let (buckets, sum) = metrics.durations();
        assert_eq!((buckets[0], buckets[1], buckets[16]), (1, 1, 1));
        assert_eq!(sum, Duration::from_micros(60_000_101));
    }

    #[test]
    fn names_and_places_of_limits_agree() {
        let metrics = Metrics::default();
        for limit in LimitHit::ALL {
            metrics.hit(limit);
            assert_eq!(metrics.hits(limit), 1, "{}", limit.name());
        }
    }
}
